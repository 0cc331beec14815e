"""Reading decisions as they were known at a moment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from approvals.models import Decision, DecisionItem
from business_cases.models import BusinessRequest, RequestState
from business_cases.reports import NOBODY, standings
from business_cases.standing import Standing
from spaces.models import Workload, WorkloadState


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, with the versions it named."""

    id: int
    kind: str
    outcome: str
    outcome_label: str
    acknowledgement: str
    acknowledgement_label: str
    rationale: str
    decided_at: datetime
    decided_by: str
    estimate_version: int | None
    case_version: int | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions on one workload, oldest first."""

    rows: tuple[DecisionRow, ...] = ()

    @property
    def approval(self) -> DecisionRow | None:
        """Return the last approval of its funding."""
        return next((d for d in reversed(self.rows) if d.outcome == "approved"), None)

    def not_acknowledged_since(self, standing: Standing) -> int | None:
        """Return the version N of "Not acknowledged since vN", None where it does not apply.

        N is the case version that the last approval acknowledged, 0 if it acknowledged none.
        """
        if self.approval is None or standing.case is None:
            return None
        acknowledged = self.approval.case_version or 0
        if standing.case.mark.version == acknowledged:
            return None
        return acknowledged


def decisions(workload_ids: Iterable[int], known_at: datetime) -> dict[int, Decisions]:
    """Return the decisions on each workload by `known_at`, in two queries."""
    ids = list(workload_ids)
    items: dict[int, dict[str, int]] = defaultdict(dict)
    for item in DecisionItem.objects.filter(
        decision__workload__in=ids, recorded_at__lte=known_at
    ).values("decision_id", "record", "record_version"):
        items[item["decision_id"]][item["record"]] = item["record_version"]
    rows: dict[int, list[DecisionRow]] = defaultdict(list)
    for decision in (
        Decision.objects.filter(workload__in=ids, recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("workload", "version")
    ):
        rows[decision.workload_id].append(
            DecisionRow(
                decision.pk,
                decision.kind,
                decision.outcome,
                decision.get_outcome_display(),
                decision.acknowledgement,
                decision.get_acknowledgement_display(),
                decision.rationale,
                decision.recorded_at,
                decision.recorded_by.name if decision.recorded_by else NOBODY,
                items[decision.pk].get("estimate"),
                items[decision.pk].get("case"),
            )
        )
    return {pk: Decisions(tuple(rows[pk])) for pk in ids}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a Financial Admin: a request, or the estimate of a claimed workload."""

    workload: Workload
    standing: Standing
    request: BusinessRequest | None
    since: datetime


def queue(user: User, known_at: datetime) -> list[Waiting]:
    """Return what waits for decisions, oldest first, in a constant number of queries."""
    requests = list(
        BusinessRequest.objects.visible_to(user)
        .filter(state=RequestState.SUBMITTED)
        .select_related("workload__space", "workload__owner", "created_by")
    )
    asked = {r.workload_id: r for r in requests}
    claimed = list(
        Workload.objects.visible_to(user)
        .filter(state=WorkloadState.CLAIMED)
        .select_related("space", "owner")
    )
    open_requests = set(
        BusinessRequest.objects.filter(
            state__in=[RequestState.SUBMITTED, RequestState.RETURNED]
        ).values_list("workload_id", flat=True)
    )
    found = standings([w.pk for w in claimed] + [pk for pk in asked if pk], known_at)
    waiting = [
        Waiting(r.workload, found[r.workload.pk], r, r.submitted_at)
        for r in requests
        if r.workload and r.submitted_at
    ]
    for workload in claimed:
        pending = found[workload.pk].pending
        if pending and workload.pk not in open_requests:
            waiting.append(Waiting(workload, found[workload.pk], None, pending.mark.recorded_at))
    return sorted(waiting, key=lambda w: w.since)
