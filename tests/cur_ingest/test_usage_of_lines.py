"""Daily lines of AI and the Marketplace say which model was used, and how; others say nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

from cur_ingest.models import DailyLine
from tests.spend import bedrock, load

OPUS = "Claude Opus 5.5 (Amazon Bedrock Edition)"


@pytest.mark.django_db
def test_a_load_fills_the_usage_class_of_lines_in_all_three_spellings(tmp_path: Path) -> None:
    load(
        tmp_path,
        bedrock("chat", 1.0, line_item_usage_type="USE1-NovaLite-input-tokens-batch"),
        bedrock(
            "chat",
            2.0,
            line_item_product_code="AmazonBedrockService",
            line_item_usage_type="USE1-Claude4.6Opus-output-tokens-cross-region-global",
        ),
        bedrock(
            "chat",
            3.0,
            line_item_product_code="8mq2xk4v9r7t1n5c3b6z0w8y2a",
            line_item_usage_type="USE1-MP:USE1_CacheWrite1hInputTokenCount-Units",
            bill_billing_entity="AWS Marketplace",
            product={"product_name": OPUS},
        ),
        bedrock("chat", 4.0, line_item_usage_type="USE1-Guardrail-ContentPolicyUnitsConsumed"),
        # No AI: its usage type is not kept, and nothing is said of a model.
        {"line_item_usage_type": "USE1-NovaLite-input-tokens", "line_item_unblended_cost": 5.0},
    )
    names = ("unblended", "model", "token_kind", "tier", "cross_region")
    assert list(DailyLine.objects.order_by("unblended").values_list(*names)) == [
        (Decimal(1), "NovaLite", "input", "batch", "none"),
        (Decimal(2), "Claude4.6Opus", "output", "standard", "global"),
        (Decimal(3), "Claude Opus 5.5", "cache_write", "standard", "none"),
        (Decimal(4), "", "", "", ""),
        (Decimal(5), "", "", "", ""),
    ]
