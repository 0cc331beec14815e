"""Acting on Allocation Gaps."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from allocation_gaps.access import may_act
from allocation_gaps.models import GapAction, GapKind
from allocation_gaps.reports import Gap, find_gap
from notices.actions import post
from notices.models import Kind
from records.clock import now
from spaces.models import Workload
from valueboard.lib.errors import StaleError

ACTS = {
    GapKind.UNBACKED: GapAction.Act.CASE_REQUESTED,
    GapKind.NO_ESTIMATE: GapAction.Act.ESTIMATE_REQUESTED,
    GapKind.OVER_PLAN: GapAction.Act.ESTIMATE_REQUESTED,
}


@transaction.atomic
def request_from_owner(*, actor: User, gap: Gap, seen: int, rationale: str) -> GapAction:
    """Ask the owner for what is missing: record it, and mail it with the way to answer.

    `seen` is the version of the last action that the page showed (0: none). Raise `StaleError` if
    somebody asked meanwhile, or the gap is gone.
    """
    if not may_act(actor):
        message = "Finance and Financial Admins act on gaps."
        raise PermissionDenied(message)
    if gap.workload is None or gap.kind not in ACTS:
        message = "Unclaimed spend has no owner to ask; make a rule for it."
        raise ValidationError(message)
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why you ask: the owner reads it."})
    _refuse_what_changed(actor, gap.workload, gap, seen)
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


def _refuse_what_changed(actor: User, workload: Workload, gap: Gap, seen: int) -> None:
    # Locked against new snapshots and other actions until the transaction ends.
    Workload.objects.select_for_update(of=("self",)).get(pk=workload.pk)
    current = find_gap(actor, gap.kind, gap.key, now())
    if current is None:
        message = "The gap was resolved meanwhile. Nobody was asked."
        raise StaleError(message)
    if current.version != seen:
        last = current.actions[-1] if current.actions else None
        asked = (
            f"{last.who} asked meanwhile: “{last.rationale}”" if last else "It changed meanwhile."
        )
        message = f"{asked} Nothing was sent a second time."
        raise StaleError(message)
