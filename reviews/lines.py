"""A review as values: its workloads, what was decided and said of each, and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.models import Decision
from positions.query import Asked, Query
from reviews.models import Closing, Direction, Review
from reviews.stands import Drift, Stand
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind, ValueType
from valueboard.lib.http import seen_of

TOTALS: dict[str, tuple[What, str, Kind, ValueType | None]] = {
    "projected": (What.TOTAL_PROJECTED, "Projected annual cost", Kind.PROJECTED, None),
    "run_rate": (What.TOTAL_RUN_RATE, "Actual run-rate", Kind.ACTUAL, None),
    "cost_saving": (
        What.TOTAL_COST_SAVING,
        "Declared opportunity, Cost Saving",
        Kind.DECLARED,
        ValueType.COST_SAVING,
    ),
    "revenue_driving": (
        What.TOTAL_REVENUE_DRIVING,
        "Declared opportunity, Revenue Driving",
        Kind.DECLARED,
        ValueType.REVENUE_DRIVING,
    ),
}
NOTES = {
    "projected": "each workload in its own funding year",
    "run_rate": "a year, from closed months",
    "cost_saving": "a year",
    "revenue_driving": "a year; revenue, not margin, and not added to savings",
}


@dataclass(frozen=True, slots=True)
class Approval:
    """The last approval of a workload's funding: what was acknowledged, by whom, when.

    `hash` is that of its record.
    """

    id: int
    hash: str
    acknowledgement: str
    by: str
    at: datetime
    rationale: str

    @property
    def words(self) -> str:
        """Return what the approver said of the declared value."""
        return Decision.Acknowledgement(self.acknowledgement).label

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "id": self.id,
            "hash": self.hash,
            "acknowledgement": self.acknowledgement,
            "by": self.by,
            "at": self.at.isoformat(),
            "rationale": self.rationale,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Approval | None":
        """Return what `plain` kept."""
        return cls(**{**kept, "at": datetime.fromisoformat(kept["at"])}) if kept else None


@dataclass(frozen=True, slots=True)
class Said:
    """What a review says of a workload; `direction` is empty where none was taken."""

    notes: str = ""
    direction: str = ""
    revision: int = 0

    @property
    def words(self) -> str:
        """Return the direction in words."""
        return Direction(self.direction).label if self.direction else ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said."""
        return not (self.notes or self.direction)


@dataclass(frozen=True, slots=True)
class Last:
    """What the review before left of a workload: what it said, and where the workload stood.

    `carried`: its filters had not found the workload either.
    """

    review: str
    closed_at: datetime
    said: Said
    stand: Stand
    carried: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One workload of a review.

    `carried`: the filters don't find it any more, but the review before listed it, or this one has
    a note on it. `over` says why nothing more was spent on it at the review's moment: `Stopped`,
    `Ended`, else empty. `baseline` is None where nothing was recorded, `acknowledged` without an
    approval.
    """

    id: int
    slug: str
    name: str
    space: str
    owner: str
    carried: bool
    approval: Approval | None
    baseline: Stand | None
    acknowledged: Stand | None
    current: Stand
    proposed: Direction
    said: Said = Said()
    last: Last | None = None
    over: str = ""

    @property
    def since_baseline(self) -> Drift | None:
        """Return what changed since version 1; None where there was none."""
        return Drift(self.baseline, self.current) if self.baseline else None

    @property
    def since_approval(self) -> Drift | None:
        """Return what changed since the versions that the last approval acknowledged."""
        return Drift(self.acknowledged, self.current) if self.acknowledged else None

    @property
    def since_last(self) -> Drift | None:
        """Return what changed since the review before."""
        return Drift(self.last.stand, self.current, self.over_since.lower()) if self.last else None

    @property
    def over_since(self) -> str:
        """Return why nothing more is spent on it, and since when where the reviews tell."""
        if self.over and self.last and not self.last.carried:
            return f"{self.over} since the last review"
        return self.over

    @property
    def drifts(self) -> list[tuple[str, Drift]]:
        """Return what changed, and since when; what the last review left is not rescored."""
        found = (
            ("last review", self.since_last),
            ("acknowledgement", self.since_approval),
            ("baseline", self.since_baseline),
        )
        return [(since, drift) for since, drift in found if drift]

    @property
    def stands(self) -> list[tuple[str, Stand, Drift | None]]:
        """Return where it stood, each with what changed since, and the current stand last."""
        found = (
            ("Baseline", self.since_baseline),
            ("Acknowledged", self.since_approval),
            (self.last.review if self.last else "", self.since_last),
        )
        before = [(title, drift.before, drift) for title, drift in found if drift]
        return [*before, ("Current", self.current, None)]

    @property
    def seen(self) -> tuple[object, ...]:
        """Return what of it a closing names."""
        current, approval = self.current, self.approval
        return (
            self.id,
            self.name,
            self.space,
            self.owner,
            approval.id if approval else None,
            current.versions,
            current.score.cost,
            self.carried,
            self.over,
            self.said.revision,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A review with its workloads, in the order of the board; those carried over come last.

    `totals` are those of the workloads that the filters find, `summary` what the meeting came to; a
    person who reads only some of a closed review gets neither.
    """

    review: Review
    closing: Closing | None
    query: Query
    asked: Sequence[Asked]
    known_at: datetime
    bounds_version: int
    basis: str
    deliveries: Sequence[int]
    lines: Sequence[Line]
    totals: Mapping[str, Figure]
    summary: str = ""

    @property
    def seen(self) -> str:
        """Return what the page of a closing shows, as a digest."""
        amounts = [figure.amount for figure in self.totals.values()]
        return seen_of(
            self.review.revision,
            self.bounds_version,
            self.basis,
            *amounts,
            *(line.seen for line in self.lines),
        )

    @property
    def unsaid(self) -> int:
        """Return of how many workloads nothing was said."""
        return sum(1 for line in self.lines if line.said.is_empty)

    @property
    def found(self) -> int:
        """Return how many workloads the filters find: those that the totals are of."""
        return len(self.lines) - self.carried

    @property
    def carried(self) -> int:
        """Return how many workloads are listed beside these."""
        return sum(1 for line in self.lines if line.carried)

    @property
    def named_totals(self) -> list[tuple[str, Figure, str]]:
        """Return the totals, each with its name and what has to be known of it."""
        return [(TOTALS[key][1], figure, NOTES[key]) for key, figure in self.totals.items()]

    def line(self, slug: str) -> Line | None:
        """Return one workload."""
        return next((line for line in self.lines if line.slug == slug), None)
