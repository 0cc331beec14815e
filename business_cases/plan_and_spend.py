"""Estimate and actual spend over the same months (docs/method.md 7).

It says how good an estimate was. It says nothing of value: spend is no outcome.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from business_cases.figures import CURRENCY
from business_cases.projection import Schedule
from business_cases.wording import month_words, months_words
from cur_ingest.bases import named
from cur_ingest.reports import MonthSpend
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, Source
from valueboard.lib.money import format_money, to_cents

WHOLE = 100


@dataclass(frozen=True, slots=True)
class PlanAndSpend:
    """What some closed months inside the funding window were planned to cost, and cost.

    `percent` is the difference in percent of the plan, None for a plan that rounds to nothing.
    `outside` is what closed months outside the window cost, None for nothing.
    """

    months: tuple[date, ...]
    planned: Figure
    spent: Figure
    difference: Figure
    percent: Figure | None
    outside: Figure | None

    def named(self, about: About) -> "PlanAndSpend":
        """Return it with the names of its figures' explanations."""
        return replace(
            self,
            planned=self.planned.explained_as(about.made(What.PLANNED)),
            spent=self.spent.explained_as(about.made(What.SPENT)),
            difference=self.difference.explained_as(about.made(What.OVER)),
            percent=self.percent and self.percent.explained_as(about.made(What.OVER_PERCENT)),
            outside=self.outside and self.outside.explained_as(about.made(What.OUTSIDE)),
        )

    @property
    def words(self) -> str:
        """Name the months: `3 closed months, Jan 2026 – Mar 2026`."""
        first, last = month_words(self.months[0]), month_words(self.months[-1])
        count = months_words(len(self.months)).replace("month", "closed month")
        return f"{count}, {first}" if first == last else f"{count}, {first} – {last}"


def plan_and_spend(
    schedule: Schedule | None,
    spend: Iterable[MonthSpend],
    closed: Collection[date],
    basis: str,
    about: About = UNNAMED,
) -> PlanAndSpend | None:
    """Add up plan and spend over the closed months that `schedule` funds; None without any.

    Each month counts by the estimate that counts for it. A funded month without spend spent 0.
    `about` names the workload and its estimate.
    """
    if schedule is None:
        return None
    months = tuple(sorted(month for month in closed if schedule.terms_for(month)))
    if not months:
        return None
    amounts = {each.period: each.amount for each in spend if each.period in closed}
    inside = sum((amounts.get(month, Decimal(0)) for month in months), Decimal(0))
    rest = sum((a for month, a in amounts.items() if month not in months), Decimal(0))
    planned = Figure(
        schedule.cost_over(months),
        CURRENCY,
        Kind.PROJECTED,
        formula="Sum of m·(1+g/100)^k of the estimate that counts for each month",
    )
    found = summed(months, planned, _actual(inside, basis), _actual(rest, basis) if rest else None)
    return found.named(about)


def summed(
    months: tuple[date, ...], planned: Figure, spent: Figure, outside: Figure | None = None
) -> PlanAndSpend:
    """Return plan and spend with what lies between them, derived."""
    sources = (
        Source("Projected cost", format_money(planned.amount, CURRENCY, 2)),
        Source("Actual spend", format_money(spent.amount, CURRENCY, 2)),
    )
    over = spent.amount - planned.amount
    return PlanAndSpend(
        months,
        planned,
        spent,
        Figure(
            over, CURRENCY, Kind.DERIVED, formula="Actual spend − projected cost", sources=sources
        ),
        Figure(
            over * WHOLE / planned.amount,
            "%",
            Kind.DERIVED,
            formula="(Actual spend − projected cost) ÷ projected cost",
            sources=sources,
        )
        if planned.amount
        else None,
        outside,
    )


def _actual(amount: Decimal, basis: str) -> Figure:
    formula = f"{named(basis)} usage charges, before tax, credits and refunds"
    return Figure(to_cents(amount), CURRENCY, Kind.ACTUAL, formula=formula)
