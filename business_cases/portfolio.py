"""What is held: each workload with its standing and its spend, in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.utils.timezone import localdate

from business_cases.reports import standings
from business_cases.standing import Standing, has_ended
from cur_ingest.reports import (
    MonthSpend,
    RunRate,
    chosen_basis,
    closed_periods,
    run_rate,
    spend_by_month,
)
from spaces.models import Workload
from valueboard.lib.months import month_of


@dataclass(frozen=True, slots=True)
class Holding:
    """A workload with what was recorded of it and what it spent."""

    workload: Workload
    standing: Standing
    months: tuple[MonthSpend, ...]
    rate: RunRate
    ended: bool

    @property
    def has_spend(self) -> bool:
        """Tell whether any spend was attributed to it."""
        return any(month.amount for month in self.months)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Holdings as known at a moment; `closed` are the closed months, oldest first.

    `basis` is the cost basis of all spend in it.
    """

    holdings: tuple[Holding, ...]
    known_at: datetime
    today: date
    closed: tuple[date, ...]
    basis: str


def read_portfolio(workloads: Iterable[Workload], known_at: datetime) -> Portfolio:
    """Read the holdings of `workloads`, in their order."""
    today = localdate(known_at)
    chosen = list(workloads)
    ids = [workload.pk for workload in chosen]
    closed = tuple(closed_periods(known_at))
    standing = standings(ids, known_at)
    basis = chosen_basis(known_at)
    spend = spend_by_month(known_at, ids, closed, basis)
    empty = Portfolio((), known_at, today, closed, basis)
    return replace(
        empty,
        holdings=tuple(
            _holding(empty, workload, standing[workload.pk], spend.get(workload.pk, ()))
            for workload in chosen
        ),
    )


def with_moved_spend(
    portfolio: Portfolio, moved: Mapping[int, Mapping[date, Decimal]]
) -> Portfolio:
    """Return a portfolio as it would be had these amounts been added, by workload and month."""
    return replace(
        portfolio,
        holdings=tuple(
            _holding(
                portfolio,
                held.workload,
                held.standing,
                _added(held.months, moved.get(held.workload.pk, {}), portfolio.closed),
            )
            for held in portfolio.holdings
        ),
    )


def _holding(
    portfolio: Portfolio, workload: Workload, standing: Standing, months: Sequence[MonthSpend]
) -> Holding:
    today, closed = portfolio.today, portfolio.closed
    spend = {month.period: month.amount for month in months}
    return Holding(
        workload,
        standing,
        tuple(months),
        run_rate(months, closed, today, portfolio.basis),
        has_ended(standing.in_force, spend, closed, month_of(today)),
    )


def _added(
    months: Sequence[MonthSpend], moved: Mapping[date, Decimal], closed: Collection[date]
) -> list[MonthSpend]:
    amounts = {month.period: month.amount for month in months}
    # Python rounds to 28 digits unless told otherwise; these have up to 38.
    with localcontext(prec=76):
        for period, amount in moved.items():
            amounts[period] = amounts.get(period, Decimal(0)) + amount
    return [MonthSpend(each, amounts[each], each in closed) for each in sorted(amounts)]
