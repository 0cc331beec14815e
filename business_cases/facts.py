"""What was recorded, as values: read once up to the latest moment that is asked about. No Django.

`rows` says from them what was so at any of those moments, without asking again. Moments are aware
datetimes, months and billing periods first days, amounts in the reporting currency.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, overload

from business_cases.case import CaseTerms
from business_cases.projection import Terms
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing

Version = TypeVar("Version", bound=tuple[Any, ...])

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


class Amounts(Mapping[date, Decimal]):
    """Amounts by month, which become numbers when somebody asks for them.

    A board of 5,000 workloads asks for three of 24. `places` says where the amount of a month
    stands in `texts`.
    """

    __slots__ = ("_places", "_texts")

    def __init__(self, places: Mapping[date, int], texts: list[str]) -> None:
        self._places, self._texts = places, texts

    def __getitem__(self, month: date) -> Decimal:
        """Return the amount of a month."""
        return Decimal(self._texts[self._places[month]])

    def get(self, month: date, default: Any = None) -> Any:
        """Return the amount of a month, if there is one."""
        place = self._places.get(month)
        return default if place is None else Decimal(self._texts[place])

    def __iter__(self) -> Iterator[date]:
        """Yield the months."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many months there are."""
        return len(self._places)


class Spent(NamedTuple):
    """What the runs that counted gave a workload: by billing period, and its first day of cost."""

    amounts: Mapping[date, Decimal]
    first_day: date | None


NO_SPEND = Spent({}, None)


class Lazily(Sequence[Version]):
    """Versions that are made of their rows when somebody asks for them, and once.

    A board of 5,000 workloads asks for the latest of three.
    """

    __slots__ = ("_make", "_rows")

    def __init__(self, make: Callable[[tuple[Any, ...]], Version], rows: list[Any]) -> None:
        """Hold rows as they came from the database; a version is a tuple of a type of its own."""
        self._make, self._rows = make, rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Version: ...

    @overload
    def __getitem__(self, index: slice) -> list[Version]: ...

    def __getitem__(self, index: int | slice) -> Version | list[Version]:
        """Return one or some of them."""
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self._rows)))]
        found: Any = self._rows[index]
        if type(found) is tuple:
            found = self._rows[index] = self._make(found)
        version: Version = found
        return version


@dataclass(slots=True)
class WorkloadFacts:
    """What was recorded of one workload, each kind oldest first."""

    id: int
    slug: str
    placements: list[Placed]
    estimates: Sequence[Estimated]
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
