"""Stopping a workload, which is an answer to its gaps (METHOD 3 and 8)."""

from django.db import transaction

from accounts.models import User
from allocation_gaps.actions.holding import hold_looks
from allocation_gaps.models import GapAction
from allocation_gaps.reports import open_of_workload
from business_cases.models import BusinessRequest
from records.changed import facts_changed
from spaces.actions import stop_workload
from spaces.models import Workload
from valueboard.lib.errors import RefusedError


@transaction.atomic
def stop_from_gap(*, actor: User, workload: Workload, seen: str, reason: str) -> list[GapAction]:
    """Stop a workload, and record that with each of its open gaps; the next look resolves them.

    Who may, the caller has made sure of; raises as `stop_workload` does.
    """
    hold_looks(exclusive=False)
    if BusinessRequest.objects.open().filter(workload=workload).exists():
        message = "A Business Request on this workload waits. Withdraw it, or have it decided."
        raise RefusedError(message)
    stop_workload(actor=actor, workload=workload, seen=seen, reason=reason)
    facts_changed()
    return [
        GapAction.objects.create(
            kind=opening.kind,
            key=opening.key,
            workload=opening.workload,
            opening=opening,
            act=GapAction.Act.STOPPED,
            rationale=reason.strip(),
            recorded_by=actor,
        )
        for opening in open_of_workload(workload)
    ]
