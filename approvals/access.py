"""Who decides (METHOD 7): a Financial Admin, never on what they recorded, edited, own or owned.

The pages hide their forms by this, the actions refuse by it, and the database holds the same
rule in the triggers `approvals_separate` and `approvals_never_owned`; nobody is exempt. Whoever
owned the workload stays out for good: handing it over before deciding is no way around. Whoever
reads a workload reads what is to be decided on it.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from business_cases.models import (
    BusinessRequest,
    CaseSnapshot,
    EstimateSnapshot,
    RequestEditor,
    RequestState,
)
from spaces.models import Placement, Workload, WorkloadState


def why_not_decide(user: User, workload: Workload) -> str:
    """Return why the person may not decide on the workload; empty if they may."""
    return why_not_decide_each(user, [workload])[workload.pk]


def why_not_decide_each(user: User, workloads: Iterable[Workload]) -> dict[int, str]:
    """Return the same of each workload, by its id, in a constant number of queries."""
    owners = {workload.pk: workload.owner_id for workload in workloads}
    if Role.FINANCIAL_ADMIN not in user.roles:
        return dict.fromkeys(owners, "Only a Financial Admin decides.")
    about = list(owners)
    estimates = EstimateSnapshot.objects.filter(workload__in=about, recorded_by=user)
    cases = CaseSnapshot.objects.filter(case__workload__in=about, recorded_by=user)
    requests = BusinessRequest.objects.filter(workload__in=about, created_by=user)
    edited = RequestEditor.objects.filter(request__workload__in=about, recorded_by=user)
    owned = Placement.objects.filter(workload__in=about, owner=user)
    return dict.fromkeys(owners, "") | {
        pk: f"You {did}, so somebody else decides."
        for did, found in (
            ("changed its Business Request", edited.values_list("request__workload_id", flat=True)),
            ("wrote its Business Request", requests.values_list("workload_id", flat=True)),
            ("recorded its business case", cases.values_list("case__workload_id", flat=True)),
            ("recorded its estimate", estimates.values_list("workload_id", flat=True)),
            ("owned this workload before", owned.values_list("workload_id", flat=True)),
            ("own this workload", [pk for pk, owner in owners.items() if owner == user.pk]),
        )
        for pk in found
    }


def get_request_to_decide(user: User, pk: int) -> BusinessRequest:
    """Return a request that was submitted at some time, or raise 404."""
    return get_object_or_404(
        BusinessRequest.objects.visible_to(user)
        .filter(workload__isnull=False)
        .exclude(Q(state=RequestState.DRAFT))
        .select_related("workload", "workload__space", "workload__owner", "created_by"),
        pk=pk,
    )


def get_workload_to_confirm(user: User, slug: str) -> Workload:
    """Return a claimed workload that the person reads, or raise 404."""
    return get_object_or_404(
        Workload.objects.visible_to(user)
        .filter(state=WorkloadState.CLAIMED)
        .select_related("space", "owner"),
        slug=slug,
    )
