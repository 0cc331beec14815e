"""Over plan, asked before the month is closed: a day of an open month stands out (METHOD 8, 11).

Whether the month will be over plan is not known yet, so that this asks a question and states no
overrun. It is gone when the month is closed, or when an estimate confirmed after the day is in
force: somebody has looked at it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.timezone import localdate

from business_cases.figures import CURRENCY
from business_cases.moment import Moment
from business_cases.position import Position
from business_cases.wording import day_words
from cur_ingest.anomalies import MONTHS_BEFORE, Mark, marks_of
from cur_ingest.daily import compared, days_of
from valueboard.lib.money import format_money, to_cents
from valueboard.lib.months import add_months, month_of


@dataclass(frozen=True, slots=True)
class EarlyQuestion:
    """The first day of an open month that stands out, and what that month was planned to cost."""

    mark: Mark
    to_date: Decimal
    planned: Decimal

    @property
    def words(self) -> str:
        """Say what opened the question, and how the month stands."""
        amount, to_date, planned = (
            format_money(to_cents(each), CURRENCY, 2)
            for each in (self.mark.amount, self.to_date, self.planned)
        )
        return (
            f"{amount} on {day_words(self.mark.day)} was {self.mark.words(CURRENCY)}. "
            f"The month so far: {to_date} of {planned} planned"
        )


def early_questions(positions: Iterable[Position], at: Moment) -> dict[int, EarlyQuestion]:
    """Return the workloads that a day of an open month asks about (a constant number of queries).

    Of workloads with an estimate in force for that month; spend is that of the lines as they are.
    """
    planned = {each.id: each for each in positions if each.schedule}
    spent = {month for each in planned.values() for month in each.spent.amounts}
    open_months = spent - set(at.closed)
    if not open_months:
        return {}
    first = min(open_months)
    found = {}
    for pk, days in days_of(list(planned), add_months(first, -MONTHS_BEFORE), at.basis).items():
        marks = marks_of(compared(days), first).values()
        asking = [mark for mark in marks if _asks(mark, planned[pk])]
        if asking:
            found[pk] = _question(min(asking, key=lambda mark: mark.day), planned[pk])
    return found


def _asks(mark: Mark, position: Position) -> bool:
    month, schedule = month_of(mark.day), position.schedule
    if month in position.at.closed or not schedule or not schedule.terms_for(month):
        return False
    latest = position.standing.estimate_in_force
    confirmed = latest.confirmed_at if latest else None
    return confirmed is None or localdate(confirmed) <= mark.day


def _question(mark: Mark, position: Position) -> EarlyQuestion:
    month, schedule = month_of(mark.day), position.schedule
    planned = schedule.cost_of(month) if schedule else Decimal(0)
    return EarlyQuestion(mark, position.spent.amounts.get(month, Decimal(0)), planned)
