"""What is mailed of a decision: to whoever asked, and to whoever owns the workload."""

from approvals.models import Decision
from business_cases.mails import panel_of
from business_cases.standing import Standing
from notices.actions import post
from notices.models import Kind


def post_decision(decision: Decision, standing: Standing) -> None:
    """Mail a decision to the request's author and the workload's owner, once to each person."""
    workload, request = decision.workload, decision.request
    returned = decision.outcome == Decision.Outcome.RETURNED
    people = {workload.owner_id: workload.owner}
    if request:
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
