"""What a request's life is made of, in plain Python: what is recorded, and what it costs."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction
from itertools import groupby

CENT = Decimal("0.01")


class Why(Enum):
    """Why something is refused."""

    NOT_THEIRS = "not theirs"
    STALE = "they saw something else"
    NOT_NOW = "not in this state"
    INCOMPLETE = "something is missing"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an estimate says; months are counted from the first month of the machine's world."""

    monthly: Decimal
    growth: int
    months: int
    effective: int


@dataclass(slots=True)
class EstimateSnapshot:
    """An estimate that was recorded, and what became of it: `basis` is why it is in force."""

    estimate: Estimate
    author: str
    basis: str = ""
    declined: bool = False


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """A case that was recorded, by its percentage; None for a retraction."""

    percent: int | None
    author: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, for whom, on which versions (0: none)."""

    outcome: str
    acknowledgement: str
    by: str
    on_behalf_of: str
    estimate: int
    case: int


@dataclass(frozen=True, slots=True)
class Step:
    """From where to where a request went, by whom."""

    source: str
    target: str
    by: str


@dataclass(slots=True)
class Request:
    """One request on the workload; its revision counts drafts and steps."""

    kind: str
    author: str
    state: str = "draft"
    revision: int = 0
    comments: int = 0
    steps: list[Step] = field(default_factory=list)
    hands: set[str] = field(default_factory=set)

    @property
    def waits(self) -> bool:
        """Whether it was submitted and is not closed."""
        return self.state in {"submitted", "returned"}

    def go(self, target: str, by: str) -> None:
        """Take a step."""
        self.steps.append(Step(self.state, target, by))
        self.state, self.revision = target, self.revision + 1


@dataclass(frozen=True, slots=True)
class Tab:
    """What a page showed when it was opened: `asked` is the estimate that a decision is about."""

    request: int
    revision: int
    estimate: int
    case: int
    asked: int


def exact_cost(schedule: list[Estimate], month: int) -> Fraction:
    """What a month costs by the latest estimate that was effective by then."""
    for terms in reversed(schedule):
        if terms.effective <= month:
            growth = Fraction(100 + terms.growth, 100)
            return Fraction(terms.monthly) * growth**month if month < terms.months else Fraction(0)
    return Fraction(0)


def whole_term(schedule: list[Estimate]) -> Decimal:
    """What the whole term costs: each funding year rounded half up to the cent."""
    total = Decimal(0)
    for _, months in groupby(range(schedule[-1].months), lambda month: month // 12):
        year = sum((exact_cost(schedule, month) for month in months), Fraction(0))
        exact = Decimal(year.numerator) / Decimal(year.denominator)
        total += exact.quantize(CENT, ROUND_HALF_UP)
    return total
