"""Reading where workloads were as it was known at a moment (METHOD 6)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from spaces.models import Placement, Workload, WorkloadState


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
