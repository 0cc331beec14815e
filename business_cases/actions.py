"""Every change to Business Requests, estimates and cases."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from business_cases.case import CaseTerms, problems_of_case, problems_of_estimate
from business_cases.mails import post_submitted
from business_cases.models import (
    BusinessCase,
    BusinessRequest,
    CaseSnapshot,
    Confirmation,
    EstimateSnapshot,
    RequestEditor,
    RequestState,
)
from business_cases.projection import Schedule, Terms, within_threshold
from business_cases.reports import revision_threshold, standing_of
from records.clock import now, today
from spaces.access import may_add_to, may_revise
from spaces.actions import create_workload, describe_workload
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


# --- the request's life ---------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    *,
    actor: User,
    request: BusinessRequest | None,
    seen: int,
    typed: dict[str, str],
    space: Space | None,
) -> BusinessRequest:
    """Keep what was typed, valid or not; `seen` is the revision that the form was made from."""
    moment = now()
    if request is None:
        if not Space.objects.open_to_requests_of(actor).exists():
            message = "Product owners of a Space write Business Requests."
            raise PermissionDenied(message)
        request = BusinessRequest(created_by=actor, created_at=moment)
    else:
        request = _lock(request, seen, actor)
        if request.state not in {RequestState.DRAFT, RequestState.RETURNED}:
            message = f"This request is {request.get_state_display().lower()}; it can't be edited."
            raise RefusedError(message)
        request.revision += 1
    request.typed, request.name, request.space = (
        typed,
        typed.get("name", "")[:120],
        space,
    )
    request.changed_at = moment
    request.save()
    _sign(request, actor)
    return request


@transaction.atomic
def submit_request(
    *,
    actor: User,
    request: BusinessRequest,
    seen: int,
    proposal: Proposal,
    reason: str = "",
    versions: tuple[int, int] | None = None,
) -> Workload:
    """Submit a draft, or a returned request again; record the snapshots.

    Resubmitting appends a snapshot only where something changed, with `reason`; `versions` are
    those of estimate and case that the form was made from (0: none), None if nobody looked.
    """
    request = _lock(request, seen, actor)
    if not _may_submit(actor, request, proposal.space):
        message = "You are not a product owner of this Space."
        raise PermissionDenied(message)
    if request.workload is None:
        workload = create_workload(
            actor=actor,
            name=proposal.name,
            purpose=proposal.purpose,
            space=proposal.space,
            owner=proposal.owner,
            state=WorkloadState.PROPOSED,
            reason="Business Request submitted.",
        )
        _record_estimate(actor, workload, proposal.estimate, FIRST)
        if proposal.case:
            _record_case(actor, workload, proposal.case, FIRST)
    else:
        workload = lock_workload(request.workload)
        if versions is not None and versions != _versions(workload):
            message = "The workload's figures were revised since you opened this page."
            raise StaleError(message)
        describe_workload(
            actor=actor,
            workload=workload,
            name=proposal.name,
            purpose=proposal.purpose,
            space=proposal.space,
            owner=proposal.owner,
        )
        _append_changes(actor, workload, proposal, reason or "Changed after the request's return.")
    request.workload, request.space, request.name = (
        workload,
        proposal.space,
        proposal.name,
    )
    request.submitted_at = now()
    move_request(
        request,
        seen,
        {RequestState.DRAFT, RequestState.RETURNED},
        RequestState.SUBMITTED,
    )
    _sign(request, actor)
    post_submitted(request, workload, actor)
    return workload


@transaction.atomic
def withdraw_request(*, actor: User, request: BusinessRequest, seen: int) -> None:
    """Take a request back before it is decided; what was recorded stays."""
    request = _lock(request, seen, actor)
    move_request(
        request,
        seen,
        {RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED},
        RequestState.WITHDRAWN,
    )


def move_request(
    request: BusinessRequest,
    seen: int,
    sources: set[RequestState],
    target: RequestState,
) -> None:
    """Move a request to another state: the one writer of states.

    Conditional on the state and the revision seen, so that of two people who decide at once one
    wins; raise `StaleError` for the other. `request`'s other changed fields are saved along.
    """
    moved = BusinessRequest.objects.filter(pk=request.pk, revision=seen, state__in=sources).update(
        state=target,
        revision=seen + 1,
        workload=request.workload,
        space=request.space,
        name=request.name,
        submitted_at=request.submitted_at,
        changed_at=now(),
    )
    if not moved:
        current = BusinessRequest.objects.get(pk=request.pk)
        message = (
            f"This request has changed since you opened it: it is now "
            f"{current.get_state_display().lower()}. Nothing was done; open it again."
        )
        raise StaleError(message)
    request.refresh_from_db()


def _may_submit(actor: User, request: BusinessRequest, space: Space) -> bool:
    """Product owners of the Space; and whoever answers for a workload that stays where it is."""
    if may_add_to(actor, space):
        return True
    workload = request.workload
    return workload is not None and workload.space == space and may_revise(actor, workload)


def _lock(request: BusinessRequest, seen: int, actor: User) -> BusinessRequest:
    """Return the request, locked; refuse strangers and what was seen before a change."""
    locked = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    mine = locked.created_by_id == actor.pk
    if not mine and not (locked.workload and may_revise(actor, locked.workload)):
        message = "Only its author, its workload's owner or a product owner changes a request."
        raise PermissionDenied(message)
    if locked.revision != seen:
        message = "Somebody changed this request since you opened it. Nothing was overwritten."
        raise StaleError(message)
    return locked


def _sign(request: BusinessRequest, actor: User) -> None:
    """Keep for good that the person had a hand in the request: they don't decide on it."""
    RequestEditor.objects.get_or_create(request=request, recorded_by=actor)


