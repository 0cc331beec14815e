"""Sets of thresholds in circulation, each named after its source. No Django.

They disagree with each other, and none is a standard: the FinOps Foundation calls its own "sample
goals from the community". An organisation chooses, and its choice is a version of each threshold
with the source in its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Preset:
    """Thresholds by key, as one source gives them, and what it says or doesn't.

    `source` goes into the reason of each version; `note` says where the source and what is scored
    here are not quite the same.
    """

    key: str
    label: str
    source: str
    note: str
    values: Mapping[str, Decimal]


def _percents(**percents: int) -> dict[str, Decimal]:
    return {
        f"maturity.{name.replace('__', '.')}": Decimal(percent)
        for name, percent in percents.items()
    }


PRESETS = (
    Preset(
        "method",
        "The method's own",
        "ValueBoard's method, section 9",
        "Estimate Coverage, Value at Approval and Gap Response are defined by ValueBoard; nobody "
        "else publishes tiers for them.",
        _percents(
            attribution__walk=80,
            attribution__run=90,
            estimate__walk=70,
            estimate__run=90,
            approval__walk=50,
            approval__run=90,
            accuracy__walk_percent=20,
            accuracy__run_percent=12,
            accuracy__share=70,
            response__walk=60,
            response__run=90,
        )
        | {"maturity.response.days": Decimal(30)},
    ),
    Preset(
        "finops-maturity-older",
        "FinOps Foundation, maturity model, older page",
        "FinOps Foundation, FinOps Maturity Model, page as quoted before 2026: allocated from 50, "
        "80 and above 90 percent; forecast variance 20, 15 and 12 percent",
        "Sample goals from the community, not a standard. Its variance is of the whole forecast; "
        "here it is of each workload's month. Crawl begins at 0 here.",
        _percents(
            attribution__walk=80,
            attribution__run=90,
            accuracy__walk_percent=15,
            accuracy__run_percent=12,
        ),
    ),
    Preset(
        "finops-maturity-2026",
        "FinOps Foundation, maturity model, page of 2026",
        "FinOps Foundation, FinOps Maturity Model, page as quoted on 9 June 2026: cost allocated "
        "to a known owner from 70, 85 and above 90 percent; forecast variance below 20, 10 and 5 "
        "percent",
        "Sample goals from the community, not a standard; known from one quotation. Its variance "
        "is of the whole forecast and lies below the bound; here it is of each workload's month "
        "and may be the bound. Crawl begins at 0 here.",
        _percents(
            attribution__walk=85,
            attribution__run=90,
            accuracy__walk_percent=10,
            accuracy__run_percent=5,
        ),
    ),
    Preset(
        "microsoft-finops-toolkit",
        "Microsoft FinOps toolkit, forecasting",
        "Microsoft, FinOps toolkit documentation, Quantify business value: Forecasting: 12 to 20 "
        "percent variance is on target, below 12 percent is optimised",
        "Gives bounds of variance alone.",
        _percents(accuracy__walk_percent=20, accuracy__run_percent=12),
    ),
)
PRESETS_BY_KEY = {preset.key: preset for preset in PRESETS}
