"""Reading estimates, cases and bounds as they were known at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.timezone import localdate

from business_cases.case import CaseTerms
from business_cases.models import (
    BandBounds,
    BusinessRequest,
    CaseSnapshot,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestState,
)
from business_cases.panel import Panel, build_panel
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing
from records.models import FrozenRecord
from records.thresholds import thresholds
from spaces.models import Workload, WorkloadState
from valueboard.lib.bands import Bound, bounds_of
from valueboard.lib.figure import ValueType

NOBODY = "ValueBoard"


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
    """Return what was recorded of each workload by `known_at`, in four queries.

    Every asked workload is in the answer, with an empty standing if nothing was recorded.
    """
    ids = list(workload_ids)
    confirmations = {
        c.estimate_id: c
        for c in Confirmation.objects.filter(estimate__workload__in=ids, recorded_at__lte=known_at)
    }
    declines = {
        d.estimate_id: d
        for d in Decline.objects.filter(estimate__workload__in=ids, recorded_at__lte=known_at)
    }
    estimates: dict[int, list[EstimateVersion]] = defaultdict(list)
    for snapshot in (
        EstimateSnapshot.objects.filter(workload__in=ids, recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("workload", "version")
    ):
        confirmation, decline = confirmations.get(snapshot.pk), declines.get(snapshot.pk)
        estimates[snapshot.workload_id].append(
            EstimateVersion(
                mark_of(snapshot, snapshot.reason),
                snapshot.terms,
                confirmation.recorded_at if confirmation else None,
                confirmation.basis if confirmation else "",
                decline.how if decline else "",
                decline.recorded_at if decline else None,
                decline.request_id if decline else None,
            )
        )
    cases: dict[int, list[CaseVersion]] = defaultdict(list)
    for case in (
        CaseSnapshot.objects.filter(case__workload__in=ids, recorded_at__lte=known_at)
        .select_related("recorded_by", "case")
        .order_by("case", "version")
    ):
        cases[case.case.workload_id].append(
            CaseVersion(mark_of(case, case.reason), terms_of_case(case))
        )
    return {pk: Standing(tuple(estimates[pk]), tuple(cases[pk])) for pk in ids}


def standing_of(workload_id: int, known_at: datetime) -> Standing:
    """Return what was recorded of one workload by `known_at`."""
    return standings([workload_id], known_at)[workload_id]


def panel_of(standing: Standing, known_at: datetime, day: date | None = None) -> Panel:
    """Return the figures of a day, else today's, as if the latest estimate were in force."""
    day = day or localdate(known_at)
    return build_panel(
        standing.proposed_schedule,
        standing.asked,
        standing.declared,
        day,
        bounds_on(day, known_at),
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


def mark_of(record: FrozenRecord, reason: str) -> Mark:
    """Return who, when and why of a frozen record whose `recorded_by` is loaded."""
    return Mark(
        record.pk,
        record.version,
        record.hash,
        record.recorded_at,
        record.recorded_by.name if record.recorded_by else NOBODY,
        record.recorded_by_id,
        reason,
    )


def terms_of_case(case: CaseSnapshot) -> CaseTerms | None:
    """Return a snapshot as a value, None for a retraction."""
    if case.current_amount is None or case.percent is None:
        return None
    return CaseTerms(
        value_type=ValueType(case.value_type),
        anchor=case.anchor,
        current_amount=case.current_amount,
        percent=case.percent,
        period=case.period,
        source=case.source,
        basis=case.basis,
        net_of_review=case.net_of_review,
        direction=case.direction,
        mechanism=case.mechanism,
    )
