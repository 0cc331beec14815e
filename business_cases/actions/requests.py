"""Writing, submitting and withdrawing Business Requests."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from business_cases.actions.figures import (
    FIRST,
    Proposal,
    append_changes,
    lock_workload,
    record_case,
    record_estimate,
    versions_of,
)
from business_cases.actions.steps import lock_request, move_request, sign_request
from business_cases.mails import post_submitted
from business_cases.models import BusinessRequest, RequestState
from records.clock import now
from spaces.access import may_add_to, may_revise
from spaces.actions import create_workload, describe_workload
from spaces.models import Space, Workload, WorkloadState
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def save_draft(
    *,
    actor: User,
    request: BusinessRequest | None,
    seen: int,
    typed: dict[str, str],
    space: Space | None,
) -> BusinessRequest:
    """Keep what was typed, valid or not; `seen` is the revision that the form was made from."""
    moment = now()
    if request is None:
        if not Space.objects.open_to_requests_of(actor).exists():
            message = "Product owners of a Space write Business Requests."
            raise PermissionDenied(message)
        request = BusinessRequest(created_by=actor, created_at=moment)
    else:
        request = lock_request(request, seen, actor)
        if request.state not in {RequestState.DRAFT, RequestState.RETURNED}:
            message = f"This request is {request.get_state_display().lower()}; it can't be edited."
            raise RefusedError(message)
        request.revision += 1
    request.typed, request.name, request.space = (
        typed,
        typed.get("name", "")[:120],
        space,
    )
    request.changed_at = moment
    request.save()
    sign_request(request, actor)
    return request


@transaction.atomic
def submit_request(
    *,
    actor: User,
    request: BusinessRequest,
    seen: int,
    proposal: Proposal,
    reason: str = "",
    versions: tuple[int, int] | None = None,
) -> Workload:
    """Submit a draft, or a returned request again; record the snapshots.

    Resubmitting appends a snapshot only where something changed, with `reason`; `versions` are
    those of estimate and case that the form was made from (0: none), None if nobody looked.
    """
    request = lock_request(request, seen, actor)
    if not _may_submit(actor, request, proposal.space):
        message = "You are not a product owner of this Space."
        raise PermissionDenied(message)
    if request.workload is None:
        workload = create_workload(
            actor=actor,
            name=proposal.name,
            purpose=proposal.purpose,
            space=proposal.space,
            owner=proposal.owner,
            state=WorkloadState.PROPOSED,
            reason="Business Request submitted.",
        )
        record_estimate(actor, workload, proposal.estimate, FIRST)
        if proposal.case:
            record_case(actor, workload, proposal.case, FIRST)
    else:
        workload = lock_workload(request.workload)
        if versions is not None and versions != versions_of(workload):
            message = "The workload's figures were revised since you opened this page."
            raise StaleError(message)
        describe_workload(
            actor=actor,
            workload=workload,
            name=proposal.name,
            purpose=proposal.purpose,
            space=proposal.space,
            owner=proposal.owner,
        )
        append_changes(actor, workload, proposal, reason or "Changed after the request's return.")
    request.workload, request.space, request.name = (
        workload,
        proposal.space,
        proposal.name,
    )
    request.submitted_at = now()
    move_request(
        request,
        seen,
        {RequestState.DRAFT, RequestState.RETURNED},
        RequestState.SUBMITTED,
    )
    sign_request(request, actor)
    post_submitted(request, workload, actor)
    return workload


@transaction.atomic
def withdraw_request(*, actor: User, request: BusinessRequest, seen: int) -> None:
    """Take a request back before it is decided; what was recorded stays."""
    request = lock_request(request, seen, actor)
    move_request(
        request,
        seen,
        {RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED},
        RequestState.WITHDRAWN,
    )


def _may_submit(actor: User, request: BusinessRequest, space: Space) -> bool:
    """Product owners of the Space; and whoever answers for a workload that stays where it is."""
    if may_add_to(actor, space):
        return True
    workload = request.workload
    return workload is not None and workload.space == space and may_revise(actor, workload)
