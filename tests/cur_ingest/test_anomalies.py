from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_ingest.anomalies import LEAST, WEEKS, baseline_of, marks_of, median

START = date(2026, 6, 1)
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=10)


def days(*amounts: str | Decimal) -> dict[date, Decimal]:
    return {START + timedelta(days=n): Decimal(amount) for n, amount in enumerate(amounts)}


def weekly(*amounts: str) -> dict[date, Decimal]:
    """Spend on one weekday, week after week, and none on the others."""
    spend = {}
    for week, amount in enumerate(amounts):
        for day in range(7):
            value = Decimal(amount) if day == 0 else Decimal(0)
            spend[START + timedelta(days=7 * week + day)] = value
    return spend


@pytest.mark.parametrize(
    ("amounts", "middle"),
    [("3", "3"), ("1 2", "1.5"), ("9 1 5", "5"), ("4 1 3 2", "2.5"), ("0 0 0 7", "0")],
)
def test_the_median(amounts: str, middle: str) -> None:
    assert median([Decimal(each) for each in amounts.split()]) == Decimal(middle)


@pytest.mark.parametrize(
    ("before", "limit"),
    [
        # Constant: a quarter of the median, at least one dollar.
        ("100 100 100 100 100", "125"),
        ("2 2 2 2 2", "3"),
        ("0 0 0 0 0", "1"),
        # Median 100, deviations 10 10 0 10 10: MAD 10, 3.5 · 10 / 0.6745.
        ("90 110 100 90 110", "151.890289"),
        # One outlier moves neither median nor MAD.
        ("100 100 100 100 9000 100 100 100", "125"),
    ],
)
def test_the_limit_by_hand(before: str, limit: str) -> None:
    found = baseline_of([Decimal(each) for each in before.split()])
    assert found
    assert found.limit.quantize(Decimal("0.000001")) == Decimal(limit).quantize(Decimal("0.000001"))


def test_a_jump_is_marked_with_its_baseline() -> None:
    spend = weekly("100", "100", "100", "100", "100", "126")
    (mark,) = marks_of(spend).values()
    assert mark.day == START + timedelta(days=35)
    assert (mark.amount, mark.baseline.median) == (Decimal(126), Decimal(100))
    assert mark.baseline.weeks == 5


def test_a_weekday_is_compared_with_its_own_kind_only() -> None:
    """Mondays at 100 among days without spend are no jump."""
    assert not marks_of(weekly(*["100"] * 12))


def test_only_the_last_weeks_count() -> None:
    """Use grew for good: after that the new level is the usual one."""
    spend = weekly(*["10"] * 8, *["100"] * 12)
    marked = sorted(marks_of(spend))
    assert marked == [START + timedelta(days=7 * week) for week in range(8, 12)]


@pytest.mark.parametrize("weeks", range(LEAST))
def test_too_few_weeks_mark_nothing(weeks: int) -> None:
    assert not marks_of(weekly(*["1"] * weeks, "1000000"))


@given(AMOUNTS, st.integers(1, 120))
def test_constant_spend_is_never_marked(amount: Decimal, length: int) -> None:
    assert not marks_of(days(*[amount] * length))


@given(st.lists(AMOUNTS, min_size=LEAST, max_size=WEEKS))
def test_a_jump_above_anything_seen_is_marked(before: list[Decimal]) -> None:
    """Above twice the largest by more than the widest spread there can be."""
    top = max(before) * 8 + 2
    spend = weekly(*map(str, before), str(top))
    assert START + timedelta(days=7 * len(before)) in marks_of(spend)


@given(st.lists(AMOUNTS, min_size=1, max_size=90))
def test_no_day_is_marked_that_is_not_above_the_median_by_a_quarter_and_a_dollar(
    amounts: list[Decimal],
) -> None:
    spend = days(*amounts)
    for mark in marks_of(spend).values():
        assert mark.amount > mark.baseline.median + 1
        assert mark.amount > mark.baseline.median * Decimal("1.25")
        assert mark.day - START >= timedelta(days=7 * LEAST)


@given(st.lists(AMOUNTS, min_size=40, max_size=80), st.integers(2, 1000))
def test_less_spend_marks_no_more_days(amounts: list[Decimal], cut: int) -> None:
    """A day that isn't marked is not when it costs less and the days before are the same."""
    before = marks_of(days(*amounts))
    last = max(days(*amounts))
    lower = marks_of(days(*amounts[:-1], amounts[-1] / cut))
    assert last in before or last not in lower
