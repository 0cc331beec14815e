"""The page of one workload: all that was declared, projected, decided and spent."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.policy import actor_of, signed_in
from approvals.access import get_workload_to_read
from records.clock import now
from spaces.access import reads_space
from spaces.models import Workload
from spaces.reports import recorded_first, workload_at
from valueboard.as_of import AsOf, end_of, read_as_of
from valueboard.changes import changes_of_workload
from valueboard.workloads import read_workload


@signed_in
@require_safe
def workload(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a workload, of today or as of a past day."""
    user, known_at = actor_of(request), now()
    found = get_workload_to_read(user, slug)
    as_of = read_as_of(request.GET, localdate(known_at))
    if as_of.error or as_of.day:
        return _past(request, user, found, as_of)
    context = {
        "workload": found,
        "reads_space": reads_space(user, found.space),
        "report": read_workload(user, found, known_at),
        "changes": changes_of_workload(found, user),
        "known_at": known_at,
        "as_of": as_of,
    }
    return render(request, "workload.html", context)


def _past(request: HttpRequest, user: User, found: Workload, as_of: AsOf) -> HttpResponse:
    """Show all that was recorded by the end of a day; who may read it is as today."""
    first = recorded_first(found)
    context: dict[str, object] = {"workload": found, "as_of": as_of, "first": first}
    if as_of.day is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "workload_as_of.html", context, status=status)
    known_at = end_of(max(as_of.day, localdate(first)))
    then = workload_at(found, known_at) if as_of.day >= localdate(first) else None
    if then is None:
        return render(request, "workload_as_of.html", context)
    context |= {
        "workload": then,
        "reads_space": reads_space(user, then.space),
        "report": read_workload(user, then, known_at, is_past=True),
        "changes": [e for e in changes_of_workload(found, user) if e.at <= known_at],
        "known_at": known_at,
    }
    return render(request, "workload.html", context)
