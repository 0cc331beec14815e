"""Facts part the texts that they came as when somebody asks, and know what versions came to."""

from datetime import UTC, date, datetime
from decimal import Decimal

from business_cases.facts import Amounts, Column, Estimated, Estimates, Spent
from business_cases.projection import Terms

JULY, AUGUST, OCTOBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 10, 1)


def at(day: int) -> datetime:
    return datetime(2026, 6, day, tzinfo=UTC)


def version(number: int, confirmed: datetime | None) -> Estimated:
    terms = Terms(Decimal(100 * number), Decimal(0), JULY, 12, JULY)
    said = "decision" if confirmed else ""
    return Estimated(
        number, number, "", at(number), "", None, "", terms, confirmed, said, "", None, None
    )


def test_a_workload_that_stands_twice_in_a_month_has_both_amounts_and_another_month_none() -> None:
    def added(one: str, other: str) -> str:
        return str(Decimal(one) + Decimal(other))

    columns = {
        JULY: Column("7,8,7", "1.5,2,0.25", added),
        AUGUST: Column("8", "3", added),
    }
    amounts = Amounts(columns, "7")
    assert dict(amounts) == {JULY: Decimal("1.75")}
    assert (amounts.get(AUGUST), amounts.get(OCTOBER, 0), len(amounts)) == (None, 0, 1)
    assert amounts == {JULY: Decimal("1.75")}


def test_the_first_day_of_cost_is_the_earliest_of_all_months_and_may_be_missing() -> None:
    days = Column("7,8,7,9", "2026-08-03,2026-08-01,2026-07-30,", min)
    found = {pk: Spent({}, days, pk).first_day for pk in ("7", "8", "9")}
    assert found == {"7": date(2026, 7, 30), "8": date(2026, 8, 1), "9": None}


def test_a_schedule_holds_what_was_confirmed_by_a_moment_and_is_made_once_for_all_later() -> None:
    versions = Estimates([version(1, at(3)), version(2, None), version(3, at(9))])
    assert versions.schedule(at(2)) is None
    first, last = versions.schedule(at(3)), versions.schedule(at(9))
    assert first
    assert last
    assert [terms.monthly for terms in first.estimates] == [100]
    assert [terms.monthly for terms in last.estimates] == [100, 300]
    assert versions.schedule(at(20)) is last
    assert Estimates([version(1, None)]).schedule(at(20)) is None
