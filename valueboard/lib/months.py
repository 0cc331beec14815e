"""Calendar months, written as the first day of the month, and which days can be asked for."""

from datetime import date

from valueboard.lib import formats

# For every day that there is: no bill is older, and the first bounds and thresholds count from it.
# Fields offer no earlier day: a year that is typed digit by digit is 0002 and 0020 on its way.
DAWN = date(2000, 1, 1)


def why_unknown(day: date, today: date) -> str:
    """Say why nothing can be shown as of a day; empty where it can."""
    if day > today:
        return "This day has not come yet. Choose today or a day before."
    if day < DAWN:
        return (
            f"Nothing is known of so early a day. Choose {formats.long_day(DAWN)} or a later day."
        )
    return ""


def month_of(day: date) -> date:
    """Return the first day of the month of `day`."""
    return date(day.year, day.month, 1)


def add_months(month: date, count: int) -> date:
    """Return the first day of the month `count` months after (or before) `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(start: date, end: date) -> int:
    """Return how many months `end` lies after `start` (negative when before)."""
    return (end.year - start.year) * 12 + end.month - start.month


def parse_month(typed: str) -> date:
    """Read `2026-03` or `2026-3`; raise ValueError otherwise."""
    year, _, month = typed.strip().partition("-")
    digits = year.isdigit() and month.isdigit()
    if not digits or len(year) != len("2026") or len(month) > len("03"):
        raise ValueError(typed)
    return date(int(year), int(month), 1)
