"""What is mailed of requests, estimates and cases: to whoever decides, or decided."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Role, User
from business_cases.models import BusinessRequest, RequestEditor, RequestState, RequestStep
from business_cases.reports import panel_of, standing_of
from business_cases.standing import Standing
from notices.actions import post
from notices.models import Kind
from records.clock import now
from spaces.models import Workload

# Who decides on a workload at a moment besides the Financial Admins: deciding stands above this app
# and adds here who does it for somebody absent.
DECIDE_TOO: list[Callable[[Workload, datetime], list[User]]] = []


def post_submitted(request: BusinessRequest, workload: Workload, actor: User) -> None:
    """Mail a submitted request to whoever decides and has no part in it."""
    moment = now()
    panel = panel_of(standing_of(workload.pk, moment), moment)
    editors = RequestEditor.objects.filter(request=request)
    part = {workload.owner_id, *editors.values_list("recorded_by_id", flat=True)}
    for person in _deciders(workload, part, moment):
        post(
            recipient=person,
            kind=Kind.SUBMITTED,
            subject=f"To decide: {workload.name}",
            template="business_cases/submitted.txt",
            context={
                "person": person,
                "actor": actor,
                "request": request,
                "workload": workload,
                "panel": panel,
            },
        )


def post_estimate_waiting(workload: Workload, actor: User, *, first: bool) -> None:
    """Mail an estimate that no request asks for to whoever may confirm it.

    `first` for a workload that was just added in its Space.
    """
    moment = now()
    context = {
        "actor": actor,
        "workload": workload,
        "first": first,
        "panel": panel_of(standing_of(workload.pk, moment), moment),
    }
    part = {workload.owner_id, actor.pk}
    for person in _deciders(workload, part, moment):
        post(
            recipient=person,
            kind=Kind.ESTIMATE_WAITING,
            subject=f"To confirm: {workload.name}",
            template="business_cases/estimate_waiting.txt",
            context=context,
        )


def post_case_revised(workload: Workload, before: Standing, actor: User) -> None:
    """Mail a changed case of an approved workload to who approved it; of others nothing."""
    request = (
        BusinessRequest.objects.filter(workload=workload, state=RequestState.APPROVED)
        .order_by("pk")
        .last()
    )
    if request is None:
        return
    moment = now()
    after = standing_of(workload.pk, moment)
    did = "declared" if not before.declared else "revised" if after.declared else "retracted"
    sides = [("Before", panel_of(before, moment)), ("Now", panel_of(after, moment))]
    for person in _approvers_of(request).exclude(pk=actor.pk):
        post(
            recipient=person,
            kind=Kind.CASE_REVISED,
            subject=f"Business case {did} after approval: {workload.name}",
            template="business_cases/case_revised.txt",
            context={
                "actor": actor,
                "workload": workload,
                "did": did,
                "reason": after.case.mark.reason if after.case else "",
                "sides": sides,
            },
        )


def _deciders(workload: Workload, part: set[int], moment: datetime) -> list[User]:
    """Return who decides on a workload, without those who have a part in it."""
    admins = list(User.objects.holding(Role.FINANCIAL_ADMIN))
    others = [person for also in DECIDE_TOO for person in also(workload, moment)]
    # In this order, each once.
    return [person for person in dict.fromkeys(admins + others) if person.pk not in part]


def _approvers_of(request: BusinessRequest) -> QuerySet[User]:
    """Return the Financial Admins who approved a request, one or two; else all there are.

    Who approved may have left since, or have decided for somebody in their absence.
    """
    editors = RequestEditor.objects.filter(request=request)
    steps = RequestStep.objects.filter(
        request=request,
        from_state=RequestState.SUBMITTED,
        # To *submitted* leads a first approval of two; and a revision, but its author is an editor.
        to_state__in=[RequestState.APPROVED, RequestState.SUBMITTED],
    ).exclude(recorded_by__in=editors.values("recorded_by"))
    financial_admins = User.objects.holding(Role.FINANCIAL_ADMIN)
    approvers = financial_admins.filter(pk__in=steps.values("recorded_by"))
    return approvers if approvers.exists() else financial_admins
