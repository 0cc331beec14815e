"""Attributing months anew, and who may change what decides it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from cur_ingest.access import may_edit
from cur_ingest.actions.closings import record_closing
from cur_ingest.attribution import attribute, lock_rules
from cur_ingest.closing import MonthState, month_states
from cur_ingest.dating import DAWN
from cur_ingest.models import AttributionRun, MonthClosing, RuleVersion, SignalVersion
from cur_ingest.reports import counting_runs, waiting_runs
from records.clock import now, today
from valueboard.lib.errors import RefusedError, StaleError

AnyVersion = TypeVar("AnyVersion", RuleVersion, SignalVersion)


@transaction.atomic
def reattribute(
    *, actor: User | None, reason: str, include_closed: bool = False
) -> list[AttributionRun]:
    """Attribute the open months by the rules and signals in force; with `include_closed` all.

    What was known on a past date stays as it was recorded then. Nothing is read from S3.
    """
    if actor is not None:
        must_edit(actor)
    lock_rules(exclusive=True)
    return attribute_again(actor, reason, include_closed=include_closed)


def attribute_again(
    actor: User | None, reason: str, *, include_closed: bool
) -> list[AttributionRun]:
    """Do what `reattribute` does, for whoever holds the lock of the rules already."""
    moment = now()
    states = month_states(moment)
    made = [
        attribute(
            actor=actor,
            delivery=run.delivery,
            cause=AttributionRun.Cause.CLOSED
            if states[run.period].closed
            else AttributionRun.Cause.RULES,
            reason=reason,
        )
        for run in list(counting_runs(moment))
        if include_closed or not states[run.period].closed
    ]
    if include_closed:
        made += _attribute_closed(actor, reason, moment, states.values())
    return made


def _attribute_closed(
    actor: User | None, reason: str, moment: datetime, states: Iterable[MonthState]
) -> list[AttributionRun]:
    """Do so for what waits beside closed months, and record what these come to now."""
    cause = AttributionRun.Cause.CLOSED
    made = [
        attribute(actor=actor, delivery=run.delivery, cause=cause, reason=reason, counts=False)
        for run in list(waiting_runs(moment))
    ]
    for state in states:
        if state.closing is not None:
            record_closing(actor, state.period, MonthClosing.Cause.ATTRIBUTED, reason)
    return made


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


def refuse_stale(last: AnyVersion | None, seen: int, what: str) -> AnyVersion:
    """Return the latest version; StaleError unless it is the one that was seen."""
    if last is None or last.version != seen:
        message = f"Somebody changed this {what} meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    return last
