"""The amortised cost follows AWS's published CASE, whatever columns a month has."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cur_ingest.sources import SourceError
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.reading import read

PLAN = {
    "savings_plan_savings_plan_effective_cost": None,
    "savings_plan_total_commitment_to_date": None,
    "savings_plan_used_commitment": None,
    "reservation_effective_cost": None,
    "reservation_unused_amortized_upfront_fee_for_billing_period": None,
    "reservation_unused_recurring_fee": None,
    "reservation_reservation_a_r_n": "",
    "line_item_operation": None,
    "line_item_line_item_description": None,
}
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("Usage", {}, "10.1"),
    ("Tax", {}, "10.1"),
    ("Credit", {}, "10.1"),
    ("SavingsPlanCoveredUsage", {"savings_plan_savings_plan_effective_cost": 7.3}, "7.3"),
    (
        "SavingsPlanRecurringFee",
        {"savings_plan_total_commitment_to_date": 5.3, "savings_plan_used_commitment": 5.1},
        "0.2",
    ),
    ("SavingsPlanRecurringFee", {"savings_plan_total_commitment_to_date": 5.3}, "5.3"),
    ("SavingsPlanNegation", {}, "0"),
    ("SavingsPlanUpfrontFee", {}, "0"),
    ("DiscountedUsage", {"reservation_effective_cost": 1234567890.12}, "1234567890.12"),
    (
        "RIFee",
        {
            "reservation_unused_amortized_upfront_fee_for_billing_period": 0.1,
            "reservation_unused_recurring_fee": 0.2,
        },
        "0.3",
    ),
    ("RIFee", {"reservation_unused_recurring_fee": 0.2}, "0.2"),
    ("Fee", {"reservation_reservation_a_r_n": "arn:aws:ec2:…:reserved-instances/1"}, "0"),
    ("Fee", {}, "10.1"),
    (
        "Refund",
        {
            "line_item_product_code": "ComputeSavingsPlans",
            "line_item_line_item_description": "Refund for one-time fee for Savings Plan ID 1",
        },
        "0",
    ),
    ("Refund", {"line_item_product_code": "ComputeSavingsPlans"}, "10.1"),
    ("Usage", {"line_item_operation": "EKSPod-EC2"}, "0"),
    ("Usage", {"line_item_operation": "ECSTask-EC2"}, "0"),
]


@pytest.mark.parametrize(("charge_type", "columns", "amortised"), CASES)
def test_published_case(
    tmp_path: Path, charge_type: str, columns: dict[str, Any], amortised: str
) -> None:
    row = {**PLAN, "line_item_line_item_type": charge_type, "line_item_unblended_cost": 10.1}
    result, _ = read(deliver(tmp_path, [{**row, **columns}]), PERIOD)
    assert result.totals[0].unblended == Decimal("10.1")
    assert result.totals[0].amortised == Decimal(amortised)


def test_columns_that_no_row_needs_may_be_absent(tmp_path: Path) -> None:
    result, _ = read(deliver(tmp_path, [{"line_item_line_item_type": "Usage"}]), PERIOD)
    assert result.totals[0].amortised == Decimal("1.5")


def test_an_absent_column_that_a_row_needs_is_named(tmp_path: Path) -> None:
    rows = [{}, {"line_item_line_item_type": "DiscountedUsage"}]
    with pytest.raises(SourceError, match=r"DiscountedUsage need.* reservation_effective_cost"):
        read(deliver(tmp_path, rows), PERIOD)


def test_a_finer_value_in_an_amortised_column_is_held_exactly(tmp_path: Path) -> None:
    row = {
        "line_item_line_item_type": "SavingsPlanCoveredUsage",
        "savings_plan_savings_plan_effective_cost": 0.1 + 0.2,
    }
    result, _ = read(deliver(tmp_path, [row]), PERIOD)
    assert result.totals[0].amortised == Decimal("0.30000000000000004")
