"""AI signals."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_signal, may_edit
from cur_ingest.actions import add_signal, change_signal
from cur_ingest.forms import SignalForm
from cur_ingest.models import SignalVersion
from cur_ingest.views.changing import CHANGING, conflict, done, page
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import StaleError
from valueboard.lib.http import seen_in


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
            since=form.since,
            include_closed=form.cleaned_data["include_closed"],
        )
        messages.success(request, done("The signal counts", form))
        return redirect("signals")
    return page(request, "cur_ingest/signal_form.html", form, {})


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
                since=form.since,
                include_closed=form.cleaned_data["include_closed"],
            )
        except StaleError as stale:
            version = get_signal(pk)
            context |= conflict(stale, version, differences(form, SignalForm.initial_of(version)))
        else:
            messages.success(request, done("The signal was changed", form))
            return redirect("signals")
    return page(request, "cur_ingest/signal_form.html", form, context)
