"""The board of the method at a moment: lines, filters, totals and groups, in plain Python.

Nothing of the product is imported; a lens is `planned` or `actual`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from tests.model.events import Case, Schedule
from tests.model.formulas import (
    Actual,
    Rate,
    Score,
    Year,
    actual,
    projected,
    run_rate,
    score,
    whole_term,
)
from tests.model.story import Story

if TYPE_CHECKING:
    from tests.model.organisation import Then


class Line:
    """A workload at a moment, under a lens."""

    def __init__(self, story: Story, then: "Then", lens: str) -> None:
        """Look at a story at its moment."""
        self.story, self.then, self.lens = story, then, lens
        self.force = [version.schedule for version in story.force]

    @cached_property
    def year(self) -> Year | None:
        """P and f of the moment's funding year; None without an estimate in force."""
        return projected(self.force, self.then.month) if self.force else None

    @cached_property
    def actual(self) -> Actual:
        """What the closed months inside the funding window cost."""
        return actual(self.force, self.then.closed, self.then.spent(self.story.slug))

    @cached_property
    def rate(self) -> Rate:
        """The actual run-rate."""
        return run_rate(self.then.month, self.then.closed, self.then.spent(self.story.slug))

    @cached_property
    def score(self) -> Score:
        """S and the band, of planning figures or against actual spend."""
        story, then = self.story, self.then
        return scored(self.lens, self.force, story.case, then.month, then.bounds, self.actual)

    @property
    def size(self) -> Fraction:
        """The area of its tile: P, or without an estimate in force the run-rate."""
        return self.year.cost if self.year else self.rate.amount

    @cached_property
    def ended(self) -> bool:
        """Whether the funding is over and three closed months had no spend."""
        closed, spent = self.then.closed, self.then.spent(self.story.slug)
        if not self.year or not self.year.ended or len(closed) < 3:
            return False
        return not any(spent.get(month) for month in closed[-3:])

    @property
    def on_map(self) -> bool:
        """Claimed, and neither stopped nor ended."""
        return self.story.state == "claimed" and not self.ended

    @property
    def value_type(self) -> str:
        """The kind of dollars that is declared; empty without a case."""
        return self.story.case.value_type if self.story.case else ""

    @property
    def states(self) -> set[str]:
        """All that one can filter by."""
        found, today = set(), self.then.month
        if self.force and self.year:
            begins = self.force[-1].first
            found.add(
                "not_started"
                if today < begins
                else "funding_ended"
                if self.year.ended
                else "running"
            )
        if self.story.pending:
            found.add("pending")
        if not self.story.approvals:
            found.add("not_approved")
        if self.story.not_acknowledged_since is not None:
            found.add("not_acknowledged")
        return found


def scored(  # noqa: PLR0917 - everything that a score is made of
    lens: str,
    force: Sequence[Schedule],
    case: Case | None,
    month: int,
    bounds: Sequence[Fraction],
    measured: Actual,
) -> Score:
    """Score a case by planning figures, or against actual spend."""
    if lens == "actual":
        return score(
            case, measured.amount if measured.months else None, len(measured.months), bounds
        )
    year = projected(force, month) if force else None
    return score(case, year.cost if year else None, year.funded if year else 0, bounds)


class Side:
    """A pair of versions, scored for the funding year of the moment and over the whole term."""

    def __init__(self, then: "Then", force: Sequence[Schedule], case: Case | None) -> None:
        """Score them."""
        year = projected(force, then.month) if force else None
        term = whole_term(force) if force else None
        self.year, self.term = (
            score(case, each.cost if each else None, each.funded if each else 0, then.bounds)
            for each in (year, term)
        )


@dataclass(frozen=True)
class Wanted:
    """A query: what is empty filters nothing. `above` is of the size; several of one are either."""

    space: str = ""
    types: frozenset[str] = frozenset()
    bands: frozenset[str] = frozenset()
    owner: str = ""
    states: frozenset[str] = frozenset()
    revised: bool = False
    above: Fraction | None = None

    def takes(self, line: Line) -> bool:
        """Whether a line passes every filter."""
        story = line.story
        return (
            (not self.space or story.space in line.then.below(self.space))
            and (not self.types or line.value_type in self.types)
            and (not self.bands or line.score.band in self.bands)
            and (not self.owner or story.owner == self.owner)
            and (not self.states or bool(line.states & self.states))
            and (not self.revised or story.revised)
            and (self.above is None or line.size > self.above)
        )


def chosen(then: "Then", lens: str, wanted: Wanted) -> dict[str, Line]:
    """The lines on the map that a query asks for, by slug."""
    return {line.story.slug: line for line in then.board(lens) if wanted.takes(line)}


@dataclass(frozen=True)
class Totals:
    """The sums of lines: unlike kinds of dollars stay apart."""

    count: int
    projected: Fraction
    rate: Fraction
    saving: Fraction
    revenue: Fraction
    savings: int
    revenues: int
    unbacked: int
    unbacked_projected: Fraction
    unbacked_rate: Fraction


def totals(lines: Iterable[Line]) -> Totals:
    """Add lines up; a month to date is no yearly rate, and in no total."""
    rows = list(lines)
    unbacked = [row for row in rows if row.score.band == "unbacked"]

    def of_type(value_type: str) -> list[Fraction]:
        return [
            row.score.opportunity
            for row in rows
            if row.score.opportunity is not None and row.value_type == value_type
        ]

    def cost(some: list[Line]) -> Fraction:
        return sum((row.year.cost for row in some if row.year), Fraction(0))

    def rate(some: list[Line]) -> Fraction:
        return sum((row.rate.amount for row in some if row.rate.months), Fraction(0))

    saving, revenue = of_type("cost_saving"), of_type("revenue_driving")
    return Totals(
        len(rows),
        cost(rows),
        rate(rows),
        sum(saving, Fraction(0)),
        sum(revenue, Fraction(0)),
        len(saving),
        len(revenue),
        len(unbacked),
        cost(unbacked),
        rate(unbacked),
    )


def last_closed(line: Line) -> Fraction:
    """What the last closed month cost, to the cent; 0 without one."""
    closed = line.then.closed
    spent = line.then.spent(line.story.slug)
    return actual((), closed[-1:], spent).outside


def grouped(lines: Iterable[Line], under: str = "") -> dict[tuple[str, bool], list[Line]]:
    """The lines by the Space right below `under` that they lie in, at any depth.

    Those that lie in `under` itself are a group of their own: (`under`, True). Without `under`, by
    the topmost Spaces.
    """
    found: dict[tuple[str, bool], list[Line]] = {}
    for line in lines:
        space, parents = line.story.space, line.then.parents
        own = bool(under) and space == under
        while not own and parents[space] != under:
            space = parents[space]
        found.setdefault((space, own), []).append(line)
    return found
