"""Reading estimates, cases and bounds as they were known at a moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.timezone import localdate

from business_cases.models import (
    BandBounds,
    BusinessRequest,
    EstimateSnapshot,
    RequestState,
)
from business_cases.panel import Panel, build_panel
from business_cases.reading import read_versions
from business_cases.standing import Standing
from records.thresholds import thresholds
from spaces.models import Workload, WorkloadState
from valueboard.lib.bands import Bound, bounds_of
from valueboard.lib.figure import UNNAMED, About


def bounds_at(moments: Iterable[datetime]) -> dict[datetime, Sequence[Bound]]:
    """Return the band bounds in force at each of some moments, in one query."""
    rows = list(BandBounds.objects.order_by("version"))

    def then(moment: datetime) -> Sequence[Bound]:
        known = [row for row in rows if row.version == 1 or row.recorded_at <= moment]
        row = [each for each in known if each.effective_from <= localdate(moment)][-1]
        return bounds_of(row.strong, row.solid, row.marginal, row.thin)

    return {moment: then(moment) for moment in moments}


def bounds_on(day: date, known_at: datetime) -> Sequence[Bound]:
    """Return the band bounds in force on `day`, as known at `known_at`, from the highest."""
    row = (
        BandBounds.objects.filter(Q(recorded_at__lte=known_at) | Q(version=1))
        .filter(effective_from__lte=day)
        .latest("version")
    )
    return bounds_of(row.strong, row.solid, row.marginal, row.thin)


def revision_threshold(day: date, known_at: datetime) -> Decimal:
    """Return by how many percent a revision may exceed the approved sum without a decision."""
    return thresholds("estimate.revision_percent", day, known_at)["estimate.revision_percent"]


def standings(workload_ids: Iterable[int], known_at: datetime) -> dict[int, Standing]:
    """Return what was recorded of each workload by `known_at`, in one query.

    Every asked workload is in the answer, with an empty standing if nothing was recorded.
    """
    found = read_versions(workload_ids, known_at)
    return {pk: facts.standing(known_at) for pk, facts in found.items()}


def standing_of(workload_id: int, known_at: datetime) -> Standing:
    """Return what was recorded of one workload by `known_at`."""
    return standings([workload_id], known_at)[workload_id]


def panel_of(standing: Standing, known_at: datetime, about: About = UNNAMED) -> Panel:
    """Return the figures of a moment, as if the latest estimate were in force.

    `about` names its version and that of the case.
    """
    day = localdate(known_at)
    return build_panel(
        standing.proposed_schedule,
        standing.asked,
        standing.declared,
        day,
        bounds_on(day, known_at),
        about=about,
    )


def why_not_send(workload: Workload) -> str:
    """Return why a workload can't be sent to approval; empty if it can."""
    if workload.state != WorkloadState.CLAIMED:
        return "This workload is not claimed; its Business Request is what is decided on."
    requests = BusinessRequest.objects.filter(workload=workload)
    states = set(requests.values_list("state", flat=True))
    if RequestState.APPROVED in states:
        return "This workload was approved already."
    if states & {RequestState.SUBMITTED, RequestState.RETURNED}:
        return "A Business Request on this workload is open already."
    if not EstimateSnapshot.objects.filter(workload=workload).exists():
        return "State an estimate first: a decision names what it will cost."
    return ""
