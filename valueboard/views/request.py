"""One Business Request: what was asked, what it comes to, where it stands, what was decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, signed_in
from approvals.reports import decisions
from business_cases.access import get_request, may_edit, may_withdraw
from business_cases.panel import build_panel
from business_cases.reports import bounds_on, standing_of
from records.clock import now


@signed_in
@require_safe
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the request. What the workload became later is on the workload's page."""
    user, known_at = actor_of(request), now()
    found = get_request(user, pk)
    context: dict[str, object] = {
        "asked": found,
        "may_edit": may_edit(user, found),
        "may_withdraw": may_withdraw(user, found),
        "known_at": known_at,
    }
    if found.workload:
        day = localdate(known_at)
        standing = standing_of(found.workload.pk, known_at)
        made = decisions([found.workload.pk], known_at)[found.workload.pk]
        context |= {
            "standing": standing,
            "panel": build_panel(
                standing.proposed_schedule,
                standing.estimate,
                standing.declared,
                day,
                bounds_on(day, known_at),
            ),
            "decisions": [row for row in made.rows if row.kind == "funding"],
        }
    return render(request, "business_cases/request.html", context)
