"""One conversation per request: its steps, what was decided and what was said, in time order."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from approvals.models import Decision, DecisionItem
from approvals.reports import deciders, first_approval
from business_cases.facts import NOBODY
from business_cases.models import BusinessRequest, Comment, RequestState, RequestStep
from business_cases.reports import standing_of

SUBMITTED = RequestState.SUBMITTED
WORDS = {
    (RequestState.DRAFT, SUBMITTED): "Submitted",
    (RequestState.RETURNED, SUBMITTED): "Submitted again",
    (SUBMITTED, SUBMITTED): "Revised what is asked for",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A step, a decision or a comment: who, when, and the words that belong to it.

    `mark` is the acknowledgement of an approval, `saw` names versions, `void` says that a first
    approval counts no longer.
    """

    kind: str
    title: str
    who: str
    when: datetime
    text: str
    mark: str = ""
    saw: str = ""
    void: bool = False


def conversation(request: BusinessRequest, known_at: datetime) -> list[Entry]:
    """Return what happened to a request by `known_at` and what was said of it, oldest first.

    A step that a decision took stands with the decision. Constant queries.
    """
    decided = list(
        Decision.objects.filter(request=request, recorded_at__lte=known_at)
        .select_related("recorded_by", "on_behalf_of")
        .order_by("version")
    )
    entries = [*_steps(request, known_at, decided), *_decisions(request, known_at, decided)]
    for comment in Comment.objects.filter(
        request=request, recorded_at__lte=known_at
    ).select_related("recorded_by"):
        who = comment.recorded_by.name if comment.recorded_by else NOBODY
        entries.append(Entry("comment", "Commented", who, comment.recorded_at, comment.text))
    return sorted(entries, key=lambda entry: entry.when)


def _steps(request: BusinessRequest, known_at: datetime, decided: list[Decision]) -> list[Entry]:
    by_decision = {decision.request_revision for decision in decided}
    return [
        Entry(
            "step",
            WORDS.get(
                (RequestState(step.from_state), RequestState(step.to_state)),
                step.get_to_state_display(),
            ),
            step.recorded_by.name if step.recorded_by else NOBODY,
            step.recorded_at,
            step.note,
            saw=_named(
                step.estimate.version if step.estimate else None,
                step.case.version if step.case else None,
            )
            if step.to_state == SUBMITTED
            else "",
        )
        for step in RequestStep.objects.filter(
            request=request, recorded_at__lte=known_at
        ).select_related("recorded_by", "estimate", "case")
        if step.revision not in by_decision
    ]


def _decisions(
    request: BusinessRequest, known_at: datetime, decided: list[Decision]
) -> list[Entry]:
    versions: dict[int, dict[str, int]] = defaultdict(dict)
    for item in DecisionItem.objects.filter(decision__in=decided):
        versions[item.decision_id][item.record] = item.record_version
    completed = {decision.completes_id for decision in decided}
    holds = None
    if request.workload_id and any(d.approvers_needed > 1 for d in decided):
        holds = first_approval(request, standing_of(request.workload_id, known_at))
    return [
        Entry(
            "decision",
            decision.get_outcome_display(),
            deciders(decision),
            decision.recorded_at,
            decision.rationale,
            decision.get_acknowledgement_display() if decision.acknowledgement else "",
            _named(versions[decision.pk].get("estimate"), versions[decision.pk].get("case")),
            void=decision.outcome == Decision.Outcome.FIRST_APPROVAL
            and decision.pk not in completed
            and decision != holds,
        )
        for decision in decided
    ]


def _named(estimate: int | None, case: int | None) -> str:
    """Name the versions that a step or a decision is about."""
    if estimate is None:
        return ""
    return f"estimate v{estimate}, case v{case}" if case else f"estimate v{estimate}, no case"
