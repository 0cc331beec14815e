"""The Spend page, attribution rules and AI signals."""

import csv
from datetime import date
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_rule, get_signal, may_edit
from cur_ingest.actions import (
    add_rule,
    add_signal,
    change_rule,
    change_signal,
    retire_rule,
)
from cur_ingest.forms import ReasonForm, RuleForm, SignalForm
from cur_ingest.models import RuleVersion, SignalVersion, SpendClass
from cur_ingest.proof import periods_with_spend, read_month
from cur_ingest.spend_csv import rows_of
from cur_ingest.unclaimed import unclaimed_groups_of
from records.clock import now
from valueboard.lib.conflicts import Difference, differences
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import HtmxRequest, render_page, seen_in

CHANGING = ["GET", "HEAD", "POST"]


@needs(*READERS)
@require_safe
def spend(request: HtmxRequest) -> HttpResponse:
    """Show one month's bill: by workload, unclaimed, and the proof that nothing is missing."""
    known_at = now()
    periods = periods_with_spend(known_at)
    period = _chosen(request, periods)
    groups = [] if period is None else unclaimed_groups_of(period)
    context = {
        "periods": periods,
        "month": None if period is None else read_month(period, known_at),
        "unclaimed": [g for g in groups if g.spend_class == SpendClass.AI],
        "unclassified": [g for g in groups if g.spend_class == SpendClass.UNCLASSIFIED],
        "may_edit": may_edit(actor_of(request)),
        "known_at": known_at,
    }
    return render_page(request, "cur_ingest/spend.html", "month", context)


@needs(*READERS)
@require_safe
def spend_csv(request: HttpRequest) -> HttpResponse:
    """Send one month with its proof as CSV, amounts to the last digit."""
    known_at = now()
    period = _chosen(request, periods_with_spend(known_at))
    if period is None:
        message = "No month was delivered yet."
        raise Http404(message)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="spend-{period:%Y-%m}.csv"'
    csv.writer(response).writerows(rows_of(read_month(period, known_at), known_at))
    return response


def _chosen(request: HttpRequest, periods: list[date]) -> date | None:
    """Return the month that the address names, else the latest; 404 for one that isn't there."""
    asked = request.GET.get("month", "")
    if not asked:
        return periods[0] if periods else None
    found = next((period for period in periods if f"{period:%Y-%m}" == asked), None)
    if found is None:
        message = f"There is no spend of {asked}."
        raise Http404(message)
    return found


# --- rules ----------------------------------------------------------------------------------------


@needs(*READERS)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules in the order in which they are tried, and the retired ones below."""
    latest = (
        RuleVersion.objects.select_related("workload__space", "recorded_by")
        .order_by("rule", "-version")
        .distinct("rule")
    )
    versions = sorted(latest, key=lambda version: (version.priority, version.rule_id))
    context = {
        "rules": [version for version in versions if version.active],
        "retired": [version for version in versions if not version.active],
        "may_edit": may_edit(actor_of(request)),
    }
    return render(request, "cur_ingest/rules.html", context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule_new(request: HttpRequest) -> HttpResponse:
    """Make a rule; the address may carry conditions to begin with."""
    names = ("account", "service", "tag_key", "tag_value")
    begin = {name: request.GET.get(name, "") for name in names} | {"priority": 100}
    form = RuleForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        add_rule(
            actor=actor_of(request),
            terms=form.terms(),
            reason=form.cleaned_data["reason"],
            include_closed=form.cleaned_data["include_closed"],
        )
        messages.success(request, _done("The rule counts", form))
        return redirect("rules")
    context: dict[str, object] = {"principal": request.GET.get("principal", "")}
    return _page(request, "cur_ingest/rule_form.html", form, context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule: the next version of it, with a reason."""
    version = get_rule(pk)
    context: dict[str, object] = {"version": version}
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            change_rule(
                actor=actor_of(request),
                rule=version.rule,
                seen=seen_in(request),
                terms=form.terms(),
                reason=form.cleaned_data["reason"],
                include_closed=form.cleaned_data["include_closed"],
            )
        except StaleError as stale:
            version = get_rule(pk)
            context |= _conflict(stale, version, differences(form, RuleForm.initial_of(version)))
        else:
            messages.success(request, _done("The rule was changed", form))
            return redirect("rules")
    return _page(request, "cur_ingest/rule_form.html", form, context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a rule, with a reason."""
    version = get_rule(pk)
    context: dict[str, object] = {"version": version}
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            retire_rule(
                actor=actor_of(request),
                rule=version.rule,
                seen=seen_in(request),
                **form.cleaned_data,
            )
        except StaleError as stale:
            context |= _conflict(stale, get_rule(pk), None)
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _done("The rule was retired", form))
            return redirect("rules")
    return _page(request, "cur_ingest/rule_retire.html", form, context)


# --- signals --------------------------------------------------------------------------------------


@needs(*READERS)
@require_safe
def signals(request: HttpRequest) -> HttpResponse:
    """List the signals, those switched on first."""
    latest = (
        SignalVersion.objects.select_related("recorded_by")
        .order_by("signal", "-version")
        .distinct("signal")
    )
    versions = sorted(latest, key=lambda v: (v.field, v.pattern.lower(), v.signal_id))
    context = {
        "groups": [
            ("Switched on", [version for version in versions if version.active]),
            ("Switched off", [version for version in versions if not version.active]),
        ],
        "may_edit": may_edit(actor_of(request)),
    }
    return render(request, "cur_ingest/signals.html", context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def signal_new(request: HttpRequest) -> HttpResponse:
    """Add a signal."""
    form = SignalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        add_signal(
            actor=actor_of(request),
            terms=form.terms(),
            reason=form.cleaned_data["reason"],
            include_closed=form.cleaned_data["include_closed"],
        )
        messages.success(request, _done("The signal counts", form))
        return redirect("signals")
    return _page(request, "cur_ingest/signal_form.html", form, {})


@needs(*EDITORS)
@require_http_methods(CHANGING)
def signal(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a signal, or switch it on or off: the next version of it, with a reason."""
    version = get_signal(pk)
    context: dict[str, object] = {"version": version}
    form = SignalForm(request.POST or None, initial=SignalForm.initial_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            change_signal(
                actor=actor_of(request),
                signal=version.signal,
                seen=seen_in(request),
                terms=form.terms(),
                reason=form.cleaned_data["reason"],
                include_closed=form.cleaned_data["include_closed"],
            )
        except StaleError as stale:
            version = get_signal(pk)
            context |= _conflict(stale, version, differences(form, SignalForm.initial_of(version)))
        else:
            messages.success(request, _done("The signal was changed", form))
            return redirect("signals")
    return _page(request, "cur_ingest/signal_form.html", form, context)


def _done(what: str, form: ReasonForm) -> str:
    months = "All" if form.cleaned_data["include_closed"] else "Open"
    return f"{what}. {months} months were attributed anew."


def _conflict(
    stale: StaleError,
    version: RuleVersion | SignalVersion,
    differing: list[Difference] | None,
) -> dict[str, object]:
    """Return what the page shows beside what was typed, which is still in its form."""
    return {"conflict": str(stale), "version": version, "differences": differing}


def _page(
    request: HttpRequest, template: str, form: ReasonForm, context: dict[str, object]
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    if "conflict" in context:
        status = HTTPStatus.CONFLICT
    return render(request, template, {"form": form, **context}, status=status)
