"""Attributing months anew, and who may change what decides it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from cur_ingest.access import may_edit
from cur_ingest.actions.closings import record_closing
from cur_ingest.attribution import attribute, lock_rules
from cur_ingest.closing import MonthState, month_states
from cur_ingest.models import AttributionRun, MonthClosing, RuleVersion, SignalVersion
from cur_ingest.reports import counting_runs, waiting_runs
from records.clock import now, today
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.months import DAWN

AnyVersion = TypeVar("AnyVersion", RuleVersion, SignalVersion)


@contextmanager
def changing(actor: User, reason: str, *, include_closed: bool) -> Iterator[None]:
    """Have Finance alone change rules and signals, then attribute by them, all or nothing.

    The open months are attributed anew; with `include_closed` all. What was known on a past date
    stays as it was recorded then. Nothing is read from S3.
    """
    must_edit(actor)
    with transaction.atomic():
        lock_rules(exclusive=True)
        yield
        moment = now()
        states = month_states(moment)
        for run in list(counting_runs(moment)):
            closed = states[run.period].closed
            if include_closed or not closed:
                cause = AttributionRun.Cause.CLOSED if closed else AttributionRun.Cause.RULES
                attribute(actor=actor, delivery=run.delivery, cause=cause, reason=reason)
        if include_closed:
            _attribute_closed(actor, reason, moment, states.values())


def _attribute_closed(
    actor: User, reason: str, moment: datetime, states: Iterable[MonthState]
) -> None:
    """Do so for what waits beside closed months, and record what these come to now."""
    cause = AttributionRun.Cause.CLOSED
    for run in list(waiting_runs(moment)):
        attribute(actor=actor, delivery=run.delivery, cause=cause, reason=reason, counts=False)
    for state in states:
        if state.closing is not None:
            record_closing(actor, state.period, MonthClosing.Cause.ATTRIBUTED, reason)


@dataclass(frozen=True, slots=True)
class Since:
    """From which day on a change of rules or signals counts.

    Today or later, unless it reaches back `on_purpose`: then past days are attributed anew by it,
    and the change's reason says why.
    """

    day: date
    on_purpose: bool = False


# For every day there is, of the months that are attributed anew.
ALWAYS = Since(DAWN, on_purpose=True)


def first_day_of(since: Since) -> date:
    """Return the first day that a change counts for; RefusedError if it reaches back unsaid."""
    if since.day < today() and not since.on_purpose:
        message = (
            "Past days keep the rules of their time. Choose today or a later day, or say that the "
            "change reaches back on purpose."
        )
        raise RefusedError(message)
    return max(since.day, DAWN)


def must_edit(actor: User) -> None:
    """Raise PermissionDenied for whoever is not in Finance."""
    if not may_edit(actor):
        message = "Only Finance makes and changes rules and signals."
        raise PermissionDenied(message)


def refuse_stale(versions: QuerySet[AnyVersion], seen: int, what: str) -> AnyVersion:
    """Return the latest of a rule's or signal's versions; StaleError unless it was seen."""
    last = versions.order_by("version").last()
    if last is None or last.version != seen:
        message = f"Somebody changed this {what} meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    return last


def record(version: AnyVersion, actor: User, reason: str, since: Since) -> AnyVersion:
    """Record a version of a rule or signal, for whoever is `changing` them."""
    version.effective_from = first_day_of(since)
    version.reason = reason.strip()
    version.recorded_by = actor
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    return version
