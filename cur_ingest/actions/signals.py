"""Every change to AI signals."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from cur_ingest.actions.attributing import (
    ALWAYS,
    Since,
    attribute_again,
    first_day_of,
    must_edit,
    refuse_stale,
)
from cur_ingest.attribution import lock_rules
from cur_ingest.models import Signal, SignalVersion


@dataclass(frozen=True, slots=True)
class SignalTerms:
    """What a signal says: a glob over one field, and what a line is that matches."""

    field: str
    pattern: str
    is_ai: bool
    active: bool
    note: str = ""


@transaction.atomic
def add_signal(
    *,
    actor: User,
    terms: SignalTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> SignalVersion:
    """Record a new signal and attribute the open months by it; with `include_closed` all."""
    must_edit(actor)
    lock_rules(exclusive=True)
    version = _record_signal(actor, Signal.objects.create(), terms, reason, since)
    attribute_again(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def change_signal(
    *,
    actor: User,
    signal: Signal,
    seen: int,
    terms: SignalTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> SignalVersion:
    """Record the next version of a signal, switched on or off included."""
    must_edit(actor)
    lock_rules(exclusive=True)
    last = SignalVersion.objects.filter(signal=signal).order_by("version").last()
    refuse_stale(last, seen, "signal")
    version = _record_signal(actor, signal, terms, reason, since)
    attribute_again(actor, reason, include_closed=include_closed)
    return version


def _record_signal(
    actor: User, signal: Signal, terms: SignalTerms, reason: str, since: Since
) -> SignalVersion:
    version = SignalVersion(
        signal=signal,
        field=terms.field,
        pattern=terms.pattern.strip(),
        is_ai=terms.is_ai,
        active=terms.active,
        note=terms.note.strip(),
        effective_from=first_day_of(since),
        reason=reason.strip(),
        recorded_by=actor,
    )
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    return version
