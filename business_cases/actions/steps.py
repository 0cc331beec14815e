"""The one writer of a request's state, and the locks that every change of a request takes.

Order of locks: request, then workload. Whoever holds a workload asks for no request any more.
"""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from business_cases.models import (
    LEGAL_STEPS,
    BusinessRequest,
    Decline,
    RequestEditor,
    RequestKind,
    RequestState,
    RequestStep,
)
from business_cases.reports import standing_of
from records.changed import facts_changed
from records.clock import now
from spaces.access import may_revise
from spaces.models import Workload
from valueboard.lib.errors import StaleError


def move_request(
    *, actor: User, request: BusinessRequest, seen: int, target: RequestState, note: str = ""
) -> RequestStep:
    """Move a request to another state, and record the step: the one writer of states.

    Conditional on the state and the revision seen, so that of two people who decide at once one
    wins; raise `StaleError` for the other. `request`'s other changed fields are saved along.
    """
    sources = {state for state, targets in LEGAL_STEPS.items() if target in targets}
    return _take(actor, request, seen, sources, target, note=note)


def restate_request(*, actor: User, request: BusinessRequest, seen: int, note: str) -> RequestStep:
    """Let a submitted request go on with something new in it: a page opened before is out of date.

    Raise `StaleError` as `move_request` does.
    """
    submitted = RequestState.SUBMITTED
    return _take(actor, request, seen, {submitted}, submitted, note=note)


def open_request(
    *, actor: User, workload: Workload, kind: RequestKind, note: str
) -> BusinessRequest:
    """Make and submit a request about a workload that is there; the caller has locked it."""
    moment = now()
    request = BusinessRequest.objects.create(
        kind=kind,
        name=workload.name,
        space=workload.space,
        workload=workload,
        created_by=actor,
        created_at=moment,
        changed_at=moment,
        submitted_at=moment,
    )
    sign_request(request, actor)
    move_request(actor=actor, request=request, seen=0, target=RequestState.SUBMITTED, note=note)
    return request


def lock_request(request: BusinessRequest, seen: int, actor: User) -> BusinessRequest:
    """Return the request, locked; refuse strangers and what was seen before a change."""
    locked = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    mine = locked.created_by_id == actor.pk and locked.submitted_at is None
    if not mine and not (locked.workload and may_revise(actor, locked.workload)):
        message = "Only its author, its workload's owner or a product owner changes a request."
        raise PermissionDenied(message)
    if locked.revision != seen:
        message = "Somebody changed this request since you opened it. Nothing was overwritten."
        raise StaleError(message)
    return locked


def lock_open_request(workload: Workload) -> BusinessRequest | None:
    """Return the open request on a workload, locked, and the workload locked after it."""
    found = (
        BusinessRequest.objects.open()
        .filter(workload=workload)
        .select_for_update(of=("self",))
        .first()
    )
    lock_workload(workload)
    if BusinessRequest.objects.open().filter(workload=workload).first() != found:
        message = (
            "A request on this workload was opened or closed at the same moment. "
            "Nothing was recorded; try again."
        )
        raise StaleError(message)
    return found


def lock_workload(workload: Workload) -> Workload:
    """Lock a workload against new snapshots and decisions until the transaction ends."""
    return Workload.objects.select_for_update(of=("self",)).get(pk=workload.pk)


def sign_request(request: BusinessRequest, actor: User) -> None:
    """Keep for good that the person had a hand in the request: they don't decide on it."""
    RequestEditor.objects.get_or_create(request=request, recorded_by=actor)


def decline_pending(*, actor: User, request: BusinessRequest, how: Decline.How) -> None:
    """Record that what a closed request asked for will not come into force; its workload is locked.

    Where no estimate is in force nothing could go on: then the one that waits may still be
    confirmed, so that plan and spend can be compared.
    """
    if request.workload_id is None:
        return
    standing = standing_of(request.workload_id, now())
    if standing.pending and standing.in_force:
        facts_changed()
        Decline.objects.create(
            estimate_id=standing.pending.mark.id, request=request, how=how, recorded_by=actor
        )


def _take(
    actor: User,
    request: BusinessRequest,
    seen: int,
    sources: set[RequestState],
    target: RequestState,
    *,
    note: str,
) -> RequestStep:
    source = RequestState(request.state)
    moved = source in sources and (
        BusinessRequest.objects.filter(pk=request.pk, revision=seen, state=source).update(
            state=target,
            revision=seen + 1,
            workload=request.workload,
            space=request.space,
            name=request.name,
            submitted_at=request.submitted_at,
            changed_at=now(),
        )
    )
    if not moved:
        current = BusinessRequest.objects.get(pk=request.pk)
        message = (
            f"This request has changed since you opened it: it is now "
            f"{current.get_state_display().lower()}. Nothing was done; open it again."
        )
        raise StaleError(message)
    request.refresh_from_db()
    named: dict[str, int] = {}
    if target == RequestState.SUBMITTED and request.workload_id:
        standing = standing_of(request.workload_id, now())
        if standing.asked:
            named["estimate_id"] = standing.asked.mark.id
        if standing.case:
            named["case_id"] = standing.case.mark.id
    return RequestStep.objects.create(
        request=request,
        from_state=source,
        to_state=target,
        revision=request.revision,
        note=note,
        recorded_by=actor,
        **named,
    )
