"""The page of one workload: all that was declared, projected, decided and spent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, signed_in
from approvals.access import get_workload_to_read
from records.clock import now
from valueboard.changes import changes_of_workload
from valueboard.workloads import read_workload


@signed_in
@require_safe
def workload(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a workload."""
    user, known_at = actor_of(request), now()
    found = get_workload_to_read(user, slug)
    context = {
        "workload": found,
        "report": read_workload(user, found, known_at),
        "changes": changes_of_workload(found, user),
        "known_at": known_at,
    }
    return render(request, "workload.html", context)
