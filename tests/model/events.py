"""What happened in an organisation, in plain Python: facts with the moment that each was recorded.

Months are whole numbers, 12 × year + month − 1. Amounts are Decimals as they were typed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Event:
    """Something recorded at a moment (with its zone)."""

    at: datetime


@dataclass(frozen=True)
class SpaceMade(Event):
    """A Space stands below another one, or below none."""

    space: str
    parent: str = ""


@dataclass(frozen=True)
class Placed(Event):
    """A workload has a name, a Space and an owner from now on."""

    workload: str
    name: str
    space: str
    owner: str


@dataclass(frozen=True)
class Claimed(Event):
    """A workload was added in its Space, or had its first attributed spend."""

    workload: str


@dataclass(frozen=True)
class Stopped(Event):
    """A workload is used no more."""

    workload: str


@dataclass(frozen=True)
class Schedule:
    """What an estimate says: the monthly amount, growth in percent, and months."""

    monthly: Decimal
    growth: Decimal
    first: int
    months: int
    effective: int


@dataclass(frozen=True)
class EstimateRecorded(Event):
    """The next version of an estimate."""

    workload: str
    schedule: Schedule


@dataclass(frozen=True)
class Confirmed(Event):
    """A Financial Admin confirmed the estimate that waits, without a request."""

    workload: str


@dataclass(frozen=True)
class Declined(Event):
    """What waits will not come into force: its request was rejected or withdrawn."""

    workload: str


@dataclass(frozen=True)
class Case:
    """A declared case: its kind of dollars, the current annual amount, and the percentage."""

    value_type: str
    current: Decimal
    percent: Decimal


@dataclass(frozen=True)
class CaseRecorded(Event):
    """The next version of a case; None retracts it."""

    workload: str
    case: Case | None


@dataclass(frozen=True)
class Approved(Event):
    """An approval that counts, of what stands at its moment."""

    workload: str
    acknowledgement: str


@dataclass(frozen=True)
class BoundsSet(Event):
    """The bounds of the bands, best first, from a day on."""

    effective: date
    strong: Decimal
    solid: Decimal
    marginal: Decimal
    thin: Decimal


@dataclass(frozen=True)
class ThresholdSet(Event):
    """By how many percent a revision may exceed the approved sum undecided, from a day on."""

    effective: date
    percent: Decimal


@dataclass(frozen=True)
class Delivered(Event):
    """The bill of a month was delivered (again): the AI usage that it gives each workload.

    `amounts` are as charged; net of negotiated discounts they are `net` times as much.
    """

    month: int
    amounts: tuple[tuple[str, Decimal], ...]
    net: Decimal = Decimal(1)


@dataclass(frozen=True)
class BasisChosen(Event):
    """Finance chose the cost basis in which pages show actual spend."""

    basis: str


@dataclass(frozen=True)
class MonthClosed(Event):
    """Finance closed a month."""

    month: int


@dataclass(frozen=True)
class MonthReopened(Event):
    """Finance opened a month again: its latest delivery counts."""

    month: int
