"""Revising the estimate and the case of a workload, and retracting the case."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, signed_in
from business_cases.actions import retract_case, revise_case, revise_estimate
from business_cases.claims import claims_of
from business_cases.declared import stated_estimate
from business_cases.figure_names import asked_about, side_of, workload_about
from business_cases.forms import (
    CASE_HINTS,
    CaseRevisionForm,
    EstimateRevisionForm,
    ReasonForm,
    claims_of_form,
    echoes_of,
    forgive_blanks,
    said_today,
    typed_case,
    typed_estimate,
)
from business_cases.models import CaseSnapshot, EstimateSnapshot
from business_cases.moment import Moment, moment_of
from business_cases.names import read_known
from business_cases.panel import build_panel, typed, will_wait
from business_cases.projection import Schedule
from business_cases.reading import read_facts
from business_cases.reports import bounds_on, panel_of, revision_threshold, standing_of
from business_cases.standing import Standing
from business_cases.views.posted import posted
from records.clock import asked_at, now, today
from spaces.access import get_own_workload
from spaces.models import Workload
from valueboard.lib import formats
from valueboard.lib.answers import refuse
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import HtmxRequest, seen_in, wants_panel
from valueboard.lib.months import add_months, month_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def estimate_revise(request: HtmxRequest, slug: str) -> HttpResponse:
    """Append an estimate; the panel says whether it will wait for a decision."""
    workload = get_own_workload(actor_of(request), slug)
    standing, day = standing_of(workload.pk, now()), today()
    month, latest = month_of(day), standing.asked
    start = {"first_month": f"{add_months(month, 1):%Y-%m}"}
    form = EstimateRevisionForm(
        posted(request),
        today=day,
        initial=start
        | (typed_estimate(latest.terms) if latest else {})
        | {"effective_month": f"{month:%Y-%m}"},
    )
    status = HTTPStatus.OK
    if form.is_bound:
        status = _check(request, form)
        if form.is_valid() and not wants_panel(request):
            try:
                made = _record_estimate(request, workload, form)
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
                standing = standing_of(workload.pk, now())
            else:
                messages.success(request, _outcome(made, standing_of(workload.pk, now())))
                return redirect(workload)
    context = _estimate_panel(form, workload, standing) | {"workload": workload}
    return _answer(request, "business_cases/estimate_revise.html", context, status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_revise(request: HtmxRequest, slug: str) -> HttpResponse:
    """Append a case snapshot: the first declaration, or a revision."""
    user = actor_of(request)
    workload = get_own_workload(user, slug)
    moment = asked_at(user) if request.method != "POST" else now()
    known = read_known(moment, own=workload.pk)
    facts = read_facts(None, [moment], only=known.beside(workload.pk), whole=True)
    at = moment_of(facts, moment)
    standing = next(f for f in facts.workloads if f.id == workload.pk).standing(moment)
    latest = next((c.terms for c in reversed(standing.cases) if c.terms), None)
    form = CaseRevisionForm(
        posted(request),
        first=not standing.cases,
        initial=typed_case(latest) if latest else None,
    )
    status = HTTPStatus.OK
    if form.is_bound:
        status = _check(request, form)
        if form.is_valid() and not wants_panel(request):
            try:
                made = _record_case(request, workload, form)
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
                standing = standing_of(workload.pk, now())
            else:
                done = "revised; the baseline stays" if made.version > 1 else "the baseline now"
                messages.success(request, f"Business case v{made.version} was recorded: {done}.")
                return redirect(workload)
    context = _case_panel(form, workload, standing, at) | {
        "workload": workload,
        "claims": claims_of_form(form, user, workload, known)
        if form.is_bound
        else claims_of(user, workload, standing.declared, known, facts),
        "known_names": known.offered,
    }
    return _answer(request, "business_cases/case_revise.html", context, status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_retract(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the case back, with a reason."""
    workload = get_own_workload(actor_of(request), slug)
    standing = standing_of(workload.pk, now())
    if standing.declared is None and request.method != "POST":
        messages.error(request, "There is no business case to retract.")
        return redirect(workload)
    form = ReasonForm(posted(request))
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                retract_case(
                    actor=actor_of(request),
                    workload=workload,
                    seen=seen_in(request),
                    reason=form.cleaned_data["reason"],
                )
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
                standing = standing_of(workload.pk, now())
            else:
                messages.success(
                    request, "The business case was retracted; every version stays readable."
                )
                return redirect(workload)
    panel = panel_of(standing, now(), asked_about(workload.slug, standing))
    context = {"workload": workload, "standing": standing, "form": form, "panel": panel}
    return render(request, "business_cases/case_retract.html", context, status=status)


