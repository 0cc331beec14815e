"""Who may call a view: every view of the product wears exactly one of these decorators.

A policy answers by role alone. What a person may see or change of one object is decided where
the object is fetched, in the `access` module of its app.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.models import Role, User

View = Callable[..., HttpResponseBase]

# The organisation roles that read everything (METHOD 2).
READS_EVERYTHING = frozenset({Role.FINANCIAL_ADMIN, Role.FINANCE, Role.EXECUTIVE})


def actor_of(request: HttpRequest) -> User:
    """Return the person behind a request that passed a policy."""
    return cast("User", request.user)


def public(view: View) -> View:
    """Let everybody in: the health endpoints, nothing else."""
    view.policy = "public"  # type: ignore[attr-defined]
    return login_not_required(view)


def signed_in(view: View) -> View:
    """Let in everybody who is signed in; objects are checked where they are fetched."""
    view.policy = "signed in"  # type: ignore[attr-defined]
    return view


def needs(*roles: Role) -> Callable[[View], View]:
    """Let in whoever holds one of `roles`; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not actor_of(request).roles.intersection(roles):
                named = " or ".join(role.label for role in roles)
                message = f"This page is for the role {named}."
                raise PermissionDenied(message)
            return view(request, *args, **kwargs)

        checked.policy = frozenset(roles)  # type: ignore[attr-defined]
        return checked

    return decorate


def reads_everything(user: User) -> bool:
    """Tell whether the person reads every Space."""
    return bool(user.roles & READS_EVERYTHING)


def must_administrate(user: User) -> None:
    """Raise `PermissionDenied` unless the person is an Administrator: what actions ask."""
    if Role.ADMINISTRATOR not in user.roles:
        message = "Only an Administrator manages people, roles and Spaces."
        raise PermissionDenied(message)
