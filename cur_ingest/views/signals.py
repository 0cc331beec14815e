"""AI signals."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_signal, may_edit
from cur_ingest.actions import add_signal, change_signal
from cur_ingest.forms import SignalForm
from cur_ingest.models import SignalVersion
from cur_ingest.views.changing import CHANGING, answer
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

    def act() -> str:
        add_signal(actor=actor_of(request), terms=form.terms(), **form.why)
        return "The signal counts"

    return answer(request, form, act, template="cur_ingest/signal_form.html", then="signals")


@needs(*EDITORS)
@require_http_methods(CHANGING)
def signal(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a signal, or switch it on or off: the next version of it, with a reason."""
    version, begin = _saved(pk)
    form = SignalForm(request.POST or None, initial=begin)

    def act() -> str:
        seen, terms = seen_in(request), form.terms()
        change_signal(
            actor=actor_of(request), signal=version.signal, seen=seen, terms=terms, **form.why
        )
        return "The signal was changed"

    return answer(
        request,
        form,
        act,
        template="cur_ingest/signal_form.html",
        then="signals",
        saved=lambda: _saved(pk),
        context={"version": version},
    )


def _saved(pk: int) -> tuple[SignalVersion, dict[str, Any]]:
    version = get_signal(pk)
    return version, SignalForm.initial_of(version)
