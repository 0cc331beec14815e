"""Taking checkpoints, and setting thresholds.

A file is written first and recorded in the database after. A crash between the two leaves a file
that the database doesn't know of; whoever takes the next one finds it by its number and records it
as it is, so that no number is given twice and none is lost. Only where the database lacks something
that the file saw is it no such leftover: then a backup was restored.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts.models import Role, User
from records.access import may_say_restored, may_take_checkpoint
from records.changed import facts_changed
from records.checkpoints import Lost, compare, read_heads, state, write_file
from records.clock import today
from records.locations import LocationError, location
from records.models import Checkpoint, ThresholdVersion
from records.reports import Standing, look
from records.signing import signer
from records.thresholds import KNOWN_BY_KEY
from records.verifier import Checkpoint as Written
from records.verifier import read_checkpoint
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError, StaleError

# Whoever takes a checkpoint holds this lock.
CHECKPOINT_LOCK = 7_236_301
FURTHEST = timedelta(days=5 * 366)


@transaction.atomic
def take_checkpoint(*, actor: User | None, kind: Checkpoint.Kind) -> Checkpoint:
    """Sign what all chains have come to, write it to the location and record it.

    Without an actor it is the system's. RefusedError where key or location are missing or fail,
    and where the database isn't what the latest checkpoint saw.
    """
    if actor and not may_take_checkpoint(actor):
        message = "Administrators and Finance take checkpoints."
        raise PermissionDenied(message)
    standing = _look_alone()
    if standing.difference:
        raise RefusedError(standing.alarm)
    found = _record_newer(standing)
    if found and standing.newer[-1].heads == [list(head) for head in read_heads()]:
        return found
    return _take(actor, kind, standing, "", ())


@transaction.atomic
def say_restored(*, actor: User, reason: str) -> Checkpoint:
    """Record that this database was restored from a backup, and go on from there.

    The checkpoint says who did and why, and lists every version that the latest one saw and that
    is lost.
    """
    if not may_say_restored(actor):
        message = "Administrators say that a backup was restored."
        raise PermissionDenied(message)
    if not reason.strip():
        raise ValidationError({"reason": "Say what happened, and up to when the backup reached."})
    standing = _look_alone()
    if standing.is_tampered:
        raise RefusedError(standing.alarm + " A restore does not explain that.")
    if not standing.is_short:
        found = _record_newer(standing)
        if found and found.kind == Checkpoint.Kind.RESTORED:
            return found
        message = "Nothing is missing: no checkpoint saw more than this database holds."
        raise RefusedError(message)
    # What any of them saw and the database lacks, not only the latest.
    lost: dict[tuple[str, str], Lost] = {}
    for row in standing.difference.lost:
        lost[row.record, row.subject] = row
    for written in standing.newer[:-1]:
        for row in compare(written.heads, written.said["taken_at"]).lost:
            lost.setdefault((row.record, row.subject), row)
    words = f"{reason.strip()} (said by {actor.email})"
    return _take(actor, Checkpoint.Kind.RESTORED, standing, words, tuple(lost.values()))


def _look_alone() -> Standing:
    """Look while nobody else takes a checkpoint; raise where one can't be taken at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHECKPOINT_LOCK])
    standing = look()
    if standing.missing:
        raise RefusedError(standing.missing)
    if standing.unreadable:
        raise LocationError(standing.unreadable)
    return standing


def _record_newer(standing: Standing) -> Checkpoint | None:
    """Record what was written and not recorded; return the latest.

    Not what is older than a checkpoint that says a backup was restored: that lists it as lost.
    """
    kinds = [written.said["kind"] for written in standing.newer]
    said = len(kinds) - 1 - kinds[::-1].index("restored") if "restored" in kinds else 0
    found = None
    for written in standing.newer[said:]:
        note = "Found at the location: written before, and not recorded."
        found = _record(None, written, note)
    return found


def _take(
    actor: User | None,
    kind: Checkpoint.Kind,
    standing: Standing,
    reason: str,
    lost: tuple[Lost, ...],
) -> Checkpoint:
    by, number = signer(), standing.newest_number + 1
    statement, heads = state(number, kind.value, standing.newest_digest, by, reason, lost)
    content = write_file(statement, by.sign(statement), by.public_key, heads)
    note = location().write(number, content)
    made = _record(actor, read_checkpoint(content.decode()), note)
    # What was found is no longer so; whoever looks next finds out anew.
    transaction.on_commit(look)
    return made


def _record(actor: User | None, written: Written, note: str) -> Checkpoint:
    return Checkpoint.objects.create(
        recorded_by=actor,
        number=written.number,
        kind=written.said["kind"],
        statement=written.statement,
        signature=written.signature,
        public_key=written.public_key,
        location=location().name,
        note=note,
    )


@transaction.atomic
def set_threshold(
    *, actor: User, key: str, seen: int, value: Decimal, effective_from: date, reason: str
) -> ThresholdVersion:
    """Record the next version of a threshold; `seen` is the latest that the page showed (0: none).

    In force from today or later, so that no past day is judged anew.
    """
    known = KNOWN_BY_KEY[key]
    problems = problems_of_version(actor, effective_from, reason)
    if not 0 <= value <= known.most or (not value and not known.optional):
        problems["value"] = f"Give a number above 0, at most {formats.number(known.most)}."
    if problems:
        raise ValidationError(dict(problems))
    lock_versions(key)
    latest = ThresholdVersion.objects.filter(key=key).order_by("-version").first()
    if seen != (latest.version if latest else 0):
        message = "Somebody set this threshold since you opened the page. Nothing was recorded."
        raise StaleError(message)
    facts_changed()
    return ThresholdVersion.objects.create(
        key=key,
        value=value,
        effective_from=effective_from,
        reason=reason.strip(),
        recorded_by=actor,
    )


def problems_of_version(actor: User, effective_from: date, reason: str) -> dict[str, str]:
    """Return what is wrong with a new version of a threshold or of bounds, by field.

    Raise `PermissionDenied` for anybody but an Administrator.
    """
    if Role.ADMINISTRATOR not in actor.roles:
        message = "Only an Administrator sets thresholds and bounds."
        raise PermissionDenied(message)
    problems = {}
    day = today()
    if effective_from < day:
        problems["effective_from"] = "It counts from today or later; past days keep what they had."
    elif effective_from > day + FURTHEST:
        problems["effective_from"] = "The day must lie within five years."
    if not reason.strip():
        problems["reason"] = "Say why: it is kept with the version."
    return problems


def lock_versions(subject: str) -> None:
    """Let one writer after the other look at the latest version and append the next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])