def _record_estimate(
    request: HttpRequest, workload: Workload, form: EstimateRevisionForm
) -> EstimateSnapshot:
    terms = form.estimate()
    if terms is None:
        message = "Only a valid form is an estimate."
        raise ValueError(message)
    return revise_estimate(
        actor=actor_of(request),
        workload=workload,
        seen=seen_in(request),
        terms=terms,
        reason=form.cleaned_data["reason"],
    )


def _record_case(request: HttpRequest, workload: Workload, form: CaseRevisionForm) -> CaseSnapshot:
    case = form.case()
    if case is None:
        message = "Only a valid form is a case."
        raise ValueError(message)
    return revise_case(
        actor=actor_of(request),
        workload=workload,
        seen=seen_in(request),
        case=case,
        reason=form.cleaned_data.get("reason", ""),
    )


def _outcome(made: EstimateSnapshot, standing: Standing) -> str:
    """Say what came of a revision; its month may still lie ahead."""
    if standing.pending:
        return (
            f"Estimate v{made.version} was recorded; it is pending until a Financial Admin decides."
        )
    return (
        f"Estimate v{made.version} was recorded; it stays within the threshold and counts from "
        f"{formats.month(made.effective_month)}."
    )


def _estimate_panel(
    form: EstimateRevisionForm, workload: Workload, standing: Standing
) -> dict[str, Any]:
    moment, day = now(), form.today
    bounds, threshold = bounds_on(day, moment), revision_threshold(day, moment)
    latest, force = standing.asked, standing.estimate_in_force
    about = side_of(workload_about(workload.slug), force, standing.case)
    terms = form.estimate() if form.is_bound else (latest.terms if latest else None)
    confirmed = tuple(e.terms for e in standing.estimates if e.confirmed_at)
    # Opening the page proposes nothing yet.
    proposes = terms is not None and form.is_bound
    return {
        "form": form,
        "standing": standing,
        "threshold": threshold,
        "echoes": echoes_of(form),
        "said_today": said_today(form, typed_estimate(latest.terms) if latest else {}),
        "stated": stated_estimate(force.terms, about) if force else None,
        "before": build_panel(
            standing.in_force, force, standing.declared, day, bounds, about=about
        ),
        "panel": build_panel(
            Schedule((*confirmed, terms)) if terms else None,
            typed(terms, moment) if terms else None,
            standing.declared,
            day,
            bounds,
            will_wait(standing, terms, threshold) if terms and proposes else None,
        ),
    }


def _case_panel(
    form: CaseRevisionForm, workload: Workload, standing: Standing, at: Moment
) -> dict[str, Any]:
    day, bounds, schedule = at.today, at.bounds, standing.proposed_schedule
    case = form.case() if form.is_bound else standing.declared
    return {
        "form": form,
        "standing": standing,
        "case_hints": CASE_HINTS,
        "echoes": echoes_of(form),
        "said_today": said_today(form, typed_case(standing.declared) if standing.declared else {}),
        "unfinished": form.has_case and case is None,
        "before": build_panel(
            schedule,
            standing.asked,
            standing.declared,
            day,
            bounds,
            about=asked_about(workload.slug, standing),
        ),
        "panel": build_panel(schedule, standing.asked, case, day, bounds),
    }


def _answer(
    request: HtmxRequest, template: str, context: dict[str, Any], status: HTTPStatus
) -> HttpResponse:
    """Answer with the page, or with its panel alone where HTMX asks while somebody types."""
    if request.htmx and wants_panel(request):
        return render(request, "business_cases/live.html", context)
    return render(request, template, context, status=status)


def _check(request: HttpRequest, form: forms.Form) -> HTTPStatus:
    """Return the status of a form that is not recorded; *Recalculate* overlooks what is empty."""
    form.is_valid()
    if wants_panel(request):
        forgive_blanks(form)
        return HTTPStatus.OK
    return HTTPStatus.UNPROCESSABLE_ENTITY
