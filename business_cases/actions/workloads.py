"""Correcting what a workload is called and for, moving it, handing it over."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from business_cases.actions.steps import lock_open_request, restate_request, sign_request
from business_cases.models import BusinessRequest, RequestState
from records.clock import now
from spaces.access import may_add_to, may_revise
from spaces.actions import describe_workload
from spaces.models import Space, Workload, people_of
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.history import required


@transaction.atomic
def change_workload(
    *,
    actor: User,
    workload: Workload,
    seen: str,
    name: str,
    purpose: str,
    space: Space,
    owner: User,
    reason: str,
) -> Workload:
    """Change a workload's name, purpose, Space or owner; its address stays.

    By its owner or a product owner of its Space, into a Space where the actor may add workloads,
    to an owner who belongs there. `seen` is the workload's as the page showed it; raise
    `StaleError` if somebody was faster. An open request goes on with what changed: a page that an
    approver opened before is out of date.
    """
    request = lock_open_request(workload)
    current = Workload.objects.select_related("space", "owner").get(pk=workload.pk)
    if not may_revise(actor, current):
        message = "Only its owner or a product owner of its Space changes a workload."
        raise PermissionDenied(message)
    if current.seen != seen:
        message = f"{current} was changed since you opened this page. Nothing was overwritten."
        raise StaleError(message)
    why = required(reason, "Say why: it is kept with the change.")
    if space != current.space and not may_add_to(actor, space):
        message = "You are no product owner of this Space; choose one of yours."
        raise ValidationError({"space": message})
    if owner not in {current.owner, actor} and not people_of({space.pk}).contains(owner):
        message = f"{owner} does not belong to {space}, or may sign in no more."
        raise ValidationError({"owner": message})
    wanted = (name.strip(), purpose.strip(), space, owner)
    if wanted == (current.name, current.purpose, current.space, current.owner):
        message = "Nothing changed: the workload says this already."
        raise RefusedError(message)
    describe_workload(
        actor=actor,
        workload=current,
        name=name,
        purpose=purpose,
        space=space,
        owner=owner,
        reason=why,
    )
    if request:
        _restate(actor, request, current, why)
    return current


def _restate(actor: User, request: BusinessRequest, workload: Workload, why: str) -> None:
    request.name, request.space = workload.name, workload.space
    if request.typed:
        request.typed |= {
            "name": workload.name,
            "purpose": workload.purpose,
            "space": workload.space.slug,
            "owner": str(workload.owner_id),
        }
    request.changed_at = now()
    if request.state == RequestState.SUBMITTED:
        request.save(update_fields=["typed"])
        note = f"Name, purpose, Space or owner changed: {why}"
        restate_request(actor=actor, request=request, seen=request.revision, note=note)
    else:
        request.revision += 1
        request.save(update_fields=["name", "space", "typed", "changed_at", "revision"])
    sign_request(request, actor)
