"""Keeping scores, which pages would add up anew each time; setting thresholds by a preset."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.timezone import localdate

from accounts.models import User
from maturity.formulas import score
from maturity.keeping import month_ends, numbers
from maturity.memory import read_memory
from maturity.models import KeptScore
from maturity.presets import Preset
from maturity.reading import everybody, read_evidence
from maturity.score import Share
from maturity.thresholds import seen_of_preset, versions_of_preset
from records.actions import lock_versions, problems_of_version, set_threshold
from records.clock import now
from records.models import ThresholdVersion
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.moment import end_of

KEEPING_LOCK = 7_236_501
# What was recorded by the end of a day may be committed a little later.
SETTLING = timedelta(hours=1)


def keep_scores() -> list[date]:
    """Keep today's score, and what isn't kept for good of yesterday and the 24 month ends.

    Return the days. A day that is over is kept once: what it is scored from is frozen.
    """
    moment = now()
    today = localdate(moment)
    days = {*month_ends(today), today - timedelta(days=1), today}
    kept = dict(KeptScore.objects.filter(day__in=days).values_list("day", "kept_at"))
    due = sorted(day for day in days if day not in kept or kept[day] <= end_of(day) + SETTLING)
    for day in due:
        _keep(day)
    return due


@transaction.atomic
def apply_preset(
    *, actor: User, preset: Preset, seen: str, effective_from: date, reason: str
) -> list[ThresholdVersion]:
    """Record a version of each threshold that a source has otherwise, the source in its reason.

    `seen` is what `seen_of_preset` said of what the page showed. Raise StaleError where somebody
    set one of them since, RefusedError where all of them are so already.
    """
    problems = problems_of_version(actor, effective_from, reason)
    if problems:
        raise ValidationError(dict(problems))
    for key in sorted(preset.values):
        lock_versions(key)
    rows = versions_of_preset(preset)
    if seen != seen_of_preset(rows):
        message = (
            "Somebody set one of these thresholds since you opened the page. Nothing was recorded."
        )
        raise StaleError(message)
    changed = [row for row in rows if row.changes]
    if not changed:
        message = "All of these are so already. Nothing was recorded."
        raise RefusedError(message)
    why = f"Preset “{preset.label}” ({preset.source}). {reason.strip()}"
    return [
        set_threshold(
            actor=actor,
            key=row.key,
            seen=row.version,
            value=row.new,
            effective_from=effective_from,
            reason=why,
        )
        for row in changed
    ]


@transaction.atomic
def _keep(day: date) -> None:
    with connection.cursor() as cursor:
        # Whoever keeps the same day at the same time waits, and then keeps it as it is by then.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEEPING_LOCK])
    kept_at = now()
    rows = _rows_of(day, min(end_of(day), kept_at), kept_at)
    KeptScore.objects.filter(day=day).delete()
    KeptScore.objects.bulk_create(rows)


def _rows_of(day: date, known_at: datetime, kept_at: datetime) -> list[KeptScore]:
    """Return a row for each measure and Space that has any, and for what lies in none always."""
    memory = read_memory(None, known_at=known_at)
    evidence = read_evidence(everybody(), known_at, memory.gaps)
    versions = numbers(memory.versions, day, known_at)
    rows = []
    for scored in score(evidence, versions).values():
        for measure, counted in scored.rows.items():
            sums: dict[int | None, Share] = defaultdict(Share, {None: Share()})
            for row in counted:
                sums[row.space] += row.share
            rows += [
                KeptScore(
                    day=day,
                    space_id=space,
                    measure=measure,
                    formula=scored.version,
                    part=share.part,
                    whole=share.whole,
                    kept_at=kept_at,
                )
                for space, share in sums.items()
            ]
    return rows
