"""Sending a workload that is there to approval, and submitting such a request again."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, signed_in
from business_cases.access import get_own_request, may_submit_again
from business_cases.actions import send_to_approval, submit_again
from business_cases.figure_names import asked_about
from business_cases.forms import SendForm
from business_cases.reports import panel_of, standing_of, why_not_send
from business_cases.views.posted import posted
from records.clock import now
from spaces.access import get_own_workload
from spaces.models import Workload
from valueboard.lib.answers import refuse
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import seen_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_send(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the approval of a workload that was never approved."""
    workload = get_own_workload(actor_of(request), slug)
    if (reason := why_not_send(workload)) and request.method != "POST":
        messages.error(request, reason)
        return redirect(workload)
    form, status = SendForm(posted(request), again=False), HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                asked = send_to_approval(
                    actor=actor_of(request),
                    workload=workload,
                    versions=_versions_in(request),
                    note=form.cleaned_data["note"],
                )
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, f"“{asked}” was submitted to the Financial Admins.")
                return redirect(asked)
    return _page(request, workload, {"form": form}, status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def request_submit_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit a returned request again, with the figures that its workload has now."""
    user = actor_of(request)
    found = get_own_request(user, pk)
    if found.workload is None or (request.method != "POST" and not may_submit_again(user, found)):
        return redirect(found)
    form, status = SendForm(posted(request), again=True), HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                submit_again(
                    actor=user,
                    request=found,
                    seen=seen_in(request),
                    versions=_versions_in(request),
                    note=form.cleaned_data["note"],
                )
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
                found.refresh_from_db()
            else:
                messages.success(request, f"“{found}” was submitted to the Financial Admins.")
                return redirect(found)
    return _page(request, found.workload, {"form": form, "asked": found}, status)


def _versions_in(request: HttpRequest) -> tuple[int, int]:
    return seen_in(request, "seen_estimate"), seen_in(request, "seen_case")


def _page(
    request: HttpRequest, workload: Workload, context: dict[str, Any], status: HTTPStatus
) -> HttpResponse:
    known_at = now()
    standing = standing_of(workload.pk, known_at)
    panel = panel_of(standing, known_at, asked_about(workload.slug, standing))
    context |= {"workload": workload, "standing": standing, "panel": panel}
    return render(request, "business_cases/send.html", context, status=status)
