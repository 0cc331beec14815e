"""Who may do what with Spaces and workloads (METHOD 2); fetch and authorise in one call.

| | reads | owns workloads in it |
|---|---|---|
| Financial Admin, Finance, Executive | every Space | |
| member of a Space | it and its sub-Spaces | |
| product owner of a Space | it and its sub-Spaces | it and its sub-Spaces |
| owner of a workload | that workload | that workload |

Whoever may not read a thing gets 404, as if it did not exist.
"""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.policy import reads_everything
from spaces.models import Reader, Space, Workload


def get_space(user: User, slug: str) -> Space:
    """Return a Space that the person reads, or raise 404."""
    spaces, read = Reader.of(user).spaces, spaces_read(user)
    found = next((s for s in spaces.values() if s.slug == slug and is_read(s, read)), None)
    if found is None:
        message = "There is no Space of this address, or none that the person reads."
        raise Http404(message)
    # To be read without another query.
    found.parent = spaces[found.parent_id] if found.parent_id else None
    return found


def get_space_to_add_to(user: User, slug: str) -> Space:
    """Return a Space that the person may add workloads to, or raise 404."""
    return get_object_or_404(Space.objects.open_to_requests_of(user), slug=slug)


def get_workload(user: User, slug: str) -> Workload:
    """Return a workload that the person reads, or raise 404."""
    return get_object_or_404(
        Workload.objects.visible_to(user).select_related("space", "owner"), slug=slug
    )


def get_own_workload(user: User, slug: str) -> Workload:
    """Return a workload whose estimate and case the person may revise, or raise 404."""
    workload = get_workload(user, slug)
    if not may_revise(user, workload):
        message = "It is not this person's to revise."
        raise Http404(message)
    return workload


def spaces_read(user: User) -> set[int] | None:
    """Return the ids of the Spaces that the person reads; None for every Space."""
    if reads_everything(user):
        return None
    return Reader.of(user).reads


def is_read(space: Space, read: set[int] | None) -> bool:
    """Tell whether a Space is among those read: whoever owns a workload in it need not read it."""
    return read is None or space.pk in read


def may_add_to(user: User, space: Space) -> bool:
    """Tell whether the person may add workloads to the Space."""
    return space.pk in Reader.of(user).owns


def may_revise(user: User, workload: Workload) -> bool:
    """Tell whether the person may revise the workload's estimate and case."""
    return workload.owner_id == user.pk or may_add_to(user, workload.space)
