"""The organisation's fiscal year (METHOD 4)."""

from datetime import date
from decimal import Decimal

from django.conf import settings

from positions.row import Row
from valueboard.lib.months import add_months

MONTHS_A_YEAR = 12


def fiscal_year(day: date) -> date:
    """Return the first month of the fiscal year that holds a day."""
    begins = day.replace(month=settings.FISCAL_YEAR_START, day=1)
    return begins if begins <= day else add_months(begins, -MONTHS_A_YEAR)


def fiscal_cost(row: Row) -> Decimal | None:
    """Return what a row is projected to cost in the fiscal year; None without an estimate."""
    if row.schedule is None:
        return None
    first = fiscal_year(row.at.today)
    return row.schedule.cost_over(add_months(first, k) for k in range(MONTHS_A_YEAR))
