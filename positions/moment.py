"""What all rows of a moment share, and what was spent by it. Nothing is asked here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, localcontext

from business_cases.case import CaseTerms
from business_cases.projection import FundingYear, Schedule
from business_cases.standing import Score, score_of
from cur_ingest.reports import EXACT, RunRate, rate_of
from positions.facts import Declared, Estimated, Spent
from positions.query import Lens
from valueboard.lib.bands import Bound
from valueboard.lib.money import to_cents


@dataclass(frozen=True, slots=True)
class Moment:
    """What all rows of a moment share.

    `closed` are the closed months, oldest first; `recent` those of them that the run-rate is from.
    `asked` is the query that names moment and lens to the explanations of figures.
    """

    known_at: datetime
    today: date
    month: date
    lens: Lens
    bounds: tuple[Bound, ...]
    bounds_version: int
    basis: str
    closed: tuple[date, ...]
    recent: tuple[date, ...]
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Actual:
    """What the closed months inside the funding window cost, to the cent, and those outside it."""

    months: tuple[date, ...]
    amount: Decimal
    outside: Decimal


def actual_of(schedule: Schedule | None, spent: Spent, closed: Sequence[date]) -> Actual:
    """Return what closed months cost, inside the funding window of `schedule` and outside it."""
    months = tuple(month for month in closed if schedule and schedule.terms_for(month))
    inside = [spent.amounts.get(month, Decimal(0)) for month in months]
    every = [spent.amounts.get(month, Decimal(0)) for month in closed]
    with localcontext(prec=EXACT):
        amount = sum(inside, Decimal(0))
        return Actual(months, to_cents(amount), to_cents(sum(every, Decimal(0)) - amount))


def score_actual(
    case: CaseTerms | None, actual: Actual, bounds: tuple[Bound, ...], year: FundingYear | None
) -> Score:
    """Score against actual spend: `(O·|M|/12) / Σ actual(M)` (METHOD 5).

    Not scored without a closed month inside the window, or where these cost nothing.
    """
    # What was given back can exceed what was charged, and no band reaches below 0.
    cost = actual.amount if actual.amount > 0 else None
    score = score_of(case, len(actual.months), cost, bounds, year)
    return replace(score, cost=actual.amount)


def run_rate_of(spent: Spent, at: Moment) -> RunRate:
    """Return the run-rate of what was spent (METHOD 5)."""
    return rate_of(spent.amounts, at.recent, at.month, at.basis)


def recorded_by(versions: Sequence[Estimated | Declared], moment: datetime) -> int:
    """Return how many of some versions, oldest first, were recorded by a moment."""
    if not versions or versions[-1].at <= moment:
        return len(versions)
    return sum(1 for each in versions if each.at <= moment)
