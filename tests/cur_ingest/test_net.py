"""The net bases: what a payer with negotiated discounts is charged, and gross where AWS says none.

The oracle (`formulas`) adds up by itself, row by row, in fractions.
"""

import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from cur_ingest.bases import BASES
from cur_ingest.models import AttributionRun, DailyLine, Delivery, MonthTotal
from cur_ingest.sources import SourceError
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.formulas import (
    COST,
    COVERED,
    FEE,
    IDLE,
    NET,
    NET_COVERED,
    NET_FEE,
    NET_IDLE,
    NET_RECURRING,
    NET_RESERVED,
    NET_UPFRONT,
    RECURRING,
    RESERVED,
    UPFRONT,
    USED,
    WHOLE,
    amounts_of,
)
from tests.cur_ingest.reading import read
from tests.cur_ingest.test_loading import load_cur

TYPE = "line_item_line_item_type"
SAVINGS_PLANS = (COVERED, NET_COVERED, WHOLE, USED, RECURRING, NET_RECURRING, UPFRONT, NET_UPFRONT)
RESERVATIONS = (RESERVED, NET_RESERVED, IDLE, NET_IDLE, FEE, NET_FEE)
ALL: dict[str, Any] = dict.fromkeys((NET, *SAVINGS_PLANS, *RESERVATIONS))

# Charge type, columns, net unblended, net amortised; the unblended cost is 10.1.
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("Usage", {NET: 8.9}, "8.9", "8.9"),
    ("Usage", {}, "10.1", "10.1"),
    ("EdpDiscount", {NET: 0.0}, "0", "0"),
    ("SavingsPlanCoveredUsage", {NET: 9.0, COVERED: 7.3, NET_COVERED: 6.5}, "9.0", "6.5"),
    ("SavingsPlanCoveredUsage", {NET: 9.0, COVERED: 7.3}, "9.0", "7.3"),
    ("DiscountedUsage", {RESERVED: 3.0, NET_RESERVED: 1234567890.12}, "10.1", "1234567890.12"),
    ("RIFee", {IDLE: 0.1, NET_IDLE: 0.05, FEE: 0.2}, "10.1", "0.25"),
    ("RIFee", {IDLE: 0.1, FEE: 0.2, NET_FEE: 0.15}, "10.1", "0.25"),
    (
        "SavingsPlanRecurringFee",
        {WHOLE: 5.3, USED: 5.1, RECURRING: 5.3, NET_RECURRING: 4.77},
        "10.1",
        "0.18",
    ),
    # A plan paid up front has no recurring commitment.
    (
        "SavingsPlanRecurringFee",
        {WHOLE: 5.3, USED: 5.1, RECURRING: 0.0, NET_RECURRING: 0.0, UPFRONT: 4.0, NET_UPFRONT: 3.0},
        "10.1",
        "0.15",
    ),
    # Thirds don't end: half even at the 24th decimal.
    (
        "SavingsPlanRecurringFee",
        {WHOLE: 1.0, USED: 0.0, RECURRING: 3.0, NET_RECURRING: 2.0},
        "10.1",
        "0.666666666666666666666667",
    ),
    ("SavingsPlanRecurringFee", {WHOLE: 5.3, USED: 5.1, RECURRING: 5.3}, "10.1", "0.2"),
    ("SavingsPlanNegation", {NET: -9.0}, "-9.0", "0"),
    ("Usage", {NET: 8.9, "line_item_operation": "EKSPod-EC2"}, "8.9", "0"),
]


@pytest.mark.parametrize(("charge_type", "columns", "unblended", "amortised"), CASES)
def test_net_costs_follow_the_formulas(
    tmp_path: Path, charge_type: str, columns: dict[str, Any], unblended: str, amortised: str
) -> None:
    row = {TYPE: charge_type, COST: 10.1}
    result, (line,) = read(deliver(tmp_path, [{**ALL, **row, **columns}]), PERIOD)
    (totals,) = result.totals
    assert totals.net_unblended == line["net_unblended"] == Decimal(unblended)
    assert totals.net_amortised == line["net_amortised"] == Decimal(amortised)


def test_a_delivery_without_net_columns_is_net_as_it_is_gross(tmp_path: Path) -> None:
    result, (line,) = read(deliver(tmp_path, [{COST: 7.25}]), PERIOD)
    assert [line[basis] for basis in BASES] == [Decimal("7.25")] * 4
    assert result.remarks == (
        "The export has no net costs: the net bases are the same as the gross ones.",
    )


