from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_ingest.usage_classes import UNKNOWN, UsageClass, classify, tokens_of

OPUS = "Claude Opus 5.5 (Amazon Bedrock Edition)"
GLOBAL, REGIONAL, HERE = "global", "regional", "none"


@pytest.mark.parametrize(
    ("usage_type", "expected"),
    [
        # --- AmazonBedrock ---
        ("USE1-NovaLite-input-tokens", ("NovaLite", "input", "standard", HERE)),
        ("USE1-NovaMicro-output-tokens", ("NovaMicro", "output", "standard", HERE)),
        ("USE1-Claude3Sonnet-input-tokens", ("Claude3Sonnet", "input", "standard", HERE)),
        ("USE1-Claude2.0-input-tokens", ("Claude2.0", "input", "standard", HERE)),
        (
            "USE1-Llama4-Maverick-17B-input-tokens-batch",
            ("Llama4-Maverick-17B", "input", "batch", HERE),
        ),
        (
            "USE1-GPT-OSS-Safeguard-20B-input-tokens-priority",
            ("GPT-OSS-Safeguard-20B", "input", "priority", HERE),
        ),
        ("USE1-Gemma-3-4B-IT-input-tokens-flex", ("Gemma-3-4B-IT", "input", "flex", HERE)),
        (
            "EU-TitanEmbeddingV2-Text-input-tokens",
            ("TitanEmbeddingV2-Text", "input", "standard", HERE),
        ),
        (
            "USE1-Qwen3-32B-input-tokens-custom-model",
            ("Qwen3-32B", "input", "standard", HERE),
        ),
        (
            "USE1-NovaLite-cache-read-input-token-count",
            ("NovaLite", "cache_read", "standard", HERE),
        ),
        (
            "USW2-Nova2.0Lite-cache-write-input-token-count-flex",
            ("Nova2.0Lite", "cache_write", "flex", HERE),
        ),
        (
            "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch",
            ("Nova2.0Lite", "input", "batch", GLOBAL),
        ),
        (
            "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
            ("Nova2.0Pro", "input", "priority", GLOBAL),
        ),
        (
            "USW2-Nova2.0Omni-input-audio-token-count",
            ("Nova2.0Omni", "input", "standard", HERE),
        ),
        (
            "USE1-Qwen3-32B-ProvisionedThroughput-NoCommit-ModelUnits",
            ("Qwen3-32B", "", "provisioned", ""),
        ),
        # --- AmazonBedrockService ---
        (
            "USE1-Claude4.6Opus-input-tokens-cross-region-global",
            ("Claude4.6Opus", "input", "standard", GLOBAL),
        ),
        (
            "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global",
            ("Claude4.6Opus", "cache_read", "standard", GLOBAL),
        ),
        (
            "USE1-Claude4.6Opus-output-tokens-cross-region",
            ("Claude4.6Opus", "output", "standard", REGIONAL),
        ),
        (
            "USW2-anthropic.claude-opus-4-8-mantle-input-tokens-standard",
            ("anthropic.claude-opus-4-8", "input", "standard", HERE),
        ),
        (
            "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard",
            ("anthropic.claude-opus-4-8", "cache_write", "standard", GLOBAL),
        ),
        (
            "USW2-moonshotai.kimi-k3-mantle-cache-write-tokens-30m-standard",
            ("moonshotai.kimi-k3", "cache_write", "standard", HERE),
        ),
        (
            "USW2-moonshotai.kimi-k3-mantle-input-tokens-global-flex",
            ("moonshotai.kimi-k3", "input", "flex", GLOBAL),
        ),
    ],
)
def test_a_usage_type_of_bedrock_names_its_model(
    usage_type: str, expected: tuple[str, str, str, str]
) -> None:
    assert classify(usage_type, "Amazon Bedrock") == expected


