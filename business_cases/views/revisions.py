"""Revising the estimate and the case of a workload, and retracting the case."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, signed_in
from business_cases.actions import retract_case, revise_case, revise_estimate
from business_cases.forms import (
    CASE_HINTS,
    CaseRevisionForm,
    EstimateRevisionForm,
    ReasonForm,
    typed_case,
    typed_estimate,
)
from business_cases.panel import build_panel, typed, will_wait
from business_cases.projection import Schedule
from business_cases.reports import bounds_on, revision_threshold, standing_of
from records.clock import now, today
from spaces.access import get_own_workload
from valueboard.lib.errors import RefusedError
from valueboard.lib.months import month_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def estimate_revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Append an estimate; the panel says whether it will wait for a decision."""
    user, known_at, day = actor_of(request), now(), today()
    workload = get_own_workload(user, slug)
    standing = standing_of(workload.pk, known_at)
    latest = standing.estimate
    initial = typed_estimate(latest.terms) if latest else {}
    form = EstimateRevisionForm(
        request.POST or None,
        today=day,
        initial=initial | {"effective_month": f"{month_of(day):%Y-%m}"},
    )
    status, panel_only = 200, request.POST.get("panel") == "1"
    if request.method == "POST":
        valid, status = form.is_valid(), 422
        terms = form.estimate()
        if valid and terms and not panel_only:
            try:
                made = revise_estimate(
                    actor=user,
                    workload=workload,
                    seen=_seen(request),
                    terms=terms,
                    reason=form.cleaned_data["reason"],
                )
            except (RefusedError, ValidationError) as refused:
                status = _refuse(form, refused)
            else:
                standing = standing_of(workload.pk, now())
                outcome = (
                    "it waits for a Financial Admin."
                    if standing.pending
                    else "it is in force, because it stays within the threshold."
                )
                messages.success(request, f"Estimate v{made.version} was recorded; {outcome}")
                return redirect(workload)
    terms = form.estimate() if form.is_bound else (latest.terms if latest else None)
    bounds = bounds_on(day, known_at)
    waits = None
    if terms:
        waits = will_wait(standing, terms, revision_threshold(day, known_at))
    confirmed = tuple(e.terms for e in standing.estimates if e.confirmed_at)
    schedule = Schedule((*confirmed, terms)) if terms else None
    context = {
        "workload": workload,
        "standing": standing,
        "form": form,
        "before": build_panel(
            standing.in_force, standing.estimate_in_force, standing.declared, day, bounds
        ),
        "panel": build_panel(
            schedule,
            typed(terms, known_at) if terms else None,
            standing.declared,
            day,
            bounds,
            waits if form.is_bound else None,
        ),
        "threshold": revision_threshold(day, known_at),
    }
    if panel_only:
        return render(request, "business_cases/estimate_revise.html#panel", context)
    return render(request, "business_cases/estimate_revise.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Append a case snapshot: the first declaration, or a revision."""
    user, known_at, day = actor_of(request), now(), today()
    workload = get_own_workload(user, slug)
    standing = standing_of(workload.pk, known_at)
    latest = next((c for c in reversed(standing.cases) if c.terms), None)
    form = CaseRevisionForm(
        request.POST or None,
        first=not standing.cases,
        initial=typed_case(latest.terms) if latest and latest.terms else None,
    )
    status, panel_only = 200, request.POST.get("panel") == "1"
    if request.method == "POST":
        valid, status = form.is_valid(), 422
        case = form.case()
        if valid and case and not panel_only:
            try:
                made = revise_case(
                    actor=user,
                    workload=workload,
                    seen=_seen(request),
                    case=case,
                    reason=form.cleaned_data.get("reason", ""),
                )
            except (RefusedError, ValidationError) as refused:
                status = _refuse(form, refused)
            else:
                messages.success(
                    request, f"Business case v{made.version} was recorded; the baseline stays."
                )
                return redirect(workload)
    case = form.case() if form.is_bound else standing.declared
    bounds, schedule = bounds_on(day, known_at), standing.proposed_schedule
    context = {
        "workload": workload,
        "standing": standing,
        "form": form,
        "case_hints": CASE_HINTS,
        "before": build_panel(schedule, standing.estimate, standing.declared, day, bounds),
        "panel": build_panel(schedule, standing.estimate, case, day, bounds),
    }
    if panel_only:
        return render(request, "business_cases/case_revise.html#panel", context)
    return render(request, "business_cases/case_revise.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_retract(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the case back, with a reason."""
    user = actor_of(request)
    workload = get_own_workload(user, slug)
    standing = standing_of(workload.pk, now())
    if standing.declared is None:
        messages.error(request, "There is no business case to retract.")
        return redirect(workload)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                retract_case(
                    actor=user,
                    workload=workload,
                    seen=_seen(request),
                    reason=form.cleaned_data["reason"],
                )
            except (RefusedError, ValidationError) as refused:
                status = _refuse(form, refused)
            else:
                messages.success(
                    request, "The business case was retracted; every version stays readable."
                )
                return redirect(workload)
    context = {"workload": workload, "standing": standing, "form": form}
    return render(request, "business_cases/case_retract.html", context, status=status)


def _refuse(
    form: EstimateRevisionForm | CaseRevisionForm | ReasonForm,
    refused: RefusedError | ValidationError,
) -> int:
    """Put a refusal on the form, which keeps what was typed; return the status that says so."""
    if isinstance(refused, ValidationError):
        for field, errors in refused.message_dict.items():
            for error in errors:
                form.add_error(field if field in form.fields else None, error)
        return 422
    form.add_error(None, str(refused))
    return 409


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() else 0
