"""Every change to Spaces, memberships and workloads."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from accounts.models import User
from accounts.policy import must_administrate
from records.changed import facts_changed
from spaces.models import (
    Membership,
    Placement,
    Space,
    Workload,
    WorkloadState,
    spaces_below,
)
from spaces.reports import Readers, readers_of_move
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.history import drop, keep, required

# Addresses beside those of Spaces: /spaces/new/ is a page.
RESERVED = frozenset({"new"})


@transaction.atomic
def create_space(*, actor: User, name: str, parent: Space | None = None, reason: str = "") -> Space:
    """Create a Space; its address is made from its name."""
    must_administrate(actor)
    space = Space(name=name.strip(), parent=parent, slug=free_slug(Space, name))
    keep(space, actor=actor, reason=reason, beside="name")
    return space


class UnexplainedError(RefusedError):
    """A move changes who reads what, and the page has not said so yet."""

    def __init__(self, readers: Readers) -> None:
        """Keep who gains and who loses, for the page to say."""
        super().__init__("This changes who reads the Space. Look below, then move it.")
        self.readers = readers


@transaction.atomic
def change_space(
    *,
    actor: User,
    space: Space,
    seen: str,
    name: str,
    parent: Space | None,
    explained: str = "",
    reason: str = "",
) -> None:
    """Rename a Space or move it under another one, with all that is inside; its address stays.

    `seen` is the Space's as the page showed it; raise `StaleError` if somebody was faster.
    `explained` is what the page said of who gains and loses reading; `UnexplainedError` otherwise.
    """
    must_administrate(actor)
    # All of them, so that two moves at once can't close a circle; there are hundreds at most.
    spaces = {each.pk: each for each in Space.objects.select_for_update().order_by("pk")}
    locked = spaces[space.pk]
    if locked.seen != seen:
        message = f"{locked} was changed since you opened this page. Nothing was overwritten."
        raise StaleError(message)
    if parent and parent.pk in spaces_below({locked.pk}, spaces.values()):
        message = f"{parent} lies inside {locked}; a Space can't lie inside itself."
        raise ValidationError({"parent": message})
    if parent != locked.parent:
        readers = readers_of_move(locked, parent)
        if (readers.gain or readers.lose) and explained != readers.seen:
            raise UnexplainedError(readers)
    if (locked.name, locked.parent) != (name.strip(), parent):
        locked.name, locked.parent = name.strip(), parent
        keep(locked, actor=actor, reason=reason, beside="name")
        facts_changed()


@transaction.atomic
def add_member(*, actor: User, space: Space, user: User, role: str, reason: str = "") -> Membership:
    """Let a person into a Space and what is below it, as product owner or member."""
    must_administrate(actor)
    membership = Membership(space=space, user=user, role=role)
    keep(membership, actor=actor, reason=reason, beside="space")
    return membership


@transaction.atomic
def change_role(
    *, actor: User, membership: Membership, seen: str, role: str, reason: str = ""
) -> None:
    """Make a member a product owner, or the other way round, which needs a reason.

    `seen` is the membership's as the page showed it; raise `StaleError` if somebody was faster.
    """
    must_administrate(actor)
    locked = _lock_membership(membership)
    if locked.seen != seen:
        message = f"{locked.user}'s role was changed since you opened this page."
        raise StaleError(message)
    if locked.role == role:
        return
    if locked.role == Membership.Role.PRODUCT_OWNER:
        message = f"Say why {locked.user} is to be product owner of {locked.space} no more."
        reason = required(reason, message)
    locked.role = role
    keep(locked, actor=actor, reason=reason, beside="role")
    facts_changed()


@transaction.atomic
def remove_member(*, actor: User, membership: Membership, reason: str) -> None:
    """Let a person out of a Space, with a reason; what they own there stays theirs.

    Raise `StaleError` if somebody else did it meanwhile.
    """
    must_administrate(actor)
    why = required(reason, f"Say why {membership.user} is to leave {membership.space}.")
    drop(_lock_membership(membership), actor=actor, reason=why)
    facts_changed()


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
    reason: str = "Described anew in its Business Request.",
) -> None:
    """Change what a workload is called, is for, where it lives and whose it is, if it differs.

    Its address stays. Who may, the caller has made sure of.
    """
    locked = Workload.objects.select_for_update().get(pk=workload.pk)
    was = (locked.name, locked.purpose, locked.space_id, locked.owner_id)
    for row in (locked, workload):
        row.name, row.purpose, row.space, row.owner = name.strip(), purpose.strip(), space, owner
    if was != (locked.name, locked.purpose, locked.space_id, locked.owner_id):
        _place(locked, actor, reason)


@transaction.atomic
def claim_workload(*, actor: User | None, workload: Workload, reason: str) -> bool:
    """Move a proposed workload to claimed; tell whether it was this call that did it.

    `actor` is None when the system found spend of it.
    """
    locked = Workload.objects.select_for_update().get(pk=workload.pk)
    if locked.state != WorkloadState.PROPOSED:
        return False
    locked.state = workload.state = WorkloadState.CLAIMED
    _place(locked, actor, reason)
    return True


@transaction.atomic
def stop_workload(*, actor: User, workload: Workload, seen: str, reason: str) -> None:
    """Stop a claimed workload from now on, with a reason (METHOD 3). Nothing of it is deleted.

    `seen` is the workload's as the page showed it; raise `StaleError` if somebody was faster, and
    `RefusedError` for one that isn't claimed. Who may, the caller has made sure of.
    """
    why = required(reason, "Say why it stops: it is kept for good.")
    locked = Workload.objects.select_for_update().get(pk=workload.pk)
    if locked.state == WorkloadState.STOPPED:
        message = f"{locked} was stopped meanwhile."
        raise StaleError(message)
    if locked.state != WorkloadState.CLAIMED:
        message = (
            f"{locked} is {locked.get_state_display().lower()}; only a claimed one is stopped."
        )
        raise RefusedError(message)
    if locked.seen != seen:
        message = f"{locked} was changed since you opened this page. It was not stopped."
        raise StaleError(message)
    locked.state = workload.state = WorkloadState.STOPPED
    _place(locked, actor, why)


def _lock_membership(membership: Membership) -> Membership:
    locked = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if locked is None:
        message = f"{membership.user} was let out of {membership.space} meanwhile."
        raise StaleError(message)
    return locked


def _place(workload: Workload, actor: User | None, reason: str) -> None:
    """Save the row, and for good where it now is, whose it is and where it stands."""
    keep(workload, actor=actor, reason=reason, beside="name")
    facts_changed()
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
