"""Taking the steps of the plan: each is one action of the product, by the right person."""

from functools import singledispatch

from allocation_gaps.actions import stop_from_gap
from approvals.actions import comment_on_request, confirm_pending_estimate, decide_request
from approvals.reports import Seen
from business_cases.actions import (
    Proposal,
    add_workload,
    retract_case,
    revise_case,
    revise_estimate,
    save_draft,
    submit_request,
    withdraw_request,
)
from business_cases.case import CaseTerms
from business_cases.forms import ProposalForm, typed_case, typed_estimate
from business_cases.models import BusinessRequest
from business_cases.reports import standing_of
from business_cases.standing import Standing
from demo.people import Made
from demo.plan.values import (
    Add,
    Comment,
    Confirm,
    Decide,
    Estimate,
    RetractCase,
    ReviseCase,
    ReviseEstimate,
    SaveDraft,
    Step,
    Stop,
    Submit,
    Withdraw,
)
from demo.plan.workload import PlannedWorkload
from records.clock import now, today


@singledispatch
def take(step: Step, planned: PlannedWorkload, made: Made) -> None:
    """Take one step of a workload."""
    message = f"Nobody knows how to take {step}."
    raise NotImplementedError(message)


@take.register
def _(step: SaveDraft, planned: PlannedWorkload, made: Made) -> None:
    typed, proposal = _fill_in(planned, step.estimate, step.case, made)
    made.requests[planned.name] = save_draft(
        actor=made.people[planned.owner],
        request=None,
        seen=0,
        typed=typed,
        space=proposal.space,
    )


@take.register
def _(step: Submit, planned: PlannedWorkload, made: Made) -> None:
    if planned.name not in made.requests:
        take(SaveDraft(step.when, estimate=step.estimate, case=step.case), planned, made)
    request = made.requests[planned.name]
    _, proposal = _fill_in(planned, step.estimate, step.case, made)
    made.workloads[planned.name] = submit_request(
        actor=made.people[planned.owner],
        request=request,
        seen=request.revision,
        proposal=proposal,
        reason=step.reason,
    )
    request.refresh_from_db()


@take.register
def _(_step: Withdraw, planned: PlannedWorkload, made: Made) -> None:
    request = made.requests[planned.name]
    withdraw_request(actor=made.people[planned.owner], request=request, seen=request.revision)


@take.register
def _(step: Comment, planned: PlannedWorkload, made: Made) -> None:
    comment_on_request(
        actor=made.people[step.who], request=made.requests[planned.name], text=step.text
    )


@take.register
def _(step: Decide, planned: PlannedWorkload, made: Made) -> None:
    decide_request(
        actor=made.people[step.by],
        request=made.requests[planned.name],
        revision=made.requests[planned.name].revision,
        seen=Seen.of(_standing(planned, made)),
        outcome=step.outcome,
        acknowledgement=step.acknowledgement,
        rationale=step.rationale,
    )
    made.requests[planned.name].refresh_from_db()


@take.register
def _(step: Add, planned: PlannedWorkload, made: Made) -> None:
    _, proposal = _fill_in(planned, step.estimate, step.case, made)
    made.workloads[planned.name] = add_workload(actor=made.people[planned.owner], proposal=proposal)


@take.register
def _(step: Confirm, planned: PlannedWorkload, made: Made) -> None:
    confirm_pending_estimate(
        actor=made.people[step.by],
        workload=made.workloads[planned.name],
        seen=Seen.of(_standing(planned, made)),
        rationale=step.rationale,
    )


@take.register
def _(step: ReviseEstimate, planned: PlannedWorkload, made: Made) -> None:
    workload = made.workloads[planned.name]
    revise_estimate(
        actor=made.people[planned.owner],
        workload=workload,
        seen=len(_standing(planned, made).estimates),
        terms=step.estimate.terms(made.today),
        reason=step.reason,
    )
    if asked := BusinessRequest.objects.open().filter(workload=workload).first():
        # Beyond the threshold: it is decided as a request.
        made.requests[planned.name] = asked


@take.register
def _(step: ReviseCase, planned: PlannedWorkload, made: Made) -> None:
    revise_case(
        actor=made.people[planned.owner],
        workload=made.workloads[planned.name],
        seen=len(_standing(planned, made).cases),
        case=step.case,
        reason=step.reason,
    )


@take.register
def _(step: RetractCase, planned: PlannedWorkload, made: Made) -> None:
    retract_case(
        actor=made.people[planned.owner],
        workload=made.workloads[planned.name],
        seen=len(_standing(planned, made).cases),
        reason=step.reason,
    )


@take.register
def _(step: Stop, planned: PlannedWorkload, made: Made) -> None:
    workload = made.workloads[planned.name]
    workload.refresh_from_db()  # its spend or its approval claimed it
    stop_from_gap(
        actor=made.people[planned.owner], workload=workload, seen=workload.seen, reason=step.reason
    )


def _standing(planned: PlannedWorkload, made: Made) -> Standing:
    return standing_of(made.workloads[planned.name].pk, now())


def _fill_in(
    planned: PlannedWorkload, estimate: Estimate, case: CaseTerms | None, made: Made
) -> tuple[dict[str, str], Proposal]:
    """Fill in the request's form as the owner; return what was typed and what it asks for."""
    owner = made.people[planned.owner]
    typed = {
        "name": planned.name,
        "purpose": planned.purpose,
        "space": made.spaces[planned.space].slug,
        "owner": str(owner.pk),
        **typed_estimate(estimate.terms(made.today)),
        **(typed_case(case) if case else {}),
    }
    form = ProposalForm(typed, actor=owner, today=today())
    typed = {name: text for name, text in typed.items() if name in form.fields}
    if not form.is_valid():
        message = f"The product does not take {planned.name}: {form.errors.as_text()}"
        raise ValueError(message)
    return typed, form.proposal()
