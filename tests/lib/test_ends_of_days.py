"""The end of a day is that of the organisation's clocks, on the days too on which they are moved.

Lord Howe Island moves its clocks by half an hour, New York by a whole one; in Havana a midnight
comes twice or not at all, and in Beirut the hour before one does.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from valueboard.lib.moment import end_of
from valueboard.lib.months import add_months, month_of, months_between

ZONES = ("America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "UTC")
MOMENT = timedelta(microseconds=1)
days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def moved(zone: str, year: int) -> list[date]:
    """Return the days of a year on which clocks are moved, by the zone's own offsets."""
    noons = [
        datetime(year, 1, 1, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in range(366)
    ]
    return [
        then.date() for before, then in pairwise(noons) if before.utcoffset() != then.utcoffset()
    ]


def must_end(day: date, zone: str) -> None:
    """Have a moment be of the day that its clock shows, to the last microsecond."""
    with timezone.override(zone):
        end, before = end_of(day), end_of(day - timedelta(days=1))
        assert timezone.localdate(end) == day
        assert timezone.localdate(end.astimezone(UTC) + MOMENT) == day + timedelta(days=1)
        assert timezone.localdate(before.astimezone(UTC) + MOMENT) == day
        hours = (end.astimezone(UTC) - before.astimezone(UTC)) / timedelta(hours=1)
        assert hours in {23, 23.5, 24, 24.5, 25}


@pytest.mark.parametrize("zone", ZONES)
@given(day=days)
@example(day=date(2026, 3, 8))
@example(day=date(2026, 11, 1))
def test_a_day_ends_where_its_date_does(zone: str, day: date) -> None:
    must_end(day, zone)


@pytest.mark.parametrize("zone", ZONES[:-1])
@pytest.mark.parametrize("year", [2012, 2021, 2026])
def test_a_day_ends_there_when_clocks_are_moved(zone: str, year: int) -> None:
    found = moved(zone, year)
    assert found
    for day in found:
        for beside in (-1, 0, 1):
            must_end(day + timedelta(days=beside), zone)


@given(day=days, count=st.integers(-200, 200))
def test_months_are_of_the_calendar_whatever_the_clocks(day: date, count: int) -> None:
    month = month_of(day)
    other = add_months(month, count)
    assert (other.day, months_between(month, other), add_months(other, -count)) == (1, count, month)


@pytest.mark.parametrize("zone", ZONES)
@given(day=days)
def test_a_month_ends_with_its_last_day(zone: str, day: date) -> None:
    """What is recorded in a month's last instant is of it; the next is the next month's."""
    last = add_months(month_of(day), 1) - timedelta(days=1)
    with timezone.override(zone):
        end = end_of(last).astimezone(UTC)
        assert month_of(timezone.localdate(end)) == month_of(day)
        assert timezone.localdate(end + MOMENT) == add_months(month_of(day), 1)