def test_what_lacks_of_the_net_columns_is_said(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{NET: 1.0}, {TYPE: "SavingsPlanCoveredUsage", COVERED: 1.0}]
    result, _ = read(deliver(tmp_path, rows), PERIOD)
    (remark,) = result.remarks
    assert remark.startswith(f"The export lacks {NET_COVERED}: net amortised cost of rows of type")
    fee = {TYPE: "SavingsPlanRecurringFee", WHOLE: 1.0, USED: 0.5}
    result, _ = read(deliver(tmp_path / "fee", [{NET_COVERED: 1.0, **fee}]), PERIOD)
    assert [remark.split(":")[0] for remark in result.remarks] == [
        f"The export lacks {NET}",
        f"The export lacks {NET_RECURRING}",
    ]


def test_a_net_value_that_is_no_amount_is_refused_like_a_gross_one(tmp_path: Path) -> None:

    with pytest.raises(SourceError, match=f"{NET} holds"):
        read(deliver(tmp_path, [{NET: float("nan")}]), PERIOD)


def test_net_amounts_with_more_than_twelve_decimals_are_held(tmp_path: Path) -> None:
    result, _ = read(deliver(tmp_path, [{NET: 0.1 + 0.2}]), PERIOD)
    assert result.totals[0].net_unblended == Decimal("0.30000000000000004")


def test_a_thousand_rows_of_every_kind_agree_with_fractions(tmp_path: Path) -> None:
    rows = _rows(1_000)
    result, lines = read(deliver(tmp_path, rows[:600], rows[600:]), PERIOD)
    (totals,) = result.totals
    exact = [amounts_of(row) for row in rows]
    for basis in BASES:
        total = sum((amounts[basis] for amounts in exact), Fraction(0))
        held = sum((Fraction(line[basis]) for line in lines), Fraction(0))
        assert Fraction(getattr(totals, basis)) == held
        # Only unused commitment is rounded, each line once.
        limit = Fraction(1, 2 * 10**24) * len(lines) if basis == "net_amortised" else 0
        assert abs(held - total) <= limit


@pytest.mark.django_db
def test_all_bases_reach_the_month_and_its_proof(tmp_path: Path) -> None:
    (result,) = load_cur(deliver(tmp_path, _rows(300)))
    delivery = Delivery.objects.get()
    run = AttributionRun.objects.get()
    for basis in BASES:
        total = getattr(delivery, basis)
        assert DailyLine.objects.aggregate(sum=Sum(basis))["sum"] == total
        assert MonthTotal.objects.filter(run=run).aggregate(sum=Sum(basis))["sum"] == total
    assert len({getattr(delivery, basis) for basis in BASES}) == 4
    delivered = {basis: Decimal(text) for basis, text in delivery.by_currency["USD"].items()}
    assert delivered == {basis: getattr(delivery, basis) for basis in BASES}
    assert result["rows"] == 300


def _rows(count: int) -> list[dict[str, Any]]:
    """Rows of every kind, net columns now there and now not, of several plans."""
    pick = random.Random(4)  # noqa: S311 - a sample, not a secret

    def amount() -> float:
        size: int = 10 ** pick.randint(0, 7)
        return round(pick.uniform(0.01, 1) * size, pick.randint(2, 10))

    def maybe(value: float) -> float | None:
        return value if pick.random() < 0.8 else None

    kinds = ["Usage", "Tax", "Credit", "SavingsPlanCoveredUsage", "SavingsPlanRecurringFee"]
    kinds += ["SavingsPlanNegation", "DiscountedUsage", "RIFee", "EdpDiscount"]
    plans = [(3.0, 2.0), (7.0, 6.3), (1.1, 1.1), (0.0, 0.0), (9.7, None)]
    rows: list[dict[str, Any]] = []
    for number in range(count):
        gross, net = pick.choice(plans)
        row: dict[str, Any] = {
            TYPE: pick.choice(kinds),
            "line_item_usage_account_id": str(number % 7),
        }
        row |= {COST: amount(), NET: maybe(amount()), COVERED: amount(), WHOLE: amount()}
        row |= {NET_COVERED: maybe(amount()), USED: amount(), RESERVED: amount()}
        row |= {NET_RESERVED: maybe(amount()), IDLE: maybe(amount()), NET_IDLE: maybe(amount())}
        row |= {FEE: maybe(amount()), NET_FEE: maybe(amount())}
        row |= {RECURRING: gross, NET_RECURRING: net, UPFRONT: 0.3, NET_UPFRONT: maybe(0.2)}
        rows.append({**ALL, **row})
    return rows
