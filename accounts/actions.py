"""Every change to people and the organisation roles they hold: the Administrator's work."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Role, RoleGrant, User


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


def _create(email: str, name: str, password: str) -> User:
    user = User(email=User.objects.normalize_email(email.strip()), name=name.strip())
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def _must_administrate(actor: User) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        message = "Only an Administrator manages people and roles."
        raise PermissionDenied(message)
