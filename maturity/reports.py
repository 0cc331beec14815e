"""Reading Governance Maturity: as scored now from the facts, and as it was kept (METHOD 9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from maturity.evidence import Evidence
from maturity.fixes import Way, shortest_first, way_up
from maturity.formulas import Scored, overall, score
from maturity.keeping import Point, month_ends, numbers, points
from maturity.memory import Memory, read_memory
from maturity.reading import read_evidence
from maturity.score import Dimension, Tier
from positions.reader import Reader
from valueboard.lib.moment import end_of


@dataclass(frozen=True, slots=True)
class Maturity:
    """The score of a moment, with what it rests on and what would lift it.

    `trend` are the ends of the 24 months before, oldest first, as they were kept.
    """

    evidence: Evidence
    scores: dict[Dimension, Scored]
    trend: tuple[tuple[date, Point | None], ...]

    @property
    def overall(self) -> Tier | None:
        """Return the lowest tier among dimensions with data."""
        return overall(self.scores)

    @property
    def ways(self) -> list[Way]:
        """Return what lifts each dimension to its next tier, the shortest list first."""
        found = (way_up(scored, self.evidence) for scored in self.scores.values())
        return shortest_first(way for way in found if way is not None)


def read_maturity(
    reader: Reader,
    known_at: datetime,
    spaces: Collection[int] | None = None,
    *,
    by_group: bool = True,
) -> Maturity:
    """Score what a person reads, of `spaces` alone where some are named, with the trend.

    `by_group` names the unclaimed groups, as lines are attributed now; of a past day their sums
    alone are true. Six queries.
    """
    days = month_ends(localdate(known_at))
    memory = read_memory(spaces, days=days, known_at=known_at)
    evidence = read_evidence(reader, known_at, memory.gaps, by_group=by_group)
    if spaces is not None:
        evidence = evidence.inside(spaces)
    found = _points(memory, known_at)
    return Maturity(
        evidence,
        score(evidence, numbers(memory.versions, evidence.today, known_at)),
        tuple((day, found.get(day)) for day in days),
    )


def kept_scores(reader: Reader, moment: datetime) -> Point:
    """Return the latest score that was kept by the day of a moment, in one query.

    Of the Spaces that a person reads, or of the organisation with what lies in no Space. Without
    data while nothing was kept.
    """
    return kept_of(reader.space_ids, moment)


def kept_of(spaces: Collection[int] | None, moment: datetime) -> Point:
    """Return the same of some Spaces together; None is the organisation."""
    day = localdate(moment)
    found = _points(read_memory(spaces, latest_by=day), moment)
    return next(iter(found.values()), Point(day, moment, {}))


def _points(memory: Memory, moment: datetime) -> dict[date, Point]:
    known_at = {row.day: min(end_of(row.day), moment) for row in memory.kept}
    return points(memory.kept, memory.versions, known_at)
