"""Every change to people and the organisation roles they hold: the Administrator's work."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Role, RoleGrant, User
from valueboard.lib.errors import RefusedError


@transaction.atomic
def create_first_administrator(*, email: str, name: str, password: str) -> User:
    """Create the person who makes all others; raise `PermissionDenied` once there is anybody."""
    if User.objects.exists():
        message = "There are people already; an Administrator makes more."
        raise PermissionDenied(message)
    user = _create(email, name, password)
    RoleGrant.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user


@transaction.atomic
def create_person(*, actor: User, email: str, name: str, password: str) -> User:
    """Create somebody who signs in and, until granted more, sees nothing."""
    _must_administrate(actor)
    return _create(email, name, password)


@transaction.atomic
def grant_role(*, actor: User, user: User, role: Role) -> RoleGrant:
    """Let a person hold an organisation role."""
    _must_administrate(actor)
    grant = RoleGrant(user=user, role=role, granted_by=actor)
    grant.full_clean()
    grant.save()
    return grant


@transaction.atomic
def revoke_role(*, actor: User, user: User, role: Role) -> None:
    """Take a role from a person; the last Administrator who may sign in stays."""
    _must_administrate(actor)
    if role == Role.ADMINISTRATOR:
        _somebody_must_stay(user)
    RoleGrant.objects.filter(user=user, role=role).delete()


@transaction.atomic
def set_active(*, actor: User, user: User, active: bool) -> None:
    """Let a person who left sign in no more, or let them in again. What they recorded stays."""
    _must_administrate(actor)
    if user == actor:
        message = "You can't deactivate yourself."
        raise RefusedError(message)
    if not active:
        _somebody_must_stay(user)
    user.is_active = active
    user.save(update_fields=["is_active"])


def _create(email: str, name: str, password: str) -> User:
    user = User(email=User.objects.normalize_email(email.strip()), name=name.strip())
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def _somebody_must_stay(user: User) -> None:
    """Refuse to lose `user` as the last Administrator who may sign in; others wait meanwhile."""
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR).order_by("pk")
    administrators = {grant.user_id for grant in grants.select_for_update()}
    active = User.objects.filter(pk__in=administrators, is_active=True)
    if user.pk in administrators and not active.exclude(pk=user.pk).exists():
        message = "Somebody must stay Administrator. Give the role to another person first."
        raise RefusedError(message)


def _must_administrate(actor: User) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        message = "Only an Administrator manages people and roles."
        raise PermissionDenied(message)
