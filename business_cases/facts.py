"""What was recorded, as values: read once up to the latest moment that is asked about. No Django.

`rows` says from them what was so at any of those moments, without asking again. Moments are aware
datetimes, months and billing periods first days, amounts in the reporting currency.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from business_cases.case import CaseTerms
from business_cases.projection import Schedule, Terms
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing

NOBODY = "ValueBoard"  # who recorded what the system recorded by itself


class Placed(NamedTuple):
    """A workload's name, Space, owner and state from `at` on; the owner is called as today."""

    at: datetime
    name: str
    space_id: int
    owner_id: int
    owner: str
    owner_active: bool
    state: str


class Estimated(NamedTuple):
    """A version of the estimate, recorded `at`, and what became of it, whenever that was."""

    id: int
    version: int
    hash: str
    at: datetime
    by: str
    by_id: int | None
    reason: str
    terms: Terms
    confirmed_at: datetime | None
    basis: str
    declined: str
    declined_at: datetime | None
    declined_with: int | None

    @property
    def mark(self) -> Mark:
        """Return who recorded it, when and why."""
        return Mark(*self[:7])


class Declared(NamedTuple):
    """A version of the case, recorded `at`; `terms` is None for a retraction."""

    id: int
    version: int
    hash: str
    at: datetime
    by: str
    by_id: int | None
    reason: str
    terms: CaseTerms | None

    @property
    def mark(self) -> Mark:
        """Return who recorded it, when and why."""
        return Mark(*self[:7])


class Decided(NamedTuple):
    """A decision, with the versions that it named; `by` says for whom too."""

    id: int
    at: datetime
    by: str
    kind: str
    outcome: str
    acknowledgement: str
    rationale: str
    request_id: int | None
    estimate_version: int | None
    case_version: int | None
    hash: str


class Estimates(tuple[Estimated, ...]):  # noqa: SLOT001 - it keeps what was worked out
    """The versions of an estimate, oldest first, which know the schedule that they came to."""

    @cached_property
    def _settled(self) -> datetime:
        """Return when the last of them was confirmed: from then on their schedule stays."""
        return max(each.confirmed_at for each in self if each.confirmed_at)

    @cached_property
    def _schedule(self) -> Schedule | None:
        terms = tuple(each.terms for each in self if each.confirmed_at)
        return Schedule(terms) if terms else None

    def schedule(self, moment: datetime) -> Schedule | None:
        """Return the schedule of those that were confirmed by a moment, None while there is none.

        Most are asked for a moment after all of it: then it is the same one each time.
        """
        if self._schedule is None or self._settled <= moment:
            return self._schedule
        held = (each for each in self if each.confirmed_at and each.confirmed_at <= moment)
        return Estimates(held).schedule(moment)


class Column:
    """What workloads have, such as amounts of one month: two lists as texts, parted when asked.

    A board of 5,000 workloads asks for three months of 24. Where a workload stands there more than
    once, as with several classes of spend, `add` makes one value of two; an empty one is none.
    """

    def __init__(self, workloads: str, values: str, add: Callable[[Any, str], Any]) -> None:
        """Hold both lists, of the same length, with commas between."""
        self._workloads, self._values, self._add = workloads, values, add

    @cached_property
    def workloads(self) -> list[str]:
        """Return the ids of the workloads."""
        return self._workloads.split(",")

    @cached_property
    def of(self) -> dict[str, Any]:
        """Return the values by workload."""
        found: dict[str, Any] = {}
        for workload, value in zip(self.workloads, self._values.split(","), strict=True):
            if value:
                known = workload in found
                found[workload] = self._add(found[workload], value) if known else value
        return found


class Amounts(Mapping[date, Decimal]):
    """Amounts of a workload by month, which become numbers when somebody asks for them.

    They are made of a workload that has any.
    """

    __slots__ = ("_columns", "_workload")

    def __init__(self, columns: Mapping[date, Column], workload: str) -> None:
        """Look into columns, which are by month."""
        self._columns, self._workload = columns, workload

    def __getitem__(self, month: date) -> Decimal:
        """Return the amount of a month."""
        return Decimal(self._columns[month].of[self._workload])

    def get(self, month: date, default: Any = None) -> Any:
        """Return the amount of a month, if there is one."""
        column = self._columns.get(month)
        amount = column.of.get(self._workload) if column else None
        return default if amount is None else Decimal(amount)

    def __iter__(self) -> Iterator[date]:
        """Yield the months."""
        return (month for month, column in self._columns.items() if self._workload in column.of)

    def __len__(self) -> int:
        """Return how many months there are."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Tell that there are some, without counting them."""
        return True


class Spent(NamedTuple):
    """What the runs that counted gave a workload by billing period; `first_days` are of all."""

    amounts: Mapping[date, Decimal]
    first_days: Column = Column("", "", min)
    workload: str = ""

    @property
    def first_day(self) -> date | None:
        """Return its first day of cost."""
        day = self.first_days.of.get(self.workload)
        return date.fromisoformat(day) if day else None


NO_SPEND = Spent({})


@dataclass(slots=True)
class WorkloadFacts:
    """What was recorded of one workload, each kind oldest first."""

    id: int
    slug: str
    placements: Sequence[Placed]
    estimates: Estimates
    cases: Sequence[Declared]
    decisions: Sequence[Decided]

    def placed(self, moment: datetime) -> Placed | None:
        """Return where it was at a moment; None before it was recorded."""
        return next((p for p in reversed(self.placements) if p.at <= moment), None)

    def standing(self, moment: datetime) -> Standing:
        """Return its versions as they stood at a moment: nothing is confirmed by what came later.

        Reasons, hashes and the longer texts of a case are there where the facts are whole.
        """
        return Standing(
            tuple(EstimateVersion(each.mark, *each[7:]) for each in self.estimates),
            tuple(CaseVersion(each.mark, each.terms) for each in self.cases),
        ).as_of(moment)


class DeliveryFact(NamedTuple):
    """An export delivered a billing period."""

    period: date
    export_id: int
    at: datetime


class ClosingFact(NamedTuple):
    """Finance closed a period, or opened it again."""

    period: date
    at: datetime
    closed: bool


class BoundsFact(NamedTuple):
    """A version of the bounds of the bands."""

    version: int
    at: datetime
    effective: date
    strong: Decimal
    solid: Decimal
    marginal: Decimal
    thin: Decimal


class ThresholdFact(NamedTuple):
    """A version of a threshold."""

    key: str
    version: int
    at: datetime
    effective: date
    value: Decimal


class RunFact(NamedTuple):
    """An attribution run that counted, and the delivery whose lines it attributed."""

    id: int
    delivery_id: int
    export_id: int
    period: date


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What was recorded of the organisation, each kind oldest first."""

    deliveries: Sequence[DeliveryFact]
    closings: Sequence[ClosingFact]
    bases: Sequence[tuple[datetime, str]]
    bounds: Sequence[BoundsFact]
    thresholds: Sequence[ThresholdFact]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that rows are made of, of some workloads, up to the latest of some moments.

    `runs` are by moment, since what counts is another run after a month was attributed anew; and so
    is `spend`, in every basis that pages showed at one of the moments. `whole` says that reasons,
    hashes and all texts of cases were read too.
    """

    moments: tuple[datetime, ...]
    zone: tzinfo
    workloads: Sequence[WorkloadFacts]
    organisation: OrganisationFacts
    spend: Mapping[tuple[datetime, str], Mapping[int, Spent]]
    runs: Mapping[datetime, Sequence[RunFact]]
    whole: bool
