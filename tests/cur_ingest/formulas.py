"""CUR.md 2.3 row by row, in fractions: an oracle that shares nothing with the product."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
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


def amounts_of(row: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return a row's amount in every basis; columns may lack."""

    def first(*names: str) -> Fraction:
        values = (row[name] for name in names if row.get(name) is not None)
        return Fraction(Decimal(repr(next(values, 0.0))))

    scale = Fraction(1)
    for gross, net in ((RECURRING, NET_RECURRING), (UPFRONT, NET_UPFRONT)):
        if row.get(gross) and row.get(net) is not None:
            scale = first(net) / first(gross)
            break
    unused, plain = first(WHOLE) - first(USED), (first(COST), first(NET, COST))
    gross_and_net = {
        "SavingsPlanCoveredUsage": (first(COVERED), first(NET_COVERED, COVERED)),
        "SavingsPlanRecurringFee": (unused, unused * scale),
        "SavingsPlanNegation": (ZERO, ZERO),
        "SavingsPlanUpfrontFee": (ZERO, ZERO),
        "DiscountedUsage": (first(RESERVED), first(NET_RESERVED, RESERVED)),
        "RIFee": (first(IDLE) + first(FEE), first(NET_IDLE, IDLE) + first(NET_FEE, FEE)),
    }
    kind = row["line_item_line_item_type"]
    amortised = gross_and_net.get(kind, plain)
    prepaid = kind == "Fee" and row.get("reservation_reservation_a_r_n")
    if prepaid or row.get("line_item_operation") in {"EKSPod-EC2", "ECSTask-EC2"}:
        amortised = (ZERO, ZERO)
    return {
        "unblended": plain[0],
        "net_unblended": plain[1],
        "amortised": amortised[0],
        "net_amortised": amortised[1],
    }
