"""Every change to estimates and cases."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from business_cases.actions.steps import (
    lock_open_request,
    lock_workload,
    move_request,
    open_request,
    restate_request,
    sign_request,
)
from business_cases.case import CaseTerms, problems_of_case, problems_of_estimate
from business_cases.mails import post_case_revised, post_estimate_waiting, post_submitted
from business_cases.models import (
    BusinessCase,
    BusinessRequest,
    CaseSnapshot,
    Confirmation,
    EstimateSnapshot,
    RequestKind,
    RequestState,
)
from business_cases.projection import Schedule, Terms, within_threshold
from business_cases.reports import revision_threshold, standing_of
from records.changed import facts_changed
from records.clock import now, today
from spaces.access import may_add_to, may_revise
from spaces.actions import create_workload
from spaces.models import Space, Workload, WorkloadState
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.months import month_of

FIRST = "First version."


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a request asks for, checked field by field by its form."""

    name: str
    purpose: str
    space: Space
    owner: User
    estimate: Terms
    case: CaseTerms | None


@transaction.atomic
def add_workload(*, actor: User, proposal: Proposal) -> Workload:
    """Add a workload to a Space without a request: claimed at once, its estimate unconfirmed."""
    if not may_add_to(actor, proposal.space):
        message = "You are not a product owner of this Space."
        raise PermissionDenied(message)
    workload = begin_workload(
        actor, proposal, state=WorkloadState.CLAIMED, reason="Added in its Space."
    )
    post_estimate_waiting(workload, actor, first=True)
    return workload


@transaction.atomic
def revise_estimate(
    *, actor: User, workload: Workload, seen: int, terms: Terms, reason: str
) -> EstimateSnapshot:
    """Append an estimate; `seen` is the latest version that the form was made from (0: none).

    It is in force at once while the whole-term sum stays within the threshold of the last
    approved sum; else it waits for a decision: of the open request, or of one that asks for more
    funding, which is made here. One that waited is withdrawn when a smaller estimate needs none.
    """
    request = lock_open_request(workload)
    _must_revise(actor, workload)
    day = today()
    standing = standing_of(workload.pk, now())
    latest, asked = standing.estimate, standing.asked
    _refuse_stale(seen, latest.mark.version if latest else 0, "estimate")
    if asked and asked.terms == terms:
        message = "Nothing changed: these are the figures of the estimate already."
        raise RefusedError(message)
    if latest and terms.effective < month_of(day):
        raise ValidationError({"effective_month": "A revision can't change months that are over."})
    snapshot = record_estimate(actor, workload, terms, _reason(reason))
    approved = standing.approved_schedule
    if approved is None:
        if request is None:
            post_estimate_waiting(workload, actor, first=False)
        return snapshot
    if within_threshold(
        approved,
        Schedule((*(e.terms for e in standing.estimates if e.confirmed_at), terms)),
        revision_threshold(day, now()),
    ):
        confirm_estimate(
            actor=None,
            estimate=snapshot,
            basis=Confirmation.Basis.WITHIN_THRESHOLD,
            note="Within the threshold of the last approved sum.",
        )
        if request and request.kind == RequestKind.MORE_FUNDING:
            move_request(
                actor=actor,
                request=request,
                seen=request.revision,
                target=RequestState.WITHDRAWN,
                note=f"Estimate v{snapshot.version} stays within the threshold and asks for less.",
            )
    else:
        _ask_for_more(actor, workload, request, snapshot)
    return snapshot


def _ask_for_more(
    actor: User, workload: Workload, request: BusinessRequest | None, snapshot: EstimateSnapshot
) -> None:
    """Have the pending estimate decided as a request: a new one, or the one that is open."""
    if request is None:
        request = open_request(
            actor=actor, workload=workload, kind=RequestKind.MORE_FUNDING, note=snapshot.reason
        )
    elif request.kind != RequestKind.MORE_FUNDING:
        return
    elif request.state == RequestState.SUBMITTED:
        restate_request(actor=actor, request=request, seen=request.revision, note=snapshot.reason)
    else:
        request.submitted_at = now()
        move_request(
            actor=actor,
            request=request,
            seen=request.revision,
            target=RequestState.SUBMITTED,
            note=snapshot.reason,
        )
    sign_request(request, actor)
    post_submitted(request, workload, actor)


@transaction.atomic
def revise_case(
    *, actor: User, workload: Workload, seen: int, case: CaseTerms, reason: str
) -> CaseSnapshot:
    """Append a case snapshot: the first declaration of a workload without one, or a revision."""
    _lock_workload(workload, actor)
    before = standing_of(workload.pk, now())
    latest = before.case
    _refuse_stale(seen, latest.mark.version if latest else 0, "business case")
    if latest and latest.terms == case:
        message = "Nothing changed: these are the figures of the business case already."
        raise RefusedError(message)
    snapshot = record_case(actor, workload, case, _reason(reason) if latest else FIRST)
    post_case_revised(workload, before, actor)
    return snapshot


