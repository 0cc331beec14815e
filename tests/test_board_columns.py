"""What columns of the board say, computed by hand: each of another year, version or month."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from business_cases.actions import revise_case, revise_estimate
from business_cases.projection import Terms
from positions.query import COLUMNS
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import SAVING, Cast, added, proposal, submitted
from tests.exports.test_board_files import Screen
from tests.spend import load_months, rule_for
from tests.test_board import JANUARY, board, confirm, rows, text, wide, workload

YEAR = Terms(Decimal(10_000), Decimal(0), date(2026, 1, 1), 12, date(2026, 1, 1))


@pytest.fixture(autouse=True)
def in_january(travel: Callable[[datetime], None]) -> None:
    travel(JANUARY)


def shown(client: Client, cast: Cast) -> dict[str, dict[str, Decimal]]:
    """The figures of every column, by workload and heading."""
    return Screen(board(client, cast.felix, f"?columns={','.join(COLUMNS)}")).rows


def test_a_score_over_the_whole_term_is_not_that_of_its_first_year(
    cast: Cast, client: Client
) -> None:
    case = replace(SAVING, current_amount=Decimal(2_400_000))
    long = replace(YEAR, growth=Decimal(5), months=48)
    confirm(cast, added(cast, proposal(cast, name="Grown", estimate=long, case=case)))
    grown = shown(client, cast)["grown"]
    assert grown["Investment Prospect"] == Decimal("3.76")
    assert grown["Over the term"] == Decimal("1.27")


def test_what_was_acknowledged_is_scored_by_the_estimate_of_then(
    cast: Cast, client: Client, travel: Callable[[datetime], None]
) -> None:
    request = submitted(cast, proposal(cast, name="Saver", estimate=YEAR))
    approve(cast.priya, request)
    made = workload_of(request)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    more = replace(YEAR, monthly=Decimal(10_500), effective=date(2026, 3, 1))
    revise_estimate(actor=cast.olivia, workload=made, seen=1, terms=more, reason="More use.")
    less = replace(SAVING, percent=Decimal(20))
    revise_case(actor=cast.olivia, workload=made, seen=1, case=less, reason="Measured.")
    saver = shown(client, cast)["saver"]
    # 920,000 over 125,000.00, and 1,150,000 over 120,000.00.
    assert saver["Investment Prospect"] == Decimal("7.36")
    assert saver["Acknowledged"] == Decimal("9.58")


@pytest.mark.parametrize(
    ("day", "cost"),
    [
        ("2026-03-31", 30_000),  # January to March
        ("2026-04-01", 90_000),  # April to December
    ],
)
def test_a_fiscal_year_begins_on_the_first_day_of_its_month(
    cast: Cast,
    client: Client,
    travel: Callable[[datetime], None],
    settings: Settings,
    *,
    day: str,
    cost: int,
) -> None:
    settings.FISCAL_YEAR_START = 4
    workload(cast, "Saver")
    travel(datetime.fromisoformat(f"{day}T12:00:00Z"))
    assert shown(client, cast)["saver"]["Fiscal year"] == cost


def test_totals_say_of_how_many_workloads_each_is(
    cast: Cast, client: Client, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    """One is planned and spends, one is planned, one spends, one does neither: all unbacked."""
    for name, confirmed in (("Both", True), ("Plan", True), ("Spend", False), ("None", False)):
        made = workload(cast, name, case=None, confirmed=confirmed)
        rule_for(cast.felix, made, name.lower())
    load_months(tmp_path, travel, {date(2026, 1, 1): {"both": "9000", "spend": "800"}})
    page = text(board(client, cast.felix))
    assert "of 2 of 4 workloads with an estimate in force" in page
    assert "run-rate of 2 with spend to scale to a year; 1 have both" in page
    assert "4 workloads without a declared case, 2 with an estimate" in page
    assert "of the 2 with spend" in page


def test_the_last_closed_month_is_set_against_its_own_estimate(
    cast: Cast, client: Client, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    for name in ("Saver", "Idle", "Late"):
        rule_for(cast.felix, workload(cast, name), name.lower())
    months = {
        date(2026, 1, 1): {"saver": "5000", "idle": "4000"},
        date(2026, 2, 1): {"saver": "9000", "late": "300"},
        date(2026, 3, 1): {"saver": "12500", "late": "300"},
    }
    load_months(tmp_path, travel, months)
    found = shown(client, cast)
    assert found["saver"]["Against plan"] == 25
    assert "Against plan" not in found["idle"]
    late = wide(board(client, cast.felix))["late"]["label"]
    assert "from 3 closed months; spend began in February 2026" in late


def test_who_spent_nothing_for_three_closed_months_after_its_funding_leaves_the_board(
    cast: Cast, client: Client, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    """Short was funded for January alone; a past day shows it still."""
    short = added(cast, proposal(cast, name="Short", estimate=replace(YEAR, months=1)))
    confirm(cast, short)
    rule_for(cast.felix, short, "short")
    rule_for(cast.felix, workload(cast, "Long"), "long")
    spent = {date(2026, month, 1): {"long": "9000"} for month in (2, 3, 4)}
    load_months(tmp_path, travel, {date(2026, 1, 1): {"short": "9", "long": "9000"}, **spent})
    assert rows(board(client, cast.felix)) == {"long"}
    past = wide(board(client, cast.felix, "?as_of=2026-04-30"))
    assert set(past) == {"short", "long"}
    assert "1 funded month, funding ended" in past["short"]["label"]
