"""Shared cost split among workloads, so that its parts add up to it to the last digit.

A part is the amount times its weight over all weights, cut to 24 decimals, the scale of every
amount; the first one named that has a weight takes what the cutting leaves, less than 10^-22 of a
dollar for a hundred of them. The same weights split every basis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from enum import StrEnum

SMALLEST = Decimal(1).scaleb(-24)
WHOLE = Decimal(100)
# A product of two amounts of 38 digits each, and its quotient, without any rounding of Python's.
DIGITS = 120


class Split(StrEnum):
    """How a rule splits what it matches; empty for a rule that gives it all to one workload."""

    FIXED = "fixed"
    PROPORTIONAL = "proportional"


@dataclass(frozen=True, slots=True)
class Share:
    """One workload of a split; `percent` only where percentages are fixed."""

    workload_id: int
    percent: Decimal | None = None


def parts(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return the parts of an amount by weights, of which none is negative and one is above 0."""
    with localcontext(prec=DIGITS):
        whole = sum(weights, Decimal(0))
        found = [
            (amount * weight / whole).quantize(SMALLEST, rounding=ROUND_DOWN) for weight in weights
        ]
        first = next(place for place, weight in enumerate(weights) if weight)
        found[first] += amount - sum(found, Decimal(0))
    return found


def refusal(split: str, shares: Sequence[Share]) -> str:
    """Say why shares can't be those of a rule; '' if they can."""
    percents = [share.percent or Decimal(0) for share in shares]
    total = sum(percents, Decimal(0))
    wrong = {
        "A rule for one workload has no shares.": not split and shares,
        "Name the workloads that it is split among.": split and not shares,
        "Name each workload once.": len({s.workload_id for s in shares}) < len(shares),
        "Give each workload a percentage above 0.": (
            split == Split.FIXED and min(percents, default=WHOLE) <= 0
        ),
        f"The percentages add up to {total.normalize():f}, not to 100.": (
            split == Split.FIXED and total != WHOLE
        ),
    }
    return next((message for message, is_wrong in wrong.items() if is_wrong), "")
