"""What is mailed of gaps: requests with the way to answer, reminders, and what was taken back."""

from accounts.models import User
from allocation_gaps.answers import ANSWERS, OR_STOP, answer_url, askable
from allocation_gaps.models import GapAction
from notices.actions import post
from notices.models import Kind

TEMPLATES = {
    Kind.GAP_REMINDER: "allocation_gaps/reminder.txt",
    Kind.GAP_ASSIGNED: "allocation_gaps/assigned.txt",
    Kind.GAP_RECALLED: "allocation_gaps/recalled.txt",
}


def tell_asked(person: User, action: GapAction) -> None:
    """Ask somebody for what is missing."""
    answer = ANSWERS[action.kind]
    _tell(person, answer.message, answer.subject, action, {})


def tell_reminded(person: User, action: GapAction, asked: GapAction) -> None:
    """Remind somebody of what was asked."""
    subject = f"Reminder: {ANSWERS[action.kind].subject.lower()}"
    _tell(person, Kind.GAP_REMINDER, subject, action, {"asked": asked})


def tell_assigned(action: GapAction) -> None:
    """Tell somebody that a gap was given to them."""
    if action.assignee and action.assignee != action.recorded_by:
        _tell(action.assignee, Kind.GAP_ASSIGNED, "Gap assigned to you: ", action, {})


def tell_recalled(action: GapAction) -> None:
    """Tell who was asked that nothing is asked any more; where several were, each of them."""
    if action.workload is None:
        return
    people = [action.assignee] if action.assignee else askable(action.kind, action.workload)
    subject = f"No longer asked for: {ANSWERS[action.kind].wanted} of "
    for person in people:
        _tell(person, Kind.GAP_RECALLED, subject, action, {})


def _tell(
    person: User, kind: Kind, subject: str, action: GapAction, more: dict[str, object]
) -> None:
    opening, workload = action.opening, action.workload
    name = workload.name if workload else opening.label if opening else ""
    context = {
        "gap": opening,
        "name": name,
        "workload": workload,
        "action": action,
        "answer": ANSWERS.get(action.kind),
        "or_stop": action.kind in OR_STOP,
        "address": answer_url(action.kind, workload) if workload else "",
    }
    post(
        recipient=person,
        kind=kind,
        subject=f"{subject}{name}",
        template=TEMPLATES.get(kind, "allocation_gaps/request.txt"),
        context=context | more,
    )
