"""Deciding: every way a decision comes to be."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from approvals.access import Authority, authority_over
from approvals.mails import post_decision, post_second_wanted
from approvals.models import Decision, DecisionItem
from approvals.reports import (
    Seen,
    first_approval,
    needs_two,
    open_request_of,
    what_came_between,
    what_happened,
    who_confirmed,
    why_not_confirm,
)
from business_cases.actions import (
    confirm_estimate,
    decline_pending,
    lock_workload,
    move_request,
    restate_request,
)
from business_cases.models import (
    BusinessRequest,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestState,
)
from business_cases.reports import standing_of
from business_cases.standing import Mark, Standing
from records.changed import facts_changed
from records.clock import now
from spaces.actions import claim_workload
from spaces.models import Workload, WorkloadState
from valueboard.lib.errors import RefusedError, StaleError

OUTCOMES = {
    Decision.Outcome.APPROVED: RequestState.APPROVED,
    Decision.Outcome.RETURNED: RequestState.RETURNED,
    Decision.Outcome.REJECTED: RequestState.REJECTED,
}


class SnapshotAddedError(StaleError):
    """A snapshot came between the page and the click: nothing was decided.

    `current` is what is recorded now; the versions seen are among its snapshots.
    """

    def __init__(self, seen: Seen, current: Standing) -> None:
        """Keep both sides for the page to compare."""
        super().__init__(
            "The estimate or the business case was revised after you opened this page. "
            "Compare the two and decide again."
        )
        self.seen, self.current = seen, current


@transaction.atomic
def decide_request(
    *,
    actor: User,
    request: BusinessRequest,
    revision: int,
    seen: Seen,
    outcome: str,
    acknowledgement: str,
    rationale: str,
) -> Decision:
    """Approve, return or reject a submitted request.

    Where the threshold asks for two approvers, the first approval is a decision of its own and
    the request stays submitted; somebody else's, of the same snapshots, completes it.

    `revision` is the request's and `seen` are the snapshots that the page showed. Raise
    `PermissionDenied` by METHOD 7, `StaleError` (naming who and when) if it isn't waiting any
    more, or was changed without a new snapshot; `SnapshotAddedError` if a snapshot isn't what was
    seen, `ValidationError` for what is missing.
    """
    request = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.workload is None:
        raise StaleError(what_happened(request))
    workload = lock_workload(request.workload)
    authority = _must_decide(actor, workload)
    standing = refuse_what_changed(workload=workload, request=request, seen=seen, revision=revision)
    _refuse_what_is_missing(outcome, acknowledgement, rationale, standing)
    approved = outcome == Decision.Outcome.APPROVED
    first, needed = None, 1
    if approved and needs_two(standing, now()):
        needed = 2
        first = first_approval(request, standing)
        if first:
            authority = _must_decide(actor, workload, first)
    final = not approved or needed == 1 or first is not None
    decision = _record(
        Decision(
            workload=workload,
            request=request,
            kind=Decision.Kind.FUNDING,
            outcome=outcome if final else Decision.Outcome.FIRST_APPROVAL,
            acknowledgement=acknowledgement if approved else "",
            rationale=rationale.strip(),
            request_revision=request.revision + 1,
            approvers_needed=needed,
            completes=first,
            on_behalf_of=authority.on_behalf_of,
            recorded_by=actor,
        ),
        standing,
    )
    if not final:
        restate_request(actor=actor, request=request, seen=revision, note="First approval of two.")
        post_second_wanted(decision, request, standing)
        return decision
    target = OUTCOMES[Decision.Outcome(outcome)]
    move_request(actor=actor, request=request, seen=revision, target=target)
    if approved:
        _bring_into_force(actor, standing, Confirmation.Basis.DECISION, "Approved.")
        claim_workload(actor=actor, workload=workload, reason="Funding approved.")
    elif outcome == Decision.Outcome.REJECTED:
        decline_pending(actor=actor, request=request, how=Decline.How.DECLINED)
    post_decision(decision, standing)
    return decision


@transaction.atomic
def confirm_pending_estimate(
    *,
    actor: User,
    workload: Workload,
    seen: Seen,
    rationale: str,
    workload_seen: str | None = None,
) -> Decision:
    """Confirm the latest estimate of a claimed workload.

    It was added in a Space, or has spend, and no request asks for it. `workload_seen` is the
    workload's as the page showed it, None if nobody looked. Raises as `decide_request` does, and
    `RefusedError` for a workload that isn't claimed, has an open request, or needs two approvers.
    """
    workload = lock_workload(workload)
    authority = _must_decide(actor, workload)
    standing = refuse_what_changed(
        workload=workload, request=None, seen=seen, workload_seen=workload_seen
    )
    if workload.state != WorkloadState.CLAIMED:
        message = "This workload is not claimed; its Business Request is what is decided on."
        raise RefusedError(message)
    if open_request_of(workload):
        message = "This workload has an open Business Request; decide on that."
        raise RefusedError(message)
    if why_not := why_not_confirm(standing, now()):
        raise RefusedError(why_not)
    _refuse_blank(rationale)
    decision = _record(
        Decision(
            workload=workload,
            kind=Decision.Kind.ESTIMATE,
            outcome=Decision.Outcome.CONFIRMED,
            rationale=rationale.strip(),
            on_behalf_of=authority.on_behalf_of,
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
    post_decision(decision, standing)
    return decision


def refuse_what_changed(
    *,
    workload: Workload,
    request: BusinessRequest | None,
    seen: Seen,
    revision: int = 0,
    workload_seen: str | None = None,
) -> Standing:
    """Return where the workload stands if it is what was seen, and still waits for a decision.

    Raise `StaleError` (naming who and when) if it was decided, `SnapshotAddedError` if it was
    revised. Pages ask before they look at what else is wrong with a form; the actions ask again
    under lock.
    """
    if request is not None and (what := what_happened(request)):
        raise StaleError(what)
    standing = standing_of(workload.pk, now())
    if request is None and standing.pending is None:
        raise StaleError(who_confirmed(workload))
    if seen != Seen.of(standing):
        raise SnapshotAddedError(seen, standing)
    if request is not None and request.revision != revision:
        raise StaleError(what_came_between(request, standing))
    # An open request's revision counts these changes too; without a request nothing does.
    if workload_seen is not None and workload_seen != workload.seen:
        message = (
            "The workload's name, purpose, owner or Space was changed after you opened this page. "
            "Read it again, then confirm."
        )
        raise StaleError(message)
    return standing


def acknowledgements_of(standing: Standing) -> list[Decision.Acknowledgement]:
    """Return what an approval can say of the declared value (METHOD 7)."""
    choices = Decision.Acknowledgement
    return [choices.AGREED, choices.OTHER_REASON] if standing.declared else [choices.NO_VALUE]


def _must_decide(actor: User, workload: Workload, first: Decision | None = None) -> Authority:
    authority = authority_over(actor, workload, first)
    if authority.why_not:
        raise PermissionDenied(authority.why_not)
    return authority


def _refuse_what_is_missing(
    outcome: str, acknowledgement: str, rationale: str, standing: Standing
) -> None:
    if outcome not in OUTCOMES:
        raise ValidationError({"outcome": "Choose approve, return or reject."})
    fits = acknowledgement in acknowledgements_of(standing)
    if outcome == Decision.Outcome.APPROVED and not fits:
        message = (
            "Say whether you agree with the declared value."
            if standing.declared
            else "There is no declared value; say that it is funded knowingly."
        )
        raise ValidationError({"acknowledgement": message})
    _refuse_blank(rationale)


def _refuse_blank(rationale: str) -> None:
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why: the rationale is kept with the decision."})


def _record(decision: Decision, standing: Standing) -> Decision:
    decision.save(force_insert=True)
    facts_changed()
    marks: dict[str, Mark] = {}
    if standing.asked:
        marks[DecisionItem.Record.ESTIMATE] = standing.asked.mark
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
