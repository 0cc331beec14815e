"""Decisions written past every check in Python, as the application's role."""

from typing import Any

from accounts.models import User
from approvals.models import Decision, DecisionItem
from business_cases.models import BusinessRequest, CaseSnapshot, EstimateSnapshot


def forged(request: BusinessRequest, actor: User, /, **wrong: Any) -> Decision:
    """Write a rejection that is right but for what is `wrong`; it names nothing yet."""
    right = {
        "workload": request.workload,
        "request": request,
        "kind": "funding",
        "outcome": "rejected",
        "rationale": "Because.",
        "recorded_by": actor,
    }
    return Decision.objects.create(**right | wrong)


def forged_approval(request: BusinessRequest, actor: User, /, **wrong: Any) -> Decision:
    """Write an approval of what is declared, by one, right but for what is `wrong`."""
    right = {"outcome": "approved", "acknowledgement": "agreed"}
    return forged(request, actor, **right | wrong)


def forged_item(decision: Decision, named: CaseSnapshot | EstimateSnapshot, **wrong: Any) -> None:
    """Have a decision name a snapshot, right but for what is `wrong`."""
    right = {
        "record": "case" if isinstance(named, CaseSnapshot) else "estimate",
        "record_id": named.pk,
        "record_version": named.version,
        "record_hash": named.hash,
        "recorded_by": decision.recorded_by,
    }
    DecisionItem.objects.create(decision=decision, **right | wrong)
