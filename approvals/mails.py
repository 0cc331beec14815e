"""What is mailed of decisions, comments and delegations, and to whom."""

from datetime import datetime, timedelta

from accounts.models import Role, User
from approvals.access import authority_over, readable_requests
from approvals.models import Decision, Delegation
from business_cases.models import BusinessRequest, Comment, RequestEditor, RequestState
from business_cases.reports import panel_of
from business_cases.standing import Standing
from notices.actions import post
from notices.models import Kind
from spaces.models import Workload


def delegates(workload: Workload, moment: datetime) -> list[User]:
    """Return who may decide on a workload for somebody absent at a moment."""
    given = Delegation.objects.at(moment).values("delegate")
    people = User.objects.filter(pk__in=given, is_active=True).order_by("name")
    return [person for person in people if not authority_over(person, workload).why_not]


def post_decision(decision: Decision, standing: Standing) -> None:
    """Mail a decision to the workload's owner and to the author, if they still read it."""
    workload, request = decision.workload, decision.request
    returned = decision.outcome == Decision.Outcome.RETURNED
    people = {workload.owner_id: workload.owner}
    if request and readable_requests(request.created_by).filter(pk=request.pk).exists():
        people[request.created_by_id] = request.created_by
    for person in people.values():
        post(
            recipient=person,
            kind=Kind.RETURNED if returned else Kind.DECIDED,
            subject=f"{decision.get_outcome_display()}: {workload.name}",
            template="approvals/decided.txt",
            context={
                "person": person,
                "decision": decision,
                "workload": workload,
                "request": request,
                "panel": panel_of(standing, decision.recorded_at),
                "returned": returned,
            },
        )


def post_second_wanted(decision: Decision, request: BusinessRequest, standing: Standing) -> None:
    """Mail a first approval to who may give the second: for an absent Financial Admin, too."""
    workload = decision.workload
    admins = User.objects.holding(Role.FINANCIAL_ADMIN)
    # Each once: a Financial Admin may stand in for another.
    for person in dict.fromkeys([*admins, *delegates(workload, decision.recorded_at)]):
        if not authority_over(person, workload, decision).why_not:
            post(
                recipient=person,
                kind=Kind.SECOND_APPROVAL,
                subject=f"Second approval wanted: {workload.name}",
                template="approvals/second_wanted.txt",
                context={
                    "person": person,
                    "decision": decision,
                    "workload": workload,
                    "request": request,
                    "panel": panel_of(standing, decision.recorded_at),
                },
            )


def post_comment(comment: Comment, request: BusinessRequest) -> None:
    """Mail a comment to who wrote, owns or took part in the request, and still reads it."""
    took_part: set[int | None] = {request.created_by_id}
    for model in (RequestEditor, Comment):
        rows = model.objects.filter(request=request)
        took_part |= set(rows.values_list("recorded_by_id", flat=True))
    if request.workload:
        took_part.add(request.workload.owner_id)
    if request.state == RequestState.SUBMITTED:
        # Once it is decided, a comment is for those whose request it is.
        decided = Decision.objects.filter(request=request)
        took_part |= set(decided.values_list("recorded_by_id", flat=True))
    others = [pk for pk in took_part if pk and pk != comment.recorded_by_id]
    for person in User.objects.filter(pk__in=others, is_active=True):
        if readable_requests(person).filter(pk=request.pk).exists():
            post(
                recipient=person,
                kind=Kind.COMMENTED,
                subject=f"Comment on {request}",
                template="approvals/commented.txt",
                context={"person": person, "comment": comment, "request": request},
            )


def post_delegation(delegation: Delegation) -> None:
    """Mail to the delegate that they decide for somebody, or that they do so no more."""
    back = delegation.takes_back is not None
    subject = "no longer decide" if back else "decide"
    post(
        recipient=delegation.delegate,
        kind=Kind.DELEGATED,
        subject=f"You {subject} for {delegation.recorded_by}",
        template="approvals/delegated.txt",
        context={
            "person": delegation.delegate,
            "delegation": delegation,
            "last": delegation.ends_at - timedelta(seconds=1),
            "taken_back": back,
        },
    )
