"""What was kept of scores, what counted when, and what became of gaps: one query for all of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from allocation_gaps.models import GapKind
from allocation_gaps.states import ASKING, Act
from maturity.counting import WINDOW
from maturity.keeping import FORMULA, LIMIT, Kept, Version
from maturity.score import Measure, Share

# Sums of the rows of some Spaces, or of all rows: numerators and denominators, never percentages.
# What lies in no Space has a row on every day that was kept, so that a day without data is one.
MEMORY = """
SELECT
 (SELECT json_agg(json_build_array(day, measure, formula, part::text, whole::text, at)) FROM (
   SELECT day, measure, formula, max(kept_at) AS at,
    coalesce(sum(part) FILTER (WHERE %(everywhere)s OR space_id = ANY(%(spaces)s)), 0) AS part,
    coalesce(sum(whole) FILTER (WHERE %(everywhere)s OR space_id = ANY(%(spaces)s)), 0) AS whole
   FROM maturity_keptscore
   WHERE day = ANY(%(days)s)
    OR day = (SELECT max(day) FROM maturity_keptscore WHERE day <= %(latest_by)s::date)
   GROUP BY day, measure, formula) kept),
 (SELECT json_agg(json_build_array(%(formula)s || dimension, version, number::text, effective_from,
   recorded_at)) FROM maturity_formulaversion),
 (SELECT json_agg(json_build_array(key, version, value::text, effective_from, recorded_at))
  FROM records_thresholdversion WHERE starts_with(key, %(limit)s)),
 (SELECT json_agg(json_build_array(o.id, o.kind, coalesce(nullif(o."group", ''), o.key),
   o.workload_id, o.label, o.recorded_at,
   (SELECT min(a.recorded_at) FROM allocation_gaps_gapaction a
    WHERE a.opening_id = o.id AND a.act = ANY(%(acting)s)
    AND a.recorded_at <= %(known_at)s::timestamptz
    AND NOT EXISTS (SELECT FROM allocation_gaps_gapaction r
     WHERE r.takes_back_id = a.id AND r.recorded_at <= %(known_at)s::timestamptz)),
   (SELECT max(a.recorded_at) FROM allocation_gaps_gapaction a
    WHERE a.opening_id = o.id AND a.act = 'resolved' AND a.recorded_at <= %(known_at)s::timestamptz)
  ) ORDER BY o.id)
  FROM allocation_gaps_gapopening o
  WHERE o.recorded_at <= %(known_at)s::timestamptz
   AND o.recorded_at >= %(known_at)s::timestamptz - make_interval(days => %(back)s))
"""
# A day more than Gap Response looks back, since days begin where the organisation is.
BACK = WINDOW + 2


@dataclass(frozen=True, slots=True)
class GapFact:
    """A gap that was found, when somebody first acted on it (not taken back), and its end.

    `workload` is None for unclaimed spend, whose `key` is that of its group.
    """

    id: int
    kind: GapKind
    key: str
    workload: int | None
    label: str
    found: datetime
    acted: datetime | None
    resolved: datetime | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What was kept, every version of a formula and of a threshold, and the gaps of 120 days."""

    kept: Sequence[Kept]
    versions: Sequence[Version]
    gaps: Sequence[GapFact]


def read_memory(
    spaces: Collection[int] | None,
    *,
    days: Collection[date] = (),
    latest_by: date | None = None,
    known_at: datetime | None = None,
) -> Memory:
    """Read what was kept of `days`, and of the latest kept day by `latest_by`; gaps by `known_at`.

    Of some Spaces together, or of the organisation with what lies in none (`spaces` None).
    """
    asked: dict[str, Any] = {
        "everywhere": spaces is None,
        "spaces": sorted(spaces or ()),
        "days": sorted(days),
        "latest_by": latest_by,
        "formula": FORMULA,
        "limit": LIMIT,
        "known_at": known_at,
        "acting": [act.value for act in (*ASKING, Act.STOPPED)],
        "back": BACK,
    }
    with connection.cursor() as cursor:
        cursor.execute(MEMORY, asked)
        kept, formulas, thresholds, gaps = (_list(found) for found in cursor.fetchone())
    return Memory(
        [
            Kept(
                date.fromisoformat(day),
                Measure(measure),
                formula,
                Share(Decimal(part), Decimal(whole)),
                datetime.fromisoformat(at),
            )
            for day, measure, formula, part, whole, at in kept
        ],
        [
            Version(
                key,
                number,
                Decimal(value),
                date.fromisoformat(since),
                datetime.fromisoformat(at),
            )
            for key, number, value, since, at in (*formulas, *thresholds)
        ],
        [
            GapFact(
                pk,
                GapKind(kind),
                key,
                workload,
                label,
                datetime.fromisoformat(found),
                datetime.fromisoformat(acted) if acted else None,
                datetime.fromisoformat(resolved) if resolved else None,
            )
            for pk, kind, key, workload, label, found, acted, resolved in gaps
        ],
    )


def _list(found: Any) -> list[Any]:
    # Django hands JSON out as text.
    return json.loads(found) if isinstance(found, str) else found or []
