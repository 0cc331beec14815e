"""The formulas of the method, written out; amounts are Fractions and months are counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.model.events import (
    Case,
    Schedule,
)


def first_day(month: int) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def cents(amount: Fraction) -> Fraction:
    """Round half up to the cent; what is given back as what is charged, so that they cancel."""
    rounded = Fraction((abs(amount) * 200 + 1) // 2, 100)
    return -rounded if amount < 0 else rounded


@dataclass(frozen=True)
class Year:
    """The projected annual cost, its months with an estimate, and the funding year."""

    cost: Fraction
    funded: int
    number: int
    ended: bool


def month_cost(force: Sequence[Schedule], month: int) -> Fraction | None:
    """What a month is projected to cost by the estimate in force at its first instant."""
    counts = [s for s in force if s.effective <= month]
    if not counts:
        return None
    schedule = counts[-1]
    if not schedule.first <= month < schedule.first + schedule.months:
        return None
    growth = 1 + Fraction(schedule.growth) / 100
    return Fraction(schedule.monthly) * growth ** (month - schedule.first)


def funding_year(force: Sequence[Schedule], number: int) -> tuple[Fraction, int]:
    """Sum the funded months of one funding year, and count them."""
    window = force[-1]
    begin = window.first + 12 * number
    costs = [
        cost
        for month in range(begin, min(begin + 12, window.first + window.months))
        if (cost := month_cost(force, month)) is not None
    ]
    return cents(sum(costs, Fraction(0))), len(costs)


def term_cost(force: Sequence[Schedule], since: int | None = None) -> Fraction:
    """Sum the funding years of the whole term, each to the cent.

    The term of a revision that begins later still begins where it was approved to, in `since`: the
    months until then are in its sum.
    """
    window = force[-1]
    run = range(window.first if since is None else since, window.first)
    before = cents(sum((month_cost(force, month) or Fraction(0) for month in run), Fraction(0)))
    years = -(-window.months // 12)
    return before + sum((funding_year(force, year)[0] for year in range(years)), Fraction(0))


def projected(force: Sequence[Schedule], today: int) -> Year:
    """P and f of the funding year that holds `today`, the nearest one outside the funding."""
    window = force[-1]
    last = (window.months - 1) // 12
    number = min(max((today - window.first) // 12, 0), last)
    return Year(*funding_year(force, number), number, today >= window.first + window.months)


def whole_term(force: Sequence[Schedule]) -> Year:
    """ΣP and n of the whole term; its number is that of the last funding year."""
    last = (force[-1].months - 1) // 12
    funded = sum(funding_year(force, number)[1] for number in range(last + 1))
    return Year(term_cost(force), funded, last, ended=False)


def opportunity(case: Case) -> Fraction:
    """O = C × p / 100, to the cent."""
    return cents(Fraction(case.current) * Fraction(case.percent) / 100)


@dataclass(frozen=True)
class Actual:
    """The closed months inside a funding window, what they cost, and the spend of those outside."""

    months: tuple[int, ...]
    amount: Fraction
    outside: Fraction


def actual(
    force: Sequence[Schedule], closed: Iterable[int], spent: Mapping[int, Fraction]
) -> Actual:
    """Part the spend of the closed months by the funding window; a month without spend counts 0.

    Earlier months keep the schedule they had: a month is inside if the estimate in force at its
    first instant funds it.
    """
    inside: list[int] = []
    outside: list[int] = []
    for month in closed:
        (outside if month_cost(force, month) is None else inside).append(month)
    nothing = Fraction(0)
    return Actual(
        tuple(inside),
        cents(sum((spent.get(month, nothing) for month in inside), nothing)),
        cents(sum((spent.get(month, nothing) for month in outside), nothing)),
    )


@dataclass(frozen=True)
class Rate:
    """The actual run-rate: scaled to a year from closed months, or the month to date of none."""

    amount: Fraction
    months: int


def run_rate(today: int, closed: Iterable[int], spent: Mapping[int, Fraction]) -> Rate:
    """The closed months of the last three, scaled; or the month to date."""
    months = [month for month in closed if today - 3 <= month < today]
    if not months:
        return Rate(cents(spent.get(today, Fraction(0))), 0)
    whole = sum((spent.get(month, Fraction(0)) for month in months), Fraction(0))
    return Rate(cents(whole * 12 / len(months)), len(months))


@dataclass(frozen=True)
class Score:
    """What one pair of versions says: O, the cost it is set against, its months, S and the band."""

    opportunity: Fraction | None
    cost: Fraction | None
    funded: int
    prospect: Fraction | None
    band: str


def band_of(prospect: Fraction, bounds: Sequence[Fraction]) -> str:
    """The band of an unrounded ratio, by the bounds best first."""
    for band, bound in zip(("strong", "solid", "marginal", "thin"), bounds, strict=True):
        if prospect >= bound:
            return band
    return "weak"


def score(
    case: Case | None, cost: Fraction | None, months: int, bounds: Sequence[Fraction]
) -> Score:
    """Set a case against what `months` cost, projected or measured, like for like."""
    if case is None:
        return Score(None, cost, months, None, "unbacked")
    declared = opportunity(case)
    if cost is None or cost <= 0 or not months:
        return Score(declared, cost, months, None, "not_scored")
    prospect = declared * months / 12 / cost
    return Score(declared, cost, months, prospect, band_of(prospect, bounds))
