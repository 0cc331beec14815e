"""Who has files made, and who gets them (METHOD 2: Finance and Executives export).

A file is handed out to whoever asked for it, and to nobody else: it shows what that person reads.
"""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from packs.models import Pack

EXPORTERS = (Role.FINANCE, Role.EXECUTIVE)
TO_EXPORT = "Only Finance and Executives export."


def may_export(user: User) -> bool:
    """Tell whether the person exports the figures that they read."""
    return bool(user.roles.intersection(EXPORTERS))


def own_packs(user: User) -> QuerySet[Pack]:
    """Return the packs that the person asked for, without their content, the latest first."""
    return Pack.objects.filter(asked_by=user).defer("content").order_by("-pk")


def get_own_pack(user: User, pk: int) -> Pack:
    """Return a pack that the person asked for, or raise 404."""
    return get_object_or_404(own_packs(user), pk=pk)
