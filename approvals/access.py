"""Who decides (METHOD 7): a Financial Admin, never on what they recorded, wrote or own.

The page hides its buttons by this, the action refuses by it, and the database holds the same
rule in the trigger `approvals_separate`; nobody is exempt.
"""

from django.db.models import Q
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from business_cases.models import (
    BusinessRequest,
    CaseSnapshot,
    EstimateSnapshot,
    RequestState,
)
from spaces.models import Workload


def why_not_decide(user: User, workload: Workload) -> str:
    """Return why the person may not decide on the workload; empty if they may."""
    if Role.FINANCIAL_ADMIN not in user.roles:
        return "Only a Financial Admin decides."
    if workload.owner_id == user.pk:
        return "You own this workload, so somebody else decides."
    if EstimateSnapshot.objects.filter(workload=workload, recorded_by=user).exists():
        return "You recorded its estimate, so somebody else decides."
    if CaseSnapshot.objects.filter(case__workload=workload, recorded_by=user).exists():
        return "You recorded its business case, so somebody else decides."
    if BusinessRequest.objects.filter(workload=workload, created_by=user).exists():
        return "You wrote its Business Request, so somebody else decides."
    return ""


def get_request_to_decide(user: User, pk: int) -> BusinessRequest:
    """Return a request that was submitted at some time, or raise 404."""
    return get_object_or_404(
        BusinessRequest.objects.visible_to(user)
        .filter(workload__isnull=False)
        .exclude(Q(state=RequestState.DRAFT))
        .select_related("workload", "workload__space", "workload__owner", "created_by"),
        pk=pk,
    )
