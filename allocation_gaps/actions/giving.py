"""Giving a gap to somebody, and taking a request back."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from allocation_gaps.access import may_be_given
from allocation_gaps.actions.holding import (
    GoneError,
    lock_gaps,
    must_act,
    refuse_stale,
    still_there,
)
from allocation_gaps.mails import tell_assigned, tell_recalled
from allocation_gaps.models import GapAction, GapOpening
from records.clock import today
from valueboard.lib.errors import RefusedError

Act = GapAction.Act
GONE = "The gap was resolved meanwhile. Nothing was done."


@transaction.atomic
def assign_gap(
    *,
    actor: User,
    opening: GapOpening,
    seen: int,
    assignee: User,
    rationale: str,
    due: date | None = None,
) -> GapAction:
    """Give a gap to somebody who sees to it, until a day if one is given; it stays as it is.

    Raise `StaleError` if somebody acted meanwhile, or the gap is gone.
    """
    why = must_act(actor, rationale)
    if due is not None and due <= today():
        raise ValidationError({"due": "Give a day to come."})
    locked = lock_gaps([opening.pk])[opening.pk]
    if opening.pk not in still_there([locked]):
        raise GoneError(GONE)
    refuse_stale(locked, seen)
    if not may_be_given(assignee, locked.opening):
        raise ValidationError({"assignee": f"{assignee} doesn't read this gap."})
    action = GapAction.objects.create(
        kind=locked.opening.kind,
        key=locked.opening.key,
        workload=locked.opening.workload,
        opening=locked.opening,
        act=Act.ASSIGNED,
        rationale=why,
        assignee=assignee,
        due=due,
        recorded_by=actor,
    )
    tell_assigned(action)
    return action


@transaction.atomic
def recall_request(*, actor: User, opening: GapOpening, seen: int, rationale: str) -> GapAction:
    """Take the latest request about a gap back, with the reason; its reminders end.

    Raise `StaleError` if somebody acted meanwhile, or the gap is gone.
    """
    why = must_act(actor, rationale)
    locked = lock_gaps([opening.pk])[opening.pk]
    if locked.acts.resolved:
        raise GoneError(GONE)
    refuse_stale(locked, seen)
    asked = locked.acts.asked
    if asked is None:
        message = "Nothing was requested that could be taken back."
        raise RefusedError(message)
    action = GapAction.objects.create(
        kind=locked.opening.kind,
        key=locked.opening.key,
        workload=locked.opening.workload,
        opening=locked.opening,
        act=Act.RECALLED,
        rationale=why,
        assignee=asked.assignee,
        takes_back=asked,
        recorded_by=actor,
    )
    tell_recalled(action)
    return action
