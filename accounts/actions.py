"""Every change to people and the organisation roles they hold: the Administrator's work."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Preference, Role, RoleGrant, User
from accounts.policy import must_administrate
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.history import drop, keep, required


@transaction.atomic
def create_first_administrator(*, email: str, name: str, password: str) -> User:
    """Create the person who makes all others; raise `PermissionDenied` once there is anybody.

    Nobody is there to do it, so the history names the system.
    """
    if User.objects.exists():
        message = "There are people already; an Administrator makes more."
        raise PermissionDenied(message)
    reason = "Made on the command line, as the first person."
    user = _create(None, email, name, password, reason)
    keep(RoleGrant(user=user, role=Role.ADMINISTRATOR), actor=None, reason=reason)
    return user


@transaction.atomic
def create_person(*, actor: User, email: str, name: str, password: str, reason: str = "") -> User:
    """Create somebody who signs in and, until granted more, sees nothing."""
    must_administrate(actor)
    return _create(actor, email, name, password, reason)


@transaction.atomic
def change_person(
    *,
    actor: User,
    user: User,
    seen: str,
    name: str,
    roles: frozenset[Role],
    active: bool,
    reason: str,
) -> None:
    """Change what a person is called, which roles they hold and whether they may sign in.

    `seen` is the person's as the page showed it; raise `StaleError` if somebody was faster.
    Deactivating and taking a role away need a reason.
    """
    must_administrate(actor)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.seen != seen:
        message = f"{locked} was changed since you opened this page. Nothing was overwritten."
        raise StaleError(message)
    if locked.name != name.strip():
        locked.name = name.strip()
        keep(locked, actor=actor, reason=reason, beside="name")
    for role in sorted(roles - locked.roles):
        grant_role(actor=actor, user=locked, role=role, reason=reason)
    for role in sorted(locked.roles - roles):
        revoke_role(actor=actor, user=locked, role=role, reason=reason)
    if locked.is_active != active:
        set_active(actor=actor, user=locked, active=active, reason=reason)


@transaction.atomic
def grant_role(*, actor: User, user: User, role: Role, reason: str = "") -> RoleGrant:
    """Let a person hold an organisation role."""
    must_administrate(actor)
    grant = RoleGrant(user=user, role=role, granted_by=actor)
    keep(grant, actor=actor, reason=reason, beside="roles")
    return grant


@transaction.atomic
def revoke_role(*, actor: User, user: User, role: Role, reason: str) -> None:
    """Take a role from a person, with a reason; the last Administrator who may sign in stays."""
    must_administrate(actor)
    why = required(reason, f"Say why {user} is to be {role.label} no more.")
    if role == Role.ADMINISTRATOR:
        _somebody_must_stay(user)
    for grant in RoleGrant.objects.select_for_update().filter(user=user, role=role):
        drop(grant, actor=actor, reason=why)


@transaction.atomic
def set_active(*, actor: User, user: User, active: bool, reason: str = "") -> None:
    """Let a person who left sign in no more, or let them in again. What they recorded stays.

    Deactivating takes a reason.
    """
    must_administrate(actor)
    if user == actor:
        message = "You can't deactivate yourself."
        raise RefusedError(message)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not active:
        reason = required(reason, f"Say why {user} may sign in no more.")
        _somebody_must_stay(user)
    locked.is_active = user.is_active = active
    keep(locked, actor=actor, reason=reason)


@transaction.atomic
def choose_display(*, actor: User, locale: str, shortcuts: bool) -> None:
    """Choose how one's own pages are written (empty: as the organisation does), and single keys."""
    chosen = {"locale": locale, "shortcuts": shortcuts}
    Preference.objects.update_or_create(person=actor, defaults=chosen)


@transaction.atomic
def dismiss_checklist(*, actor: User) -> None:
    """Have the list of first steps shown to this person no more."""
    Preference.objects.update_or_create(person=actor, defaults={"checklist_dismissed": True})


def _create(actor: User | None, email: str, name: str, password: str, reason: str) -> User:
    user = User(email=User.objects.normalize_email(email.strip()), name=name.strip())
    user.set_password(password)
    keep(user, actor=actor, reason=reason, beside="email")
    return user


def _somebody_must_stay(user: User) -> None:
    """Refuse to lose `user` as the last Administrator who may sign in; others wait meanwhile."""
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR).order_by("pk")
    administrators = {grant.user_id for grant in grants.select_for_update()}
    active = User.objects.filter(pk__in=administrators, is_active=True)
    if user.pk in administrators and not active.exclude(pk=user.pk).exists():
        message = "Somebody must stay Administrator. Give the role to another person first."
        raise RefusedError(message)
