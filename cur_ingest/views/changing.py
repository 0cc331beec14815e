"""How a change of rules, signals or rates is answered."""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cur_ingest.forms import ReasonForm
from cur_ingest.models import RateVersion, RuleVersion, SignalVersion
from valueboard.lib.conflicts import Difference
from valueboard.lib.errors import StaleError

CHANGING = ["GET", "HEAD", "POST"]


def done(what: str, form: ReasonForm) -> str:
    """Say what was done, and which months were attributed anew."""
    months = "All" if form.cleaned_data["include_closed"] else "Open"
    day = form.cleaned_data["effective_from"]
    return f"{what} from {day:%-d %b %Y} on. {months} months were attributed anew."


def conflict(
    stale: StaleError,
    version: RuleVersion | SignalVersion | RateVersion,
    differing: list[Difference] | None,
) -> dict[str, object]:
    """Return what the page shows beside what was typed, which is still in its form."""
    return {"conflict": str(stale), "version": version, "differences": differing}


def page(
    request: HttpRequest, template: str, form: forms.Form, context: dict[str, object]
) -> HttpResponse:
    """Render a form: 422 after a POST that did not go through, 409 for a conflict."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    if "conflict" in context:
        status = HTTPStatus.CONFLICT
    return render(request, template, {"form": form, **context}, status=status)