@transaction.atomic
def retract_case(*, actor: User, workload: Workload, seen: int, reason: str) -> CaseSnapshot:
    """Take a case back: the workload is Unbacked again, every version stays readable."""
    _lock_workload(workload, actor)
    before = standing_of(workload.pk, now())
    latest = before.case
    _refuse_stale(seen, latest.mark.version if latest else 0, "business case")
    if latest is None or latest.terms is None:
        message = "There is no business case to retract."
        raise RefusedError(message)
    snapshot = CaseSnapshot.objects.create(
        case=BusinessCase.objects.get(workload=workload),
        retracted=True,
        reason=_reason(reason),
        recorded_by=actor,
    )
    facts_changed()
    post_case_revised(workload, before, actor)
    return snapshot


def confirm_estimate(
    *,
    actor: User | None,
    estimate: EstimateSnapshot,
    basis: Confirmation.Basis,
    note: str,
) -> Confirmation:
    """Bring an estimate into force. Called by decisions, and by revisions within the threshold."""
    facts_changed()
    return Confirmation.objects.create(estimate=estimate, basis=basis, note=note, recorded_by=actor)


def _lock_workload(workload: Workload, actor: User) -> None:
    lock_workload(workload)
    _must_revise(actor, workload)


def _must_revise(actor: User, workload: Workload) -> None:
    if not may_revise(actor, Workload.objects.select_related("space").get(pk=workload.pk)):
        message = "Only its owner or a product owner of its Space revises a workload."
        raise PermissionDenied(message)


def _refuse_stale(seen: int, latest: int, what: str) -> None:
    if seen != latest:
        message = f"The {what} was revised since you opened this page. Nothing was overwritten."
        raise StaleError(message)


def refuse_revised(workload: Workload, versions: tuple[int, int]) -> None:
    """Raise `StaleError` where a form was made from other versions of estimate and case."""
    standing = standing_of(workload.pk, now())
    if versions != (len(standing.estimates), len(standing.cases)):
        message = "The workload's figures were revised since you opened this page."
        raise StaleError(message)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why, so that the next review understands it."})
    return reason.strip()


def begin_workload(
    actor: User, proposal: Proposal, *, state: WorkloadState, reason: str
) -> Workload:
    """Create a workload with its first figures; the caller has asked who may."""
    workload = create_workload(
        actor=actor,
        name=proposal.name,
        purpose=proposal.purpose,
        space=proposal.space,
        owner=proposal.owner,
        state=state,
        reason=reason,
    )
    record_estimate(actor, workload, proposal.estimate, FIRST)
    if proposal.case:
        record_case(actor, workload, proposal.case, FIRST)
    return workload


def append_changes(actor: User, workload: Workload, proposal: Proposal, reason: str) -> None:
    """Record a version of whatever `proposal` says otherwise than what is recorded."""
    standing = standing_of(workload.pk, now())
    if standing.asked is None or standing.asked.terms != proposal.estimate:
        record_estimate(actor, workload, proposal.estimate, reason)
    if standing.declared == proposal.case:
        return
    if proposal.case:
        record_case(actor, workload, proposal.case, reason if standing.cases else FIRST)
    else:
        facts_changed()
        CaseSnapshot.objects.create(
            case=BusinessCase.objects.get(workload=workload),
            retracted=True,
            reason=reason,
            recorded_by=actor,
        )


def record_estimate(actor: User, workload: Workload, terms: Terms, reason: str) -> EstimateSnapshot:
    """Append an estimate; the caller has locked the workload and asked who may."""
    if problems := problems_of_estimate(terms, today()):
        raise ValidationError(dict(problems))
    facts_changed()
    return EstimateSnapshot.objects.create(
        workload=workload,
        monthly_amount=terms.monthly,
        growth_percent=terms.growth,
        first_month=terms.first,
        months=terms.months,
        effective_month=terms.effective,
        reason=reason,
        recorded_by=actor,
    )


def record_case(actor: User, workload: Workload, case: CaseTerms, reason: str) -> CaseSnapshot:
    """Append a case; the caller has locked the workload and asked who may."""
    if problems := problems_of_case(case):
        raise ValidationError(dict(problems))
    head, _ = BusinessCase.objects.get_or_create(workload=workload)
    facts_changed()
    return CaseSnapshot.objects.create(
        case=head,
        value_type=case.value_type.value,
        anchor=case.anchor.strip(),
        direction=case.direction,
        mechanism=case.mechanism,
        current_amount=case.current_amount,
        percent=case.percent,
        period=case.period.strip(),
        source=case.source.strip(),
        basis=case.basis.strip(),
        net_of_review=case.net_of_review,
        reason=reason,
        recorded_by=actor,
    )