@pytest.mark.parametrize(
    ("usage_type", "expected"),
    [
        ("USE1-MP:USE1_InputTokenCount-Units", ("input", "standard", HERE)),
        ("USE1-MP:USE1_OutputTokenCount_Global-Units", ("output", "standard", GLOBAL)),
        ("USE1-MP:USE1_InputTokenCount_Global_Batch-Units", ("input", "batch", GLOBAL)),
        ("USE1-MP:USE1_CacheReadInputTokenCount-Units", ("cache_read", "standard", HERE)),
        ("USE1-MP:USE1_CacheWriteInputTokenCount-Units", ("cache_write", "standard", HERE)),
        (
            "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units",
            ("cache_write", "standard", GLOBAL),
        ),
        (
            "USW2-MP:USW2_OutputTokenCount_LatencyOptimized-Units",
            ("output", "latency", HERE),
        ),
        ("APN1-MP:APN1_MillionBatchInputTokens-Units", ("input", "batch", HERE)),
        ("USW2-MP:USW2_output_tokens_standard-Units", ("output", "standard", HERE)),
        ("EU-MP:EU_input_tokens_long_ctx_global_standard-Units", ("input", "standard", GLOBAL)),
        (
            "USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units",
            ("cache_write", "standard", GLOBAL),
        ),
        ("APS7-MP:APS7_Reserved_1Month_InputTPM_Geo-Units", ("", "reserved", REGIONAL)),
        (
            "USE1-MP:USE1_ProvisionedThroughput_1MonthCommit_ModelUnits_Usage-Units",
            ("", "provisioned", ""),
        ),
        ("USE1-MP:USE1_search_units-Units", ("", "", "")),
        ("USE1-MP:USE1_InputImageCount-Units", ("", "", "")),
    ],
)
def test_in_the_marketplace_the_product_names_the_model(
    usage_type: str, expected: tuple[str, str, str]
) -> None:
    assert classify(usage_type, OPUS) == ("Claude Opus 5.5", *expected)
    # Another maker's name says nothing of a model; what the usage type says stands.
    assert classify(usage_type, "Quietriver Insight Platform") == ("", *expected)


@pytest.mark.parametrize(
    "usage_type",
    [
        "",
        "Dollar",
        "USE1-BoxUsage:p4d.24xlarge",
        "USE1-Host:ml.g5.2xlarge",
        "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed",
        "USE1-cohere.rerank-english-v3-search-units",
        "USW2-Ray-V2-Medfps-HDRes",
        "USE1-AmazonQ-Business-Pro",
        "MP:Quietriver-Units",
        "MP:Quietriver_reserved_nodes-Units",
        "USE1-input-tokens",  # no model stands before it
        "USE1-tokens",
    ],
)
def test_what_no_pattern_knows_stays_empty(usage_type: str) -> None:
    assert classify(usage_type, "Amazon Bedrock") == UNKNOWN


def test_a_suffix_that_nobody_knows_leaves_open_what_is_not_said() -> None:
    """A new tier must not be counted as the standard one."""
    assert classify("USE1-NovaLite-input-tokens-turbo") == ("NovaLite", "input", "", "")
    assert classify("USE1-NovaLite-input-tokens-turbo-batch") == ("NovaLite", "input", "batch", "")
    found = classify("USE1-MP:USE1_input_tokens_turbo_global-Units", OPUS)
    assert found == ("Claude Opus 5.5", "input", "", "global")


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_answered(usage_type: str, product_name: str) -> None:
    assert isinstance(classify(usage_type, product_name), UsageClass)


@pytest.mark.parametrize(
    ("amount", "unit", "tokens"),
    [
        ("1.5", "1K tokens", "1500"),
        ("0.000000000001", "1M tokens", "0.000001"),
        ("2", "1M Tokens", "2000000"),
        # As many digits as the column holds: none is rounded away.
        ("9" * 26 + ".123456789012", "1K tokens", "9" * 26 + "123.456789012"),
        ("3", "Units", None),
        ("3", "1M TPM Hour", None),
        ("3", "1KTPMHour", None),
        ("3", "TextUnit", None),
        ("3", "", None),
    ],
)
def test_tokens_are_counted_only_in_a_unit_of_tokens(
    amount: str, unit: str, tokens: str | None
) -> None:
    assert tokens_of(Decimal(amount), unit) == (None if tokens is None else Decimal(tokens))
