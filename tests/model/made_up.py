"""Estimates and cases, made up at random among what the forms would take."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from business_cases.case import CaseTerms, problems_of_estimate
from business_cases.projection import Terms
from tests.cast import REVENUE, SAVING
from tests.model.board import Line
from tests.model.events import (
    Case,
    Schedule,
)
from tests.model.formulas import first_day
from valueboard.lib.figure import ValueType

AMOUNTS = ("0.01", "10", "999.99", "1000", "1049.50", "10000", "123456.78")
GROWTHS = ("0", "0", "5", "-3", "1.5", "-50", "100", "0.0001")
LENGTHS = (1, 6, 12, 12, 13, 18, 24, 36, 120)
CURRENTS = ("100", "4600000", "3000000", "333333.33", "0.01")
BOUNDS = (("5", "2", "1.25", "1"), ("8", "3", "1.5", "0.9"), ("4", "1.75", "1.2", "1.1"))
BASES = ("amortised", "unblended", "net_amortised", "net_unblended")
LARGEST = Decimal("999999999999.99")
PERCENTS = ("25", "6.6667", "100", "0.5", "33.3333")


def schedule(chance: Random, today: int, *, revision: bool) -> Schedule:
    """Make an estimate up."""
    pick = chance.choice
    while True:
        first = today + chance.randint(-14, 5)
        effective = today + pick([0, 0, 0, 1, 2, 7]) if revision else first
        made = Schedule(
            Decimal(pick(AMOUNTS)), Decimal(pick(GROWTHS)), first, pick(LENGTHS), effective
        )
        if not problems_of_estimate(terms_of(made), first_day(today)):
            return made


def near(chance: Random, today: int, last: Schedule) -> Schedule:
    """Make an estimate up that is near the last one, so that thresholds are met."""
    pick = chance.choice
    factor = pick(["0.5", "0.9", "1.01", "1.05", "1.1", "1.1001", "1.2"])
    monthly = max((last.monthly * Decimal(factor)).quantize(Decimal("0.01")), Decimal("0.01"))
    first = last.first + pick([0, 0, 0, 0, 1, 3, -1])
    months = max(1, last.months + pick([0, 0, 0, -1, 1, 6]))
    made = Schedule(monthly, last.growth, first, min(months, 120), today + pick([0, 0, 1, 3]))
    good = not problems_of_estimate(terms_of(made), first_day(today))
    return made if good else schedule(chance, today, revision=True)


def case(chance: Random) -> CaseTerms:
    """Make a case up."""
    pick = chance.choice
    kind = pick([SAVING, SAVING, REVENUE])
    return CaseTerms(
        kind.value_type,
        kind.anchor,
        Decimal(pick(CURRENTS)),
        Decimal(pick(PERCENTS)),
        kind.period,
        kind.source,
        kind.basis,
        kind.net_of_review,
        direction=kind.direction,
        mechanism=kind.mechanism,
    )


def at_a_bound(chance: Random, line: Line, like: Case) -> Case:
    """Return a case whose score is at a bound or a cent beside, by plan or against actual spend."""
    cost, months = (line.year.cost, line.year.funded) if line.year else (Fraction(0), 0)
    if line.actual.months and line.actual.amount > 0 and chance.choice([True, False]):
        cost, months = line.actual.amount, len(line.actual.months)
    if not months:
        return like
    worth = Fraction(chance.choice(line.then.bounds)) * cost * 12 / months
    cents = -(-worth * 100 // 1) + chance.choice([-1, 0, 0, 1])
    current = min(max(Decimal(int(cents)) / 100, Decimal("0.01")), LARGEST)
    return Case(like.value_type, current, Decimal(100))


def terms_of(schedule: Schedule) -> Terms:
    """Return the product's value of an estimate."""
    first, effective = first_day(schedule.first), first_day(schedule.effective)
    return Terms(schedule.monthly, schedule.growth, first, schedule.months, effective)


def plain(case: CaseTerms) -> Case:
    """Return the model's value of a case."""
    return Case(ValueType(case.value_type).value, case.current_amount, case.percent)
