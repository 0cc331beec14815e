"""Writing, submitting and withdrawing Business Requests."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from business_cases.actions.figures import (
    Proposal,
    append_changes,
    begin_workload,
    refuse_revised,
)
from business_cases.actions.steps import (
    decline_pending,
    lock_request,
    lock_workload,
    move_request,
    open_request,
    sign_request,
)
from business_cases.mails import post_submitted
from business_cases.models import (
    BusinessRequest,
    Comment,
    Decline,
    RequestKind,
    RequestState,
)
from business_cases.reports import why_not_send
from records.clock import now
from spaces.access import may_add_to, may_revise
from spaces.actions import describe_workload
from spaces.models import Reader, Space, Workload, WorkloadState
from valueboard.lib import formats
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
        if not Reader.of(actor).owns:
            message = "Product owners of a Space write Business Requests."
            raise PermissionDenied(message)
        request = BusinessRequest(created_by=actor, created_at=moment)
    else:
        request = lock_request(request, seen, actor)
        _refuse_other_kinds(request)
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
    _refuse_other_kinds(request)
    if not _may_submit(actor, request, proposal.space):
        message = "You are not a product owner of this Space."
        raise PermissionDenied(message)
    if request.workload is None:
        workload = begin_workload(
            actor, proposal, state=WorkloadState.PROPOSED, reason="Business Request submitted."
        )
    else:
        workload = lock_workload(request.workload)
        if versions is not None:
            refuse_revised(workload, versions)
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
    _submit(actor, request, workload, seen, reason)
    return workload


@transaction.atomic
def send_to_approval(
    *, actor: User, workload: Workload, versions: tuple[int, int], note: str = ""
) -> BusinessRequest:
    """Ask for the approval of a workload that was never approved: added in a Space, or with spend.

    The request names the latest snapshots; `versions` are those of estimate and case that the page
    showed. Raise `StaleError` where there is nothing to ask for, or somebody asks already.
    """
    workload = lock_workload(workload)
    if not may_revise(actor, workload):
        message = "Only its owner or a product owner of its Space sends a workload to approval."
        raise PermissionDenied(message)
    refuse_revised(workload, versions)
    if reason := why_not_send(workload):
        # The page offers it only while it can be sent: meanwhile it was, or was approved.
        raise StaleError(reason)
    request = open_request(
        actor=actor, workload=workload, kind=RequestKind.EXISTING_WORKLOAD, note=note.strip()
    )
    post_submitted(request, workload, actor)
    return request


@transaction.atomic
def submit_again(
    *, actor: User, request: BusinessRequest, seen: int, versions: tuple[int, int], note: str
) -> None:
    """Submit a returned request about a workload that is there, with the latest snapshots.

    `versions` as in `send_to_approval`; `note` says what was done about the return.
    """
    request = lock_request(request, seen, actor)
    if request.workload is None or request.kind == RequestKind.NEW_WORKLOAD:
        message = "Change this request in its form and submit it there."
        raise RefusedError(message)
    workload = lock_workload(request.workload)
    refuse_revised(workload, versions)
    if request.state == RequestState.SUBMITTED:
        message = "This request waits for a decision already."
        raise StaleError(message)
    if not note.strip():
        raise ValidationError({"note": "Say what you did about the return."})
    _submit(actor, request, workload, seen, note)


@transaction.atomic
def withdraw_request(*, actor: User, request: BusinessRequest, seen: int, note: str = "") -> None:
    """Take a request back before it is decided; what was recorded stays.

    An estimate that waited beside one in force will not come into force.
    """
    request = lock_request(request, seen, actor)
    if request.workload:
        lock_workload(request.workload)
    move_request(
        actor=actor,
        request=request,
        seen=seen,
        target=RequestState.WITHDRAWN,
        note=note.strip(),
    )
    decline_pending(actor=actor, request=request, how=Decline.How.WITHDRAWN)


@transaction.atomic
def record_comment(*, actor: User, request: BusinessRequest, text: str) -> Comment:
    """Keep what somebody says of a request. Called by approvals, which knows who reads it."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": "Write something: a comment is kept for good."})
    if len(text) > Comment.LONGEST:
        message = f"A comment has at most {formats.number(Comment.LONGEST)} characters."
        raise ValidationError({"text": message})
    if request.submitted_at is None:
        message = "Nobody else reads this request yet; submit it first."
        raise RefusedError(message)
    return Comment.objects.create(request=request, text=text, recorded_by=actor)


def _submit(
    actor: User, request: BusinessRequest, workload: Workload, seen: int, note: str
) -> None:
    """Take the step, sign it, and tell who decides; both rows are locked."""
    request.submitted_at = now()
    move_request(
        actor=actor,
        request=request,
        seen=seen,
        target=RequestState.SUBMITTED,
        note=note.strip(),
    )
    sign_request(request, actor)
    post_submitted(request, workload, actor)


def _refuse_other_kinds(request: BusinessRequest) -> None:
    if request.kind != RequestKind.NEW_WORKLOAD:
        message = "Revise the estimate or the case of the workload, and submit the request again."
        raise RefusedError(message)


def _may_submit(actor: User, request: BusinessRequest, space: Space) -> bool:
    """Product owners of the Space; and whoever answers for a workload that stays where it is."""
    if may_add_to(actor, space):
        return True
    workload = request.workload
    return workload is not None and workload.space == space and may_revise(actor, workload)
