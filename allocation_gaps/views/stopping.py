"""Stopping a workload (METHOD 3): an answer to its gaps."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, signed_in
from allocation_gaps.actions import stop_from_gap
from allocation_gaps.forms import StopForm
from allocation_gaps.reports import gaps_of
from records.clock import now
from spaces.access import get_own_workload
from spaces.models import Workload, WorkloadState
from valueboard.lib.answers import answer_to
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Stop a workload, with a reason."""
    user = actor_of(request)
    workload = get_own_workload(user, slug)
    if workload.state != WorkloadState.CLAIMED and request.method != "POST":
        state = workload.get_state_display().lower()
        messages.error(request, f"{workload} is {state}; only a claimed one is stopped.")
        return redirect(workload)
    form, status, conflict = StopForm(request.POST or None), HTTPStatus.OK, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            stop_from_gap(
                actor=user, workload=workload, seen=digest_in(request), **form.cleaned_data
            )
        except (ValidationError, RefusedError) as wrong:
            workload = Workload.objects.select_related("space", "owner").get(pk=workload.pk)
            status, conflict = answer_to(form, wrong, beside="reason", saved={})
        else:
            messages.success(request, f"{workload} was stopped. Its figures stay readable.")
            return redirect(workload)
    context = {
        "workload": workload,
        "form": form,
        "conflict": conflict,
        "gaps": [gap for gap in gaps_of(workload, now()) if gap.is_open],
    }
    return render(request, "allocation_gaps/stop.html", context, status=status)
