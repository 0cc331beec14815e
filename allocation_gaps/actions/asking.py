"""Asking the owner of a workload for what is missing: of one gap, or of many at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User
from allocation_gaps.actions.holding import (
    GoneError,
    Locked,
    lock_gaps,
    must_act,
    refuse_stale,
    still_there,
    what_came_between,
)
from allocation_gaps.answers import askable
from allocation_gaps.mails import tell_asked
from allocation_gaps.models import GapAction, GapKind, GapOpening
from allocation_gaps.states import REQUESTS
from records.clock import now, today
from records.thresholds import thresholds
from valueboard.lib.errors import RefusedError

GONE = "The gap was resolved meanwhile. Nobody was asked."


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a bulk request: what was asked, and what was not with the reason."""

    done: tuple[GapAction, ...]
    left: tuple[tuple[GapOpening, str], ...]


@transaction.atomic
def request_from_owner(
    *, actor: User, opening: GapOpening, seen: int, rationale: str, due: date | None = None
) -> GapAction:
    """Ask the owner for what is missing: record it, and mail it with the way to answer.

    `seen` is the version of the last action that the page showed (0: none). `due` is the day by
    which the answer is expected, and of the first reminder; without it, after the days of the
    threshold. Raise `StaleError` if somebody acted meanwhile, or the gap is gone.
    """
    why = must_act(actor, rationale)
    if opening.kind == GapKind.UNCLAIMED:
        message = "Unclaimed spend has no owner to ask; make a rule for it."
        raise ValidationError(message)
    expected = due_on(due)
    locked = lock_gaps([opening.pk])[opening.pk]
    if opening.pk not in still_there([locked]):
        raise GoneError(GONE)
    refuse_stale(locked, seen)
    return _ask(actor, locked, why, expected)


@transaction.atomic
def request_many(
    *, actor: User, asked: Mapping[int, int], rationale: str, due: date | None = None
) -> Asked:
    """Ask the owners of several gaps, with one rationale; `asked` maps ids to what was seen.

    What was resolved or acted on meanwhile, or has nobody to ask, is left out and named.
    """
    why, expected = must_act(actor, rationale), due_on(due)
    locked = lock_gaps(list(asked))
    there = still_there(list(locked.values()))
    done, left = [], []
    for pk, each in sorted(locked.items()):
        if each.opening.kind == GapKind.UNCLAIMED:
            left.append((each.opening, "Unclaimed spend has no owner to ask."))
        elif pk not in there:
            left.append((each.opening, GONE))
        elif each.acts.seen != asked[pk]:
            left.append((each.opening, what_came_between(each.acts)))
        else:
            try:
                done.append(_ask(actor, each, why, expected))
            except RefusedError as refused:
                left.append((each.opening, str(refused)))
    return Asked(tuple(done), tuple(left))


def due_on(due: date | None) -> date:
    """Return the day by which an answer is expected; raise `ValidationError` for a past one."""
    day = today()
    if due is None:
        return day + timedelta(days=reminder_days())
    if due <= day:
        raise ValidationError({"due": "Give a day to come."})
    return due


def reminder_days() -> int:
    """Return after how many days somebody is reminded, at least 1."""
    moment = now()
    values = thresholds("gap.reminder_days", localdate(moment), moment)
    return max(int(values["gap.reminder_days"]), 1)


def _ask(actor: User, locked: Locked, rationale: str, due: date) -> GapAction:
    opening = locked.opening
    if opening.workload is None:
        message = "Nobody owns this."
        raise RefusedError(message)
    people = askable(opening.kind, opening.workload)
    if not people:
        message = (
            f"Nobody is product owner of {opening.workload.space} or above: have one made first."
            if opening.kind == GapKind.NO_OWNER
            else f"{opening.workload.owner} was deactivated: a new owner has to be named first."
        )
        raise RefusedError(message)
    action = GapAction.objects.create(
        kind=opening.kind,
        key=opening.key,
        workload=opening.workload,
        opening=opening,
        act=REQUESTS[GapKind(opening.kind)],
        rationale=rationale,
        assignee=people[0] if len(people) == 1 else None,
        due=due,
        recorded_by=actor,
    )
    for person in people:
        tell_asked(person, action)
    return action