# --- estimates and cases --------------------------------------------------------------------------


@transaction.atomic
def add_workload(*, actor: User, proposal: Proposal) -> Workload:
    """Add a workload to a Space without a request: claimed at once, its estimate unconfirmed."""
    if not may_add_to(actor, proposal.space):
        message = "You are not a product owner of this Space."
        raise PermissionDenied(message)
    workload = create_workload(
        actor=actor,
        name=proposal.name,
        purpose=proposal.purpose,
        space=proposal.space,
        owner=proposal.owner,
        state=WorkloadState.CLAIMED,
        reason="Added in its Space.",
    )
    _record_estimate(actor, workload, proposal.estimate, FIRST)
    if proposal.case:
        _record_case(actor, workload, proposal.case, FIRST)
    return workload


@transaction.atomic
def revise_estimate(
    *, actor: User, workload: Workload, seen: int, terms: Terms, reason: str
) -> EstimateSnapshot:
    """Append an estimate; `seen` is the latest version that the form was made from (0: none).

    It is in force at once while the whole-term sum stays within the threshold of the last
    approved sum; else it waits for a decision.
    """
    _lock_workload(workload, actor)
    day = today()
    standing = standing_of(workload.pk, now())
    latest = standing.estimate
    _refuse_stale(seen, latest.mark.version if latest else 0, "estimate")
    if latest and latest.terms == terms:
        message = "Nothing changed: these are the figures of the estimate already."
        raise RefusedError(message)
    if latest and terms.effective < month_of(day):
        raise ValidationError({"effective_month": "A revision can't change months that are over."})
    snapshot = _record_estimate(actor, workload, terms, _reason(reason))
    approved = standing.approved_schedule
    if approved and within_threshold(
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
    return snapshot


@transaction.atomic
def revise_case(
    *, actor: User, workload: Workload, seen: int, case: CaseTerms, reason: str
) -> CaseSnapshot:
    """Append a case snapshot: the first declaration of a workload without one, or a revision."""
    _lock_workload(workload, actor)
    latest = standing_of(workload.pk, now()).case
    _refuse_stale(seen, latest.mark.version if latest else 0, "business case")
    if latest and latest.terms == case:
        message = "Nothing changed: these are the figures of the business case already."
        raise RefusedError(message)
    return _record_case(actor, workload, case, _reason(reason) if latest else FIRST)


@transaction.atomic
def retract_case(*, actor: User, workload: Workload, seen: int, reason: str) -> CaseSnapshot:
    """Take a case back: the workload is Unbacked again, every version stays readable."""
    _lock_workload(workload, actor)
    latest = standing_of(workload.pk, now()).case
    _refuse_stale(seen, latest.mark.version if latest else 0, "business case")
    if latest is None or latest.terms is None:
        message = "There is no business case to retract."
        raise RefusedError(message)
    return CaseSnapshot.objects.create(
        case=BusinessCase.objects.get(workload=workload),
        retracted=True,
        reason=_reason(reason),
        recorded_by=actor,
    )


def confirm_estimate(
    *,
    actor: User | None,
    estimate: EstimateSnapshot,
    basis: Confirmation.Basis,
    note: str,
) -> Confirmation:
    """Bring an estimate into force. Called by decisions, and by revisions within the threshold."""
    return Confirmation.objects.create(estimate=estimate, basis=basis, note=note, recorded_by=actor)


def lock_workload(workload: Workload) -> Workload:
    """Lock a workload against new snapshots and decisions until the transaction ends."""
    return Workload.objects.select_for_update(of=("self",)).get(pk=workload.pk)


def _lock_workload(workload: Workload, actor: User) -> None:
    if not may_revise(actor, lock_workload(workload)):
        message = "Only its owner or a product owner of its Space revises a workload."
        raise PermissionDenied(message)


def _refuse_stale(seen: int, latest: int, what: str) -> None:
    if seen != latest:
        message = f"The {what} was revised since you opened this page. Nothing was overwritten."
        raise StaleError(message)


def _versions(workload: Workload) -> tuple[int, int]:
    """Return the latest version of estimate and of case, 0 for none."""
    standing = standing_of(workload.pk, now())
    return len(standing.estimates), len(standing.cases)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why, so that the next review understands it."})
    return reason.strip()


def _append_changes(actor: User, workload: Workload, proposal: Proposal, reason: str) -> None:
    standing = standing_of(workload.pk, now())
    if standing.estimate is None or standing.estimate.terms != proposal.estimate:
        _record_estimate(actor, workload, proposal.estimate, reason)
    if standing.declared == proposal.case:
        return
    if proposal.case:
        _record_case(actor, workload, proposal.case, reason if standing.cases else FIRST)
    else:
        CaseSnapshot.objects.create(
            case=BusinessCase.objects.get(workload=workload),
            retracted=True,
            reason=reason,
            recorded_by=actor,
        )


def _record_estimate(
    actor: User, workload: Workload, terms: Terms, reason: str
) -> EstimateSnapshot:
    if problems := problems_of_estimate(terms, today()):
        raise ValidationError(dict(problems))
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


def _record_case(actor: User, workload: Workload, case: CaseTerms, reason: str) -> CaseSnapshot:
    if problems := problems_of_case(case):
        raise ValidationError(dict(problems))
    head, _ = BusinessCase.objects.get_or_create(workload=workload)
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
