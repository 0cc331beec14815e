"""What is mailed of a Business Request: to whoever may decide on it."""

from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import Role, User
from business_cases.models import BusinessRequest, RequestEditor
from business_cases.panel import Panel, build_panel
from business_cases.reports import bounds_on, standing_of
from business_cases.standing import Standing
from notices.actions import post
from notices.models import Kind
from records.clock import now
from spaces.models import Workload


def panel_of(standing: Standing, known_at: datetime) -> Panel:
    """Return the figures that a mail names: those that hold with the latest estimate in force."""
    day = localdate(known_at)
    return build_panel(
        standing.proposed_schedule,
        standing.asked,
        standing.declared,
        day,
        bounds_on(day, known_at),
    )


def post_submitted(request: BusinessRequest, workload: Workload, actor: User) -> None:
    """Mail a submitted request to the Financial Admins who have no part in it."""
    moment = now()
    panel = panel_of(standing_of(workload.pk, moment), moment)
    editors = RequestEditor.objects.filter(request=request)
    part = {workload.owner_id, *editors.values_list("recorded_by", flat=True)}
    for person in User.objects.holding(Role.FINANCIAL_ADMIN).exclude(pk__in=part):
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
