"""Letting somebody decide for one's absence, and taking it back."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import make_aware

from accounts.models import Role, User
from approvals.mails import post_delegation
from approvals.models import LONGEST_DELEGATION, Delegation
from records.clock import now, today
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError, StaleError

LONGEST_REASON = 1000
FURTHEST = timedelta(days=366)


@transaction.atomic
def delegate_approving(
    *, actor: User, delegate: User, first_day: date, last_day: date, reason: str
) -> Delegation:
    """Let `delegate` decide for the actor from `first_day` to `last_day`, both included."""
    if Role.FINANCIAL_ADMIN not in actor.roles:
        # A delegate who is none decides for somebody; what they hold is not theirs to hand on.
        message = "Only a Financial Admin delegates approving, and nobody delegates it onward."
        raise PermissionDenied(message)
    if problems := _problems(actor, delegate, first_day, last_day, reason.strip()):
        raise ValidationError(dict(problems))
    made = Delegation.objects.create(
        delegate=delegate,
        begins_at=_midnight(first_day),
        ends_at=_midnight(last_day + timedelta(days=1)),
        reason=reason.strip(),
        recorded_by=actor,
    )
    post_delegation(made)
    return made


@transaction.atomic
def take_delegation_back(*, actor: User, delegation: Delegation, reason: str) -> Delegation:
    """End a delegation at once; only who gave it does."""
    if delegation.recorded_by_id != actor.pk:
        message = "Only who delegated takes it back."
        raise PermissionDenied(message)
    if delegation.takes_back_id is not None:
        message = "This ends a delegation itself; there is nothing to take back."
        raise RefusedError(message)
    # One delegator's rows are written one after the other from here on.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
    if Delegation.objects.filter(takes_back=delegation).exists():
        message = "This delegation was taken back already."
        raise StaleError(message)
    if delegation.ends_at <= now():
        message = "This delegation is over; there is nothing to take back."
        raise StaleError(message)
    if not reason.strip():
        raise ValidationError({"reason": "Say why you take it back."})
    back = Delegation.objects.create(
        delegate=delegation.delegate,
        begins_at=delegation.begins_at,
        ends_at=delegation.ends_at,
        reason=reason.strip()[:LONGEST_REASON],
        takes_back=delegation,
        recorded_by=actor,
    )
    post_delegation(back)
    return back


def _problems(
    actor: User, delegate: User, first_day: date, last_day: date, reason: str
) -> dict[str, str]:
    """Return what is wrong with a delegation, by field."""
    problems: dict[str, str] = {}
    if delegate == actor:
        problems["delegate"] = "Choose somebody else: you can't stand in for yourself."
    elif not delegate.is_active:
        problems["delegate"] = f"{delegate} can't sign in any more; choose somebody else."
    if first_day < today():
        problems["first_day"] = "The first day can't lie in the past."
    elif first_day > today() + FURTHEST:
        problems["first_day"] = "The first day must lie within a year."
    if last_day < first_day:
        problems["last_day"] = "The last day can't come before the first."
    elif last_day - first_day >= LONGEST_DELEGATION:
        problems["last_day"] = (
            f"An absence lasts {LONGEST_DELEGATION.days} days at most; delegate anew after it."
        )
    if not reason:
        problems["reason"] = "Say why, such as a holiday: it is kept with the delegation."
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = f"Say it in {formats.number(LONGEST_REASON)} characters at most."
    return problems


def _midnight(day: date) -> datetime:
    """Return when a day begins in the organisation's time zone."""
    return make_aware(datetime.combine(day, time()))
