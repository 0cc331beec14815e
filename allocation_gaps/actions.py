"""Acting on Allocation Gaps."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from allocation_gaps.access import may_act
from allocation_gaps.models import GapAction, GapKind
from allocation_gaps.reports import Gap
from notices.actions import post
from notices.models import Kind

ACTS = {
    GapKind.UNBACKED: GapAction.Act.CASE_REQUESTED,
    GapKind.NO_ESTIMATE: GapAction.Act.ESTIMATE_REQUESTED,
}


@transaction.atomic
def request_from_owner(*, actor: User, gap: Gap, rationale: str) -> GapAction:
    """Ask the owner for what is missing: record it, and mail it with the way to answer."""
    if not may_act(actor):
        message = "Finance and Financial Admins act on gaps."
        raise PermissionDenied(message)
    if gap.workload is None or gap.kind not in ACTS:
        message = "Unclaimed spend has no owner to ask; make a rule for it."
        raise ValidationError(message)
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why you ask: the owner reads it."})
    action = GapAction.objects.create(
        kind=gap.kind,
        key=gap.key,
        workload=gap.workload,
        act=ACTS[gap.kind],
        rationale=rationale.strip(),
        recorded_by=actor,
    )
    backed = gap.kind is GapKind.UNBACKED
    post(
        recipient=gap.workload.owner,
        kind=Kind.CASE_REQUESTED if backed else Kind.ESTIMATE_REQUESTED,
        subject=f"{'Business case' if backed else 'Estimate'} requested: {gap.workload.name}",
        template="allocation_gaps/request.txt",
        context={
            "gap": gap,
            "workload": gap.workload,
            "actor": actor,
            "rationale": rationale.strip(),
            "backed": backed,
        },
    )
    return action
