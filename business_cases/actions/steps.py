"""The one writer of a request's state, and the lock that every change of a request takes."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from business_cases.models import BusinessRequest, RequestEditor, RequestState
from records.clock import now
from spaces.access import may_revise
from valueboard.lib.errors import StaleError


def move_request(
    request: BusinessRequest,
    seen: int,
    sources: set[RequestState],
    target: RequestState,
) -> None:
    """Move a request to another state: the one writer of states.

    Conditional on the state and the revision seen, so that of two people who decide at once one
    wins; raise `StaleError` for the other. `request`'s other changed fields are saved along.
    """
    moved = BusinessRequest.objects.filter(pk=request.pk, revision=seen, state__in=sources).update(
        state=target,
        revision=seen + 1,
        workload=request.workload,
        space=request.space,
        name=request.name,
        submitted_at=request.submitted_at,
        changed_at=now(),
    )
    if not moved:
        current = BusinessRequest.objects.get(pk=request.pk)
        message = (
            f"This request has changed since you opened it: it is now "
            f"{current.get_state_display().lower()}. Nothing was done; open it again."
        )
        raise StaleError(message)
    request.refresh_from_db()


def lock_request(request: BusinessRequest, seen: int, actor: User) -> BusinessRequest:
    """Return the request, locked; refuse strangers and what was seen before a change."""
    locked = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    mine = locked.created_by_id == actor.pk
    if not mine and not (locked.workload and may_revise(actor, locked.workload)):
        message = "Only its author, its workload's owner or a product owner changes a request."
        raise PermissionDenied(message)
    if locked.revision != seen:
        message = "Somebody changed this request since you opened it. Nothing was overwritten."
        raise StaleError(message)
    return locked


def sign_request(request: BusinessRequest, actor: User) -> None:
    """Keep for good that the person had a hand in the request: they don't decide on it."""
    RequestEditor.objects.get_or_create(request=request, recorded_by=actor)
