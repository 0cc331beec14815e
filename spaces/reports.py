"""Reading where workloads were as it was known at a moment, and who reads a Space that moves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import RoleGrant, User
from accounts.policy import READS_EVERYTHING
from spaces.models import Membership, Placement, Space, Workload, WorkloadState, people_of
from valueboard.lib.http import seen_of


def placements_at(workloads: QuerySet[Workload], known_at: datetime) -> QuerySet[Placement]:
    """Return the placement that each of `workloads` had by `known_at`; none had it none."""
    latest = (
        Placement.objects.filter(workload__in=workloads, recorded_at__lte=known_at)
        .order_by("workload_id", "-version")
        .distinct("workload_id")
        .values("pk")
    )
    return Placement.objects.filter(pk__in=latest).select_related("workload", "space", "owner")


def claimed_at(
    workloads: QuerySet[Workload], known_at: datetime, spaces: Collection[int] | None = None
) -> list[Workload]:
    """Return those that were claimed by `known_at`, as they were then, by name (one query).

    `spaces` leaves only what then lay in one of them.
    """
    found = placements_at(workloads, known_at).filter(state=WorkloadState.CLAIMED)
    if spaces is not None:
        found = found.filter(space__in=spaces)
    return [placement.as_then() for placement in found.order_by("name", "workload_id")]


def workload_at(workload: Workload, known_at: datetime) -> Workload | None:
    """Return a workload as it was by `known_at`; None before it was recorded."""
    placement = placements_at(Workload.objects.filter(pk=workload.pk), known_at).first()
    return placement.as_then() if placement else None


def recorded_first(workload: Workload) -> datetime:
    """Return when a workload was recorded."""
    return Placement.objects.values_list("recorded_at", flat=True).get(workload=workload, version=1)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a Space, and all that is inside it, only after a move, and who no more."""

    gain: tuple[User, ...]
    lose: tuple[User, ...]

    @property
    def seen(self) -> str:
        """Return what a form says that showed them."""
        return seen_of(*(user.pk for user in self.gain), "lose", *(user.pk for user in self.lose))


def readers_of_move(space: Space, parent: Space | None) -> Readers:
    """Return whom it concerns that a Space comes to lie inside `parent`.

    Members of the Space itself stay, and so does whoever reads everything by role.
    """
    everywhere = RoleGrant.objects.filter(role__in=READS_EVERYTHING).values_list("user", flat=True)
    own = Membership.objects.filter(space=space).values("user")
    before = people_of({space.pk}).exclude(pk__in=everywhere)
    after = people_of({parent.pk}) if parent else User.objects.none()
    after = (after | User.objects.filter(pk__in=own, is_active=True)).exclude(pk__in=everywhere)
    was, is_now = set(before), set(after)
    return Readers(
        tuple(sorted(is_now - was, key=lambda user: user.name)),
        tuple(sorted(was - is_now, key=lambda user: user.name)),
    )
