"""The page of one workload: all that was declared, projected, decided and spent."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.policy import actor_of, reads_everything, signed_in
from approvals.access import get_workload_to_read
from business_cases.actions import change_workload
from records.clock import now
from spaces.access import get_own_workload, is_read, spaces_read
from spaces.forms import ChangeWorkloadForm
from spaces.models import Workload
from spaces.reports import recorded_first, workload_at
from valueboard.changes import changes_of_workload
from valueboard.lib.answers import answer_to
from valueboard.lib.as_of import AsOf, end_of, read_as_of
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in
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
    read = spaces_read(user)
    context = {
        "workload": found,
        "reads_space": is_read(found.space, read),
        "report": read_workload(user, found, known_at),
        "reads_lines": reads_everything(user),
        "changes": changes_of_workload(found, read),
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
    read = spaces_read(user)
    context |= {
        "workload": then,
        "reads_space": is_read(then.space, read),
        "report": read_workload(user, then, known_at, is_past=True),
        "changes": [e for e in changes_of_workload(found, read) if e.at <= known_at],
        "known_at": known_at,
    }
    return render(request, "workload.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Rename a workload, move it to another Space, hand it over."""
    user = actor_of(request)
    found = get_own_workload(user, slug)
    form = ChangeWorkloadForm(
        request.POST or None, actor=user, workload=found, initial=_said_of(found)
    )
    status, conflict = HTTPStatus.OK, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            changed = change_workload(
                actor=user, workload=found, seen=digest_in(request), **form.cleaned_data
            )
        except (ValidationError, RefusedError) as wrong:
            found = Workload.objects.select_related("space", "owner").get(pk=found.pk)
            status, conflict = answer_to(form, wrong, beside="name", saved=_said_of(found))
        else:
            messages.success(request, f"{changed} was changed.")
            # Whoever hands a workload over may read it no more.
            readable = Workload.objects.visible_to(user).contains(changed)
            return redirect(changed if readable else "board")
    context = {"workload": found, "form": form, "conflict": conflict}
    return render(request, "workload_edit.html", context, status=status)


def _said_of(workload: Workload) -> dict[str, object]:
    return {
        "name": workload.name,
        "purpose": workload.purpose,
        "space": workload.space_id,
        "owner": workload.owner_id,
    }
