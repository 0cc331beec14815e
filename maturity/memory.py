"""What was kept of scores, what counted when, and what became of gaps: one query for all of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

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
    OR day = (SELECT max(day) FROM maturity_keptscore WHERE day <= %(latest_by)s)
   GROUP BY day, measure, formula) kept),
 (SELECT json_agg(json_build_array(%(formula)s || dimension, version, number::text, effective_from,
   recorded_at)) FROM maturity_formulaversion),
 (SELECT json_agg(json_build_array(key, version, value::text, effective_from, recorded_at))
  FROM records_thresholdversion WHERE starts_with(key, %(limit)s))
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was kept, and every version of a formula and of a threshold."""

    kept: Sequence[Kept]
    versions: Sequence[Version]


def read_memory(
    spaces: Collection[int] | None,
    *,
    days: Collection[date] = (),
    latest_by: date | None = None,
) -> Memory:
    """Read what was kept of `days`, and of the latest kept day by `latest_by`.

    Of some Spaces together, or of the organisation with what lies in none (`spaces` None).
    """
    asked: dict[str, Any] = {
        "everywhere": spaces is None,
        "spaces": sorted(spaces or ()),
        "days": sorted(days),
        "latest_by": latest_by,
        "formula": FORMULA,
        "limit": LIMIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(MEMORY, asked)
        kept, formulas, thresholds = (_list(found) for found in cursor.fetchone())
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
    )


def _list(found: Any) -> list[Any]:
    # Django hands JSON out as text.
    return json.loads(found) if isinstance(found, str) else found or []
