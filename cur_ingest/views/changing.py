"""How a change of rules, signals, rates or of what a month counts is answered."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cur_ingest.forms import ReasonForm, WhyForm
from cur_ingest.models import RateVersion, RuleVersion, SignalVersion
from valueboard.lib import formats
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import RefusedError, StaleError

CHANGING = ["GET", "HEAD", "POST"]
Version = RateVersion | RuleVersion | SignalVersion
# What a form changes, as it is recorded now, and what the form would begin with; None for a form
# that says nothing of it.
Saved = tuple[Version, Mapping[str, object] | None]


def answer(
    request: HttpRequest,
    form: ReasonForm,
    act: Callable[[], str],
    *,
    template: str,
    then: str,
    saved: Callable[[], Saved] | None = None,
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Answer a form that changes rules or signals: `act` does it, and returns what was done.

    `then` names the page to go on with. `saved` reads again what somebody else may have changed.
    """
    shown = dict(context or {})
    if request.method == "POST" and form.is_valid():
        try:
            what = act()
        except StaleError as stale:
            if saved is None:
                raise
            shown |= conflict(stale, form, *saved())
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done(what, form))
            return redirect(then)
    return page(request, template, form, shown)


def explained(
    request: HttpRequest,
    act: Callable[[str], str],
    *,
    template: str,
    then: str,
    context: Callable[[], Mapping[str, object]],
) -> HttpResponse:
    """Answer a form that asks only why: `act` does it for that reason, and returns what was done.

    `then` is the address to go on with; `context` reads what the page shows, after the refusal.
    """
    form = WhyForm(request.POST or None)
    shown: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        try:
            what = act(form.cleaned_data["reason"])
        except StaleError as stale:
            shown["conflict"] = str(stale)
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, what)
            return redirect(then)
    return page(request, template, form, {**shown, **context()})


def done(what: str, form: ReasonForm) -> str:
    """Say what was done, and which months were attributed anew."""
    months = "All" if form.cleaned_data["include_closed"] else "Open"
    day = form.cleaned_data["effective_from"]
    return (
        f"{what} from {formats.day(day)} on; spend of days before stays where it is. "
        f"{months} months were attributed anew."
    )


def conflict(
    stale: StaleError, form: forms.Form, version: Version, begins: Mapping[str, object] | None
) -> dict[str, object]:
    """Return what the page shows beside what was typed, which is still in its form."""
    differing = None if begins is None else differences(form, begins)
    return {"conflict": str(stale), "version": version, "differences": differing}


def page(
    request: HttpRequest, template: str, form: forms.Form, context: Mapping[str, object]
) -> HttpResponse:
    """Render a form: 422 after a POST that did not go through, 409 for a conflict."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    if "conflict" in context:
        status = HTTPStatus.CONFLICT
    return render(request, template, {"form": form, **context}, status=status)
