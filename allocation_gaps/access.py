"""Who acts on gaps: Finance and Financial Admins; whoever reads a workload sees its gaps."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, RoleGrant, User
from accounts.policy import reads_everything
from allocation_gaps.models import GapOpening
from spaces.models import Workload, people_of

ACTORS = frozenset({Role.FINANCE, Role.FINANCIAL_ADMIN})


def may_act(user: User) -> bool:
    """Tell whether the person may act on gaps."""
    return bool(user.roles & ACTORS)


def visible(user: User) -> QuerySet[GapOpening]:
    """Return the gaps of workloads that the person reads; unclaimed spend to who reads it all."""
    if reads_everything(user):
        return GapOpening.objects.all()
    return GapOpening.objects.filter(workload__in=Workload.objects.visible_to(user))


def get_opening(user: User, pk: int) -> GapOpening:
    """Return a gap that the person reads, open or not, or raise 404."""
    found = visible(user).select_related("workload__space", "workload__owner")
    return get_object_or_404(found, pk=pk)


def who_may_be_given(opening: GapOpening) -> QuerySet[User]:
    """Return whom a gap may be given to: who acts on gaps, and who belongs to its Space."""
    actors = RoleGrant.objects.filter(role__in=ACTORS).values("user")
    chosen = Q(pk__in=actors)
    if opening.workload is not None:
        members = people_of({opening.workload.space_id}).values("pk")
        chosen |= Q(pk__in=members) | Q(pk=opening.workload.owner_id)
    return User.objects.filter(chosen, is_active=True).order_by("name")


def may_be_given(user: User, opening: GapOpening) -> bool:
    """Tell whether a gap may be given to somebody."""
    return who_may_be_given(opening).filter(pk=user.pk).exists()
