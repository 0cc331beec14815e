r"""What a usage type says of a model's use: model, kind of token, tier and cross-region routing.

Three spellings live side by side, and a bill mixes them. What a usage type does not say stays
empty: a wrong model looks as right on a page as a true one.

| Spelling | Example | Seen in |
|---|---|---|
| words after the model | `USE1-NovaLite-input-tokens-batch` | AmazonBedrock and \
AmazonBedrockService, in bills and in AWS's price list |
| the same after `-mantle` | `USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard` \
| the same two, calls through bedrock-mantle |
| Marketplace, joined words | `USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units` | \
AmazonBedrockFoundationModels in AWS's price list |
| Marketplace, snake case | `USW2-MP:USW2_cache_write_tokens_1h_global_standard-Units` | the same |

- Kinds: AWS, *Understanding your CUR data* (Bedrock user guide): `-input-tokens`,
  `-output-tokens`, `-cache-read-input-token-count`, `-cache-write-input-token-count`; bills and the
  price list also have `-cache-read-tokens`, `-text-input-tokens`, `-input-audio-token-count` and,
  for batches in the Marketplace, `MillionBatchInputTokens`.
- Tiers: `batch`, `flex`, `priority`, `standard` and latency optimised are suffixes. None of them is
  the standard tier, as long as every other word is known.
- `Reserved_1Month_InputTPM` is reserved capacity and `ProvisionedThroughput` are model units:
  hours of capacity, in which no token is counted. Their Marketplace strings are in the price list;
  `-ProvisionedThroughput-NoCommit-ModelUnits` was seen in public test data only.
- Cross-region: `cross-region-global` and `Global` are calls through a global profile, `Geo` and
  `cross-region` alone through one of a geography. A geographic profile may be billed like a call
  within the region, so `none` means: the bill says nothing of it.
- The model is what stands before the words, as the bill spells it. In the Marketplace only the
  product's name tells it: `Claude Opus 5.5 (Amazon Bedrock Edition)`.
- Units: bills count in `1K tokens`, and since AWS changed it also in `1M tokens` (CUDOS changelog).
  `Units` alone says nothing.
"""

import re
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple


class TokenKind(StrEnum):
    """What the tokens were; empty for what isn't counted in tokens."""

    INPUT = "input"
    OUTPUT = "output"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    NONE = ""

    @property
    def label(self) -> str:
        """Return the words for people."""
        return self.value.replace("_", " ").capitalize()


class Tier(StrEnum):
    """How a call was served; empty where the usage type doesn't tell."""

    STANDARD = "standard"
    BATCH = "batch"
    FLEX = "flex"
    PRIORITY = "priority"
    LATENCY = "latency"
    RESERVED = "reserved"
    PROVISIONED = "provisioned"
    UNKNOWN = ""


class CrossRegion(StrEnum):
    """Which inference profile a call went through; empty where the usage type doesn't tell."""

    NONE = "none"
    REGIONAL = "regional"
    GLOBAL = "global"
    UNKNOWN = ""


class UsageClass(NamedTuple):
    """What a usage type says; empty texts where it says nothing."""

    model: str = ""
    token_kind: TokenKind = TokenKind.NONE
    tier: Tier = Tier.UNKNOWN
    cross_region: CrossRegion = CrossRegion.UNKNOWN


UNKNOWN = UsageClass()
# Tokens in one pricing unit.
TOKENS_PER_UNIT = {"1k tokens": 1_000, "1m tokens": 1_000_000}

