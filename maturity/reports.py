"""Reading Governance Maturity: as scored now from the facts, and as it was kept (METHOD 9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    DecimalField,
    F,
    Max,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.utils.timezone import localdate

from accounts.models import User
from maturity.evidence import Evidence
from maturity.fixes import Way, shortest_first, way_up
from maturity.formulas import Scored, overall, score
from maturity.keeping import (
    FORMULA,
    LIMIT,
    Kept,
    Point,
    Version,
    month_ends,
    numbers,
    points,
)
from maturity.models import FormulaVersion, KeptScore
from maturity.reading import end_of, read_evidence
from maturity.score import Dimension, Measure, Share, Tier
from records.models import ThresholdVersion
from spaces.models import Workload

AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=50, decimal_places=24)


@dataclass(frozen=True, slots=True)
class Maturity:
    """The score of a moment, with what it rests on and what would lift it."""

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
    user: User, known_at: datetime, spaces: Collection[int] | None = None, *, by_group: bool = True
) -> Maturity:
    """Score what a person reads, of `spaces` alone where some are named, with the trend.

    `by_group` names the unclaimed groups, as lines are attributed now; of a past day their sums
    alone are true.
    """
    evidence = read_evidence(Workload.objects.visible_to(user), known_at, by_group=by_group)
    if spaces is not None:
        evidence = evidence.inside(spaces)
    kept, versions = _read(month_ends(evidence.today), spaces)
    found = points(kept, versions, {row.day: end_of(row.day) for row in kept})
    return Maturity(
        evidence,
        score(evidence, numbers(versions, evidence.today, known_at)),
        tuple((day, found.get(day)) for day in month_ends(evidence.today)),
    )


def kept_scores(spaces: Collection[int] | None, moment: datetime) -> Point:
    """Return the latest score that was kept by the day of a moment, in one query.

    Of some Spaces together, or of the organisation with what lies in none (`None`). Without data
    while nothing was kept.
    """
    latest = KeptScore.objects.filter(day__lte=localdate(moment)).order_by("-day").values("day")
    kept, versions = _read(latest[:1], spaces)
    known_at = {row.day: min(end_of(row.day), moment) for row in kept}
    nothing = Point(localdate(moment), moment, {})
    return next(iter(points(kept, versions, known_at).values()), nothing)


def _read(
    days: Sequence[date] | QuerySet[KeptScore, Any], spaces: Collection[int] | None
) -> tuple[list[Kept], list[Version]]:
    """Read what was kept of some days, every threshold and every formula version: one query."""
    inside = Q() if spaces is None else Q(space__in=spaces)
    day = {"day": Subquery(days)} if isinstance(days, QuerySet) else {"day__in": days}
    none = Value(Decimal(0), output_field=AMOUNT)
    kept = (
        KeptScore.objects.filter(**day)
        .values("measure", "formula")
        .annotate(
            amount=Sum("part", filter=inside, default=none),
            whole_amount=Sum("whole", filter=inside, default=none),
            on=F("day"),
            at=Max("kept_at"),
        )
        .values_list("measure", "formula", "amount", "whole_amount", "on", "at")
    )
    thresholds = ThresholdVersion.objects.filter(key__startswith=LIMIT).values_list(
        "key", "version", Cast("value", AMOUNT), none, "effective_from", "recorded_at"
    )
    formulas = FormulaVersion.objects.values_list(
        Concat(Value(FORMULA), "dimension"),
        "version",
        Cast("number", AMOUNT),
        none,
        "effective_from",
        "recorded_at",
    )
    found, versions = [], []
    for key, number, amount, whole, since, at in kept.union(thresholds, formulas, all=True):
        if key.startswith((LIMIT, FORMULA)):
            versions.append(Version(key, number, amount, since, at))
        else:
            found.append(Kept(since, Measure(key), number, Share(amount, whole), at))
    return found, versions
