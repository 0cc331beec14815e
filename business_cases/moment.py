"""What all workloads of a moment share, and what was spent by it. Nothing is asked here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from business_cases.case import CaseTerms
from business_cases.facts import Declared, Estimated, Facts, Spent
from business_cases.projection import FundingYear, Schedule
from business_cases.reading import basis_at
from business_cases.standing import Lens, Score, score_of
from cur_ingest.closed import closed_months
from cur_ingest.reports import EXACT, RunRate, rate_of, recent_months
from valueboard.lib.bands import Bound, bounds_of
from valueboard.lib.money import to_cents
from valueboard.lib.months import month_of


@dataclass(frozen=True, slots=True)
class Moment:
    """What all workloads of a moment share.

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


class Actual(NamedTuple):
    """What the closed months inside the funding window cost, to the cent, and those outside it."""

    months: tuple[date, ...]
    amount: Decimal
    outside: Decimal


def actual_of(schedule: Schedule | None, spent: Spent, closed: Sequence[date]) -> Actual:
    """Return what closed months cost, inside the funding window of `schedule` and outside it."""
    months, inside, outside = list[date](), Decimal(0), Decimal(0)
    for month in closed:
        amount = spent.amounts.get(month, Decimal(0))
        if schedule and schedule.terms_for(month):
            months.append(month)
            inside = EXACT.add(inside, amount)
        else:
            outside = EXACT.add(outside, amount)
    return Actual(tuple(months), to_cents(inside, EXACT), to_cents(outside, EXACT))


def score_actual(
    case: CaseTerms | None, actual: Actual, bounds: tuple[Bound, ...], year: FundingYear | None
) -> Score:
    """Score against actual spend: `(O·|M|/12) / Σ actual(M)` (METHOD 5).

    Not scored without a closed month inside the window, or where these cost nothing.
    """
    # What was given back can exceed what was charged, and no band reaches below 0.
    cost = actual.amount if actual.amount > 0 else None
    score = score_of(case, len(actual.months), cost, bounds, year)
    return score._replace(cost=actual.amount)


def run_rate_of(spent: Spent, at: Moment) -> RunRate:
    """Return the run-rate of what was spent (METHOD 5)."""
    return rate_of(spent.amounts, at.recent, at.month, at.basis)


def recorded_by(versions: Sequence[Estimated | Declared], moment: datetime) -> int:
    """Return how many of some versions, oldest first, were recorded by a moment."""
    if not versions or versions[-1].at <= moment:
        return len(versions)
    return sum(1 for each in versions if each.at <= moment)


def moment_of(facts: Facts, moment: datetime, lens: Lens = Lens.PLANNED) -> Moment:
    """Return what held for all of the organisation at a moment."""
    today = moment.astimezone(facts.zone).date()
    organisation = facts.organisation
    bounds = [
        each
        for each in organisation.bounds
        if each.version == 1 or (each.at <= moment and each.effective <= today)
    ][-1]
    closed = closed_months(organisation.deliveries, organisation.closings, moment, facts.zone)
    return Moment(
        moment,
        today,
        month_of(today),
        lens,
        bounds_of(bounds.strong, bounds.solid, bounds.marginal, bounds.thin),
        bounds.version,
        basis_at(organisation, moment),
        tuple(closed),
        recent_months(closed, month_of(today)),
    )


def thresholds_at(facts: Facts, moment: datetime, prefix: str = "") -> dict[str, Decimal]:
    """Return every threshold in force at a moment whose key starts with `prefix`."""
    today = moment.astimezone(facts.zone).date()
    return {
        each.key: each.value
        for each in facts.organisation.thresholds
        if each.key.startswith(prefix)
        and (each.at <= moment or each.version == 1)
        and each.effective <= today
    }
