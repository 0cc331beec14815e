"""Closing a month, opening it again, and taking over what was delivered later."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_waiting_run, may_edit
from cur_ingest.actions import close_month, reopen_month, take_over
from cur_ingest.adjustments import read_adjustments
from cur_ingest.delivered import not_loaded
from cur_ingest.proof import periods_with_spend, read_month
from cur_ingest.reports import chosen_basis, seen_of_month
from cur_ingest.views.changing import CHANGING, explained
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.http import digest_in
from valueboard.lib.months import parse_month


@needs(*EDITORS)
@require_http_methods(CHANGING)
def close(request: HttpRequest, month: str) -> HttpResponse:
    """Close a month, with what it comes to on the page."""
    return _answer(request, _period(month), closing=True)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def reopen(request: HttpRequest, month: str) -> HttpResponse:
    """Open a month again."""
    return _answer(request, _period(month), closing=False)


@needs(*READERS)
@require_http_methods(CHANGING)
def adjustment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a delivery would change that came after its month was closed; take it over."""
    actor = actor_of(request)
    run = get_waiting_run(actor, pk, to_change=request.method == "POST")

    def act(reason: str) -> str:
        take_over(actor=actor, run=run, reason=reason)
        return f"{formats.month(run.period)} counts the later delivery now."

    def context() -> dict[str, object]:
        known_at = now()
        found = read_adjustments(run.period, known_at)
        return {
            "run": run,
            "adjustment": next((each for each in found if each.run == run), None),
            "basis": chosen_basis(known_at),
            "may_edit": may_edit(actor),
            "month": _address(run.period),
        }

    then = _address(run.period)
    return explained(
        request, act, template="cur_ingest/adjustment.html", then=then, context=context
    )


def _answer(request: HttpRequest, period: date, *, closing: bool) -> HttpResponse:
    change, done = (close_month, "is closed") if closing else (reopen_month, "is open again")

    def act(reason: str) -> str:
        change(actor=actor_of(request), period=period, seen=digest_in(request), reason=reason)
        return f"{formats.month(period)} {done}."

    def context() -> dict[str, object]:
        known_at = now()
        month = read_month(period, known_at)
        return {
            "closing": closing,
            "month": month,
            "not_loaded": not_loaded(period),
            "seen": seen_of_month(month.state, known_at),
            "link": _address(period),
        }

    return explained(
        request,
        act,
        template="cur_ingest/closing.html",
        then=_address(period),
        context=context,
    )


def _period(month: str) -> date:
    """Return the month of an address; 404 for one that was not delivered."""
    try:
        period = parse_month(month)
    except ValueError as error:
        raise Http404(month) from error
    if period not in periods_with_spend(now()):
        raise Http404(month)
    return period


def _address(period: date) -> str:
    return f"{reverse('spend')}?month={period:%Y-%m}"
