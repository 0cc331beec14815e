"""What is held: each workload with its standing and its spend, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

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
    holdings = []
    for workload in chosen:
        months = tuple(spend.get(workload.pk, []))
        holdings.append(
            Holding(
                workload,
                standing[workload.pk],
                months,
                run_rate(months, closed, today, basis),
                has_ended(
                    standing[workload.pk].in_force,
                    {m.period: m.amount for m in months},
                    closed,
                    month_of(today),
                ),
            )
        )
    return Portfolio(tuple(holdings), known_at, today, closed, basis)
