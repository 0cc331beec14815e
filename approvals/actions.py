"""Deciding: every way a decision comes to be."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from approvals.access import why_not_decide
from approvals.models import Decision, DecisionItem
from business_cases.actions import confirm_estimate, lock_workload, move_request
from business_cases.models import (
    BusinessRequest,
    Confirmation,
    EstimateSnapshot,
    RequestState,
)
from business_cases.reports import standing_of
from business_cases.standing import Mark, Standing
from records.clock import now
from spaces.actions import claim_workload
from spaces.models import Workload
from valueboard.lib.errors import RefusedError, StaleError

OUTCOMES = {
    Decision.Outcome.APPROVED: RequestState.APPROVED,
    Decision.Outcome.RETURNED: RequestState.RETURNED,
    Decision.Outcome.REJECTED: RequestState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The hashes of the snapshots that the page showed; empty for "there was none"."""

    estimate: str
    case: str


class SnapshotAddedError(StaleError):
    """A snapshot came between the page and the click: nothing was decided.

    `current` is what is recorded now; the versions seen are among its snapshots.
    """

    def __init__(self, seen: Seen, current: Standing) -> None:
        """Keep both sides for the page to compare."""
        super().__init__(
            "The estimate or the business case was revised after you opened this page. "
            "Nothing was decided; compare the two and decide again."
        )
        self.seen, self.current = seen, current


@transaction.atomic
def decide_request(
    *,
    actor: User,
    request: BusinessRequest,
    seen: Seen,
    outcome: str,
    acknowledgement: str,
    rationale: str,
) -> Decision:
    """Approve, return or reject a submitted request.

    Raise `StaleError` (naming who and when) if it isn't waiting any more, `SnapshotAddedError` if
    it isn't what was seen, `PermissionDenied` by METHOD 7, `ValidationError` for what is missing.
    """
    request = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.workload is None or request.state != RequestState.SUBMITTED:
        raise StaleError(_what_happened(request))
    workload = lock_workload(request.workload)
    standing = _check(actor, workload, seen, rationale)
    decision = _record(
        Decision(
            workload=workload,
            request=request,
            kind=Decision.Kind.FUNDING,
            outcome=outcome,
            acknowledgement=_acknowledgement(outcome, acknowledgement, standing),
            rationale=rationale.strip(),
            recorded_by=actor,
        ),
        standing,
    )
    move_request(
        request,
        request.revision,
        {RequestState.SUBMITTED},
        OUTCOMES[Decision.Outcome(outcome)],
    )
    if outcome == Decision.Outcome.APPROVED:
        _bring_into_force(actor, standing, Confirmation.Basis.DECISION, "Approved.")
        claim_workload(actor=actor, workload=workload, reason="Funding approved.")
    return decision


@transaction.atomic
def confirm_pending_estimate(
    *, actor: User, workload: Workload, seen: Seen, rationale: str
) -> Decision:
    """Confirm the latest estimate of a claimed workload.

    It was added in a Space, or its estimate was revised beyond the threshold.
    """
    workload = lock_workload(workload)
    standing = _check(actor, workload, seen, rationale)
    if standing.pending is None:
        message = "This estimate is confirmed already."
        raise StaleError(message)
    if BusinessRequest.objects.filter(
        workload=workload, state__in=[RequestState.SUBMITTED, RequestState.RETURNED]
    ).exists():
        message = "This workload has an open Business Request; decide on that."
        raise RefusedError(message)
    decision = _record(
        Decision(
            workload=workload,
            kind=Decision.Kind.ESTIMATE,
            outcome=Decision.Outcome.CONFIRMED,
            rationale=rationale.strip(),
            recorded_by=actor,
        ),
        standing,
    )
    _bring_into_force(
        actor,
        standing,
        Confirmation.Basis.FINANCIAL_ADMIN,
        "Confirmed by a Financial Admin.",
    )
    return decision


def _check(actor: User, workload: Workload, seen: Seen, rationale: str) -> Standing:
    if reason := why_not_decide(actor, workload):
        raise PermissionDenied(reason)
    standing = standing_of(workload.pk, now())
    current = Seen(
        standing.estimate.mark.hash if standing.estimate else "",
        standing.case.mark.hash if standing.case else "",
    )
    if seen != current:
        raise SnapshotAddedError(seen, standing)
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why: the rationale is kept with the decision."})
    return standing


def _acknowledgement(outcome: str, acknowledgement: str, standing: Standing) -> str:
    if outcome not in OUTCOMES:
        raise ValidationError({"outcome": "Choose approve, return or reject."})
    if outcome != Decision.Outcome.APPROVED:
        return ""
    choices = Decision.Acknowledgement
    if standing.declared is None:
        if acknowledgement != choices.NO_VALUE:
            raise ValidationError(
                {"acknowledgement": "There is no declared value; say that it is funded knowingly."}
            )
    elif acknowledgement not in {choices.AGREED, choices.OTHER_REASON}:
        raise ValidationError({"acknowledgement": "Say whether you agree with the declared value."})
    return acknowledgement


def _record(decision: Decision, standing: Standing) -> Decision:
    decision.save(force_insert=True)
    marks: dict[str, Mark] = {}
    if standing.estimate:
        marks[DecisionItem.Record.ESTIMATE] = standing.estimate.mark
    if standing.case and standing.declared:
        marks[DecisionItem.Record.CASE] = standing.case.mark
    for record, mark in marks.items():
        DecisionItem.objects.create(
            decision=decision,
            record=record,
            record_id=mark.id,
            record_version=mark.version,
            record_hash=mark.hash,
            recorded_by=decision.recorded_by,
        )
    return decision


def _bring_into_force(
    actor: User, standing: Standing, basis: Confirmation.Basis, note: str
) -> None:
    if standing.pending:
        confirm_estimate(
            actor=actor,
            estimate=EstimateSnapshot.objects.get(pk=standing.pending.mark.id),
            basis=basis,
            note=note,
        )


def _what_happened(request: BusinessRequest) -> str:
    decision = (
        Decision.objects.filter(request=request).select_related("recorded_by").last()
        if request.state in set(OUTCOMES.values())
        else None
    )
    if decision and decision.recorded_by:
        return (
            f"{decision.recorded_by.name} decided on this request on "
            f"{decision.recorded_at:%d %b %Y at %H:%M} UTC: "
            f"{decision.get_outcome_display().lower()}. Nothing was changed."
        )
    return f"This request is {request.get_state_display().lower()}; there is nothing to decide."