REGION = r"(?:EU|[A-Z]{3}[0-9])"
EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)\s*$", re.IGNORECASE)
MARKETPLACE = re.compile(rf"(?:{REGION}-)?MP:(?:{REGION}_)?(?P<words>.+)-Units")
SEEN = r"(?:text|image|audio|video|speech)"
# The first meter in a usage type: what stands before it is the model, what follows are suffixes.
METER = re.compile(
    rf"(?:-{SEEN})?-(?P<kind>cache-?read|cache-?write|input|output)(?:-1h)?(?:-input)?(?:-{SEEN})?"
    r"-token(?:s|-count)(?=-|$)"
)
MARKETPLACE_METER = re.compile(
    r"(?:million)?(?P<batch>batch)?(?P<kind>cache_?read|cache_?write|input|output|response)"
    r"(?:_?1h)?(?:_?input)?_?token(?:s|_?count)(?=_|$)"
)
PROVISIONED = re.compile(r"(?:^|[-_])ProvisionedThroughput[-_]", re.IGNORECASE)
RESERVED = re.compile(r"(?:^|_)Reserved_[0-9]+Months?_(?:Input|Output)TPM(?P<rest>.*)")
KINDS = {
    "input": TokenKind.INPUT,
    "output": TokenKind.OUTPUT,
    "response": TokenKind.OUTPUT,
    "cacheread": TokenKind.CACHE_READ,
    "cachewrite": TokenKind.CACHE_WRITE,
}
# Suffixes, the longer ones first. What says neither tier nor routing is known all the same: how
# long a cache is kept, a long context, a model of one's own.
SUFFIXES: tuple[tuple[str, Tier | CrossRegion | None], ...] = (
    ("cross-region-global", CrossRegion.GLOBAL),
    ("cross-region", CrossRegion.REGIONAL),
    ("global", CrossRegion.GLOBAL),
    ("geo", CrossRegion.REGIONAL),
    ("latency-optimized", Tier.LATENCY),
    ("latencyoptimized", Tier.LATENCY),
    ("standard", Tier.STANDARD),
    ("batch", Tier.BATCH),
    ("flex", Tier.FLEX),
    ("priority", Tier.PRIORITY),
    ("reserved", Tier.RESERVED),
    ("long-context", None),
    ("long-ctx", None),
    ("custom-model", None),
    ("1h", None),
    ("30m", None),
    ("5m", None),
)


def classify(usage_type: str, product_name: str = "") -> UsageClass:
    """Return what a usage type, with the product's name for the Marketplace, says of its use."""
    market = MARKETPLACE.fullmatch(usage_type)
    if market is not None:
        return _in_marketplace(market["words"], product_name)
    words = re.sub(rf"^{REGION}-", "", usage_type)
    meter = METER.search(words)
    if meter is not None:
        model = words[: meter.start()].removesuffix("-mantle")
        kind = KINDS[meter["kind"].replace("-", "")]
        return UsageClass(model, kind, *_suffixes(words[meter.end() :])) if model else UNKNOWN
    provisioned = PROVISIONED.search(words)
    if provisioned is not None:
        return UsageClass(words[: provisioned.start()], tier=Tier.PROVISIONED)
    return UNKNOWN


def tokens_of(amount: Decimal, pricing_unit: str) -> Decimal | None:
    """Return an amount in pricing units as tokens, exact; None for a unit that isn't of tokens."""
    per_unit = TOKENS_PER_UNIT.get(pricing_unit.strip().lower())
    if per_unit is None:
        return None
    # Python rounds to 28 digits unless told otherwise; sums of usage have up to 38.
    with localcontext(prec=76):
        return amount * per_unit


def _in_marketplace(words: str, product_name: str) -> UsageClass:
    """Classify the words between `MP:` and `-Units`; other makers' products have none of them."""
    model = EDITION.sub("", product_name) if EDITION.search(product_name) else ""
    text = words.lower()
    meter = MARKETPLACE_METER.match(text)
    if meter is not None:
        kind = KINDS[meter["kind"].replace("_", "")]
        tail = text[meter.end() :].replace("_", "-")
        return UsageClass(model, kind, *_suffixes(f"-batch{tail}" if meter["batch"] else tail))
    reserved = RESERVED.search(words)
    if reserved is not None:
        _, cross_region = _suffixes(reserved["rest"].lower().replace("_", "-"))
        return UsageClass(model, tier=Tier.RESERVED, cross_region=cross_region)
    if PROVISIONED.search(words):
        return UsageClass(model, tier=Tier.PROVISIONED)
    return UsageClass(model)


def _suffixes(tail: str) -> tuple[Tier, CrossRegion]:
    """Read the suffixes after a meter. With an unknown one, what isn't said is not known."""
    tier, cross_region, all_known = Tier.UNKNOWN, CrossRegion.UNKNOWN, True
    rest = tail.removeprefix("-")
    while rest:
        found = next((s for s in SUFFIXES if f"{rest}-".startswith(f"{s[0]}-")), None)
        if found is None:
            all_known = False
            rest = rest.partition("-")[2]
            continue
        if isinstance(found[1], Tier):
            tier = found[1]
        elif isinstance(found[1], CrossRegion):
            cross_region = found[1]
        rest = rest[len(found[0]) :].removeprefix("-")
    if all_known:
        return tier or Tier.STANDARD, cross_region or CrossRegion.NONE
    return tier, cross_region
