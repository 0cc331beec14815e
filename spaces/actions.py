"""Every change to Spaces, memberships and workloads."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from spaces.models import Membership, Placement, Space, Workload, WorkloadState

# Addresses beside those of Spaces: /spaces/new/ is a page.
RESERVED = frozenset({"new"})


@transaction.atomic
def create_space(*, actor: User, name: str, parent: Space | None = None) -> Space:  # noqa: ARG001 - kept with the row's history later
    """Create a Space; its address is made from its name."""
    space = Space(name=name.strip(), parent=parent, slug=free_slug(Space, name))
    space.full_clean()
    space.save()
    return space


@transaction.atomic
def add_member(*, actor: User, space: Space, user: User, role: str) -> Membership:  # noqa: ARG001 - kept with the row's history later
    """Let a person into a Space and what is below it, as product owner or member."""
    membership = Membership(space=space, user=user, role=role)
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def remove_member(*, actor: User, membership: Membership) -> None:  # noqa: ARG001 - kept with the row's history later
    """Let a person out of a Space; what they own there stays theirs until it is handed on."""
    membership.delete()


@transaction.atomic
def create_workload(
    *,
    actor: User,
    name: str,
    purpose: str,
    space: Space,
    owner: User,
    state: WorkloadState,
    reason: str,
) -> Workload:
    """Create a workload and its first placement; raise `ValidationError` for a name in use."""
    workload = Workload(
        name=name.strip(),
        slug=free_slug(Workload, name),
        purpose=purpose.strip(),
        space=space,
        owner=owner,
        state=state,
    )
    workload.full_clean()
    try:
        with transaction.atomic():
            workload.save()
    except IntegrityError as taken:
        # Somebody took the name or the address between the check and here: two clicks on a button.
        workload.full_clean()
        message = "Another workload was added at the same moment. Try again."
        raise ValidationError({"name": message}) from taken
    _place(workload, actor, reason)
    return workload


@transaction.atomic
def describe_workload(
    *,
    actor: User,
    workload: Workload,
    name: str,
    purpose: str,
    space: Space,
    owner: User,
) -> None:
    """Change what a proposed workload is called, is for, where it lives and whose it is."""
    workload.name, workload.purpose = name.strip(), purpose.strip()
    workload.space, workload.owner = space, owner
    workload.full_clean()
    before = Workload.objects.get(pk=workload.pk)
    fields = ["name", "purpose", "space", "owner"]
    if any(getattr(before, field) != getattr(workload, field) for field in fields):
        workload.save(update_fields=fields)
        _place(workload, actor, "Described anew in its Business Request.")


@transaction.atomic
def claim_workload(*, actor: User | None, workload: Workload, reason: str) -> bool:
    """Move a proposed workload to claimed; tell whether it was this call that did it.

    `actor` is None when the system found spend of it.
    """
    moved = Workload.objects.filter(pk=workload.pk, state=WorkloadState.PROPOSED).update(
        state=WorkloadState.CLAIMED
    )
    if moved:
        workload.refresh_from_db()
        _place(workload, actor, reason)
    return bool(moved)


def _place(workload: Workload, actor: User | None, reason: str) -> None:
    Placement.objects.create(
        workload=workload,
        name=workload.name,
        purpose=workload.purpose,
        space=workload.space,
        owner=workload.owner,
        state=workload.state,
        reason=reason,
        recorded_by=actor,
    )


def free_slug(model: type[Space | Workload], name: str) -> str:
    """Return an address that no row of `model` has yet, made from `name`."""
    base = slugify(name)[:100] or "unnamed"
    found = model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)
    taken = {*found, *RESERVED}
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
