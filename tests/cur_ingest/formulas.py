"""CUR.md 2.3 row by row, in fractions: an oracle that shares nothing with the product."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

COST, NET = "line_item_unblended_cost", "line_item_net_unblended_cost"
COVERED, NET_COVERED = (
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
)
WHOLE, USED = "savings_plan_total_commitment_to_date", "savings_plan_used_commitment"
RECURRING, NET_RECURRING = (
    "savings_plan_recurring_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
)
UPFRONT, NET_UPFRONT = (
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
)
RESERVED, NET_RESERVED = "reservation_effective_cost", "reservation_net_effective_cost"
IDLE, NET_IDLE = (
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
)
FEE, NET_FEE = "reservation_unused_recurring_fee", "reservation_net_unused_recurring_fee"
ZERO = Fraction(0)
# Every column that the formulas look at.
LOOKED_AT = (
    *(COST, NET, COVERED, NET_COVERED, WHOLE, USED, RECURRING, NET_RECURRING, UPFRONT, NET_UPFRONT),
    *(RESERVED, NET_RESERVED, IDLE, NET_IDLE, FEE, NET_FEE),
    *("line_item_line_item_type", "line_item_operation", "reservation_reservation_a_r_n"),
)


@lru_cache(maxsize=100_000)
def exact(amount: float) -> Fraction:
    """Return the amount that is written; most are written many times."""
    return Fraction(Decimal(repr(amount)))


def amounts_of(row: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return a row's amount in every basis; columns may lack."""

    def first(*names: str) -> Fraction:
        return exact(next((row[name] for name in names if row.get(name) is not None), 0.0))

    plain = amortised = first(COST), first(NET, COST)
    kind = row["line_item_line_item_type"]
    match kind:
        case "SavingsPlanCoveredUsage":
            amortised = first(COVERED), first(NET_COVERED, COVERED)
        case "SavingsPlanRecurringFee":
            unused, scale = first(WHOLE) - first(USED), Fraction(1)
            for gross, net in ((RECURRING, NET_RECURRING), (UPFRONT, NET_UPFRONT)):
                if row.get(gross) and row.get(net) is not None:
                    scale = first(net) / first(gross)
                    break
            amortised = unused, unused * scale
        case "SavingsPlanNegation" | "SavingsPlanUpfrontFee":
            amortised = ZERO, ZERO
        case "DiscountedUsage":
            amortised = first(RESERVED), first(NET_RESERVED, RESERVED)
        case "RIFee":
            amortised = first(IDLE) + first(FEE), first(NET_IDLE, IDLE) + first(NET_FEE, FEE)
    prepaid = kind == "Fee" and row.get("reservation_reservation_a_r_n")
    if prepaid or row.get("line_item_operation") in {"EKSPod-EC2", "ECSTask-EC2"}:
        amortised = ZERO, ZERO
    return {
        "unblended": plain[0],
        "net_unblended": plain[1],
        "amortised": amortised[0],
        "net_amortised": amortised[1],
    }
