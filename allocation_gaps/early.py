"""Over plan, asked before the month is closed: a day of an open month stands out (METHOD 8, 11).

Whether the month will be over plan is not known yet, so that this asks a question and states no
overrun. It is gone when the month is closed, or when an estimate confirmed after the day is in
force: somebody has looked at it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.timezone import localdate

from business_cases.figures import CURRENCY
from business_cases.portfolio import Holding, Portfolio
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
            f"Opened early by spend of {day_words(self.mark.day)}: {amount}, "
            f"{self.mark.words(CURRENCY)}; the month to date {to_date} of {planned} planned"
        )


def early_questions(portfolio: Portfolio) -> dict[int, EarlyQuestion]:
    """Return the workloads that a day of an open month asks about (a constant number of queries).

    Of workloads with an estimate in force for that month; spend is that of the lines as they are.
    """
    holdings = {h.workload.pk: h for h in portfolio.holdings if h.standing.in_force}
    open_months = _open_months(portfolio, holdings.values())
    if not open_months:
        return {}
    since = add_months(min(open_months), -MONTHS_BEFORE)
    found = {}
    for pk, days in days_of(list(holdings), since, portfolio.basis).items():
        marks = marks_of(compared(days)).values()
        asking = [mark for mark in marks if _asks(mark, holdings[pk], portfolio)]
        if asking:
            found[pk] = _question(min(asking, key=lambda mark: mark.day), holdings[pk])
    return found


def _open_months(portfolio: Portfolio, holdings: Iterable[Holding]) -> set[date]:
    spent = {month.period for holding in holdings for month in holding.months}
    return spent - set(portfolio.closed)


def _asks(mark: Mark, holding: Holding, portfolio: Portfolio) -> bool:
    month, standing = month_of(mark.day), holding.standing
    if month in portfolio.closed or not standing.in_force or not standing.in_force.terms_for(month):
        return False
    confirmed = standing.estimate_in_force.confirmed_at if standing.estimate_in_force else None
    return confirmed is None or localdate(confirmed) <= mark.day


def _question(mark: Mark, holding: Holding) -> EarlyQuestion:
    month = month_of(mark.day)
    spent = [each.amount for each in holding.months if each.period == month]
    schedule = holding.standing.in_force
    planned = schedule.cost_of(month) if schedule else Decimal(0)
    return EarlyQuestion(mark, sum(spent, Decimal(0)), planned)
