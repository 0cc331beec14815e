"""Deliveries: what loads are doing, what was loaded, and having it loaded again."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from accounts.policy import actor_of, needs, reads_everything
from cur_ingest.access import DELIVERY_READERS, LOADERS, may_edit, may_load
from cur_ingest.actions import ask_load
from cur_ingest.delivered import (
    MonthOfExport,
    loads_of,
    read_deliveries,
    read_history,
)
from cur_ingest.models import Export
from cur_ingest.overlaps import read_overlaps
from cur_ingest.reports import deciding_runs
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import HtmxRequest, render_page

ALL = 1000


@needs(*DELIVERY_READERS)
@require_safe
def deliveries(request: HtmxRequest) -> HttpResponse:
    """List the exports with their months; asked for again by the page while something runs."""
    user = actor_of(request)
    known_at = now()
    every = {"shown": ALL} if request.GET.get("months") == "all" else {}
    found = read_deliveries(amounts=reads_everything(user), **every)
    context = _may(user) | {
        "exports": found,
        "overlaps": read_overlaps(known_at),
        "under_way": any(each.is_under_way for each in found),
        "every": bool(every),
        "known_at": known_at,
    }
    return render_page(request, "cur_ingest/deliveries.html", "exports", context)


@needs(*DELIVERY_READERS)
@require_safe
def delivery_month(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """Show every delivery of a month that was loaded, and the loads that were tried."""
    user = actor_of(request)
    export = get_object_or_404(Export, pk=pk)
    period = _period(month)
    if period is None:
        raise Http404
    history = read_history(export, period, amounts=reads_everything(user))
    loads = list(loads_of(export, period))
    if not history and not loads:
        raise Http404
    row = MonthOfExport(export, period, loads[0] if loads else None, None)
    known_at = now()
    context = _may(user) | {
        "row": row,
        "history": history,
        "loads": loads,
        "run": deciding_runs(known_at).filter(export=export, period=period).first(),
        "may_edit": may_edit(user),
        "known_at": known_at,
    }
    return render(request, "cur_ingest/delivery_month.html", context)


@needs(*LOADERS)
@require_POST
def load_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a month of an export loaded, or without one have the worker look at what is there."""
    export = get_object_or_404(Export, pk=pk)
    typed = request.POST.get("period", "").strip()
    period = _period(typed)
    if typed and period is None:
        messages.error(request, f"“{typed[:20]}” is no month; write it like 2026-10.")
        return redirect("deliveries")
    try:
        ask_load(actor=actor_of(request), export=export, period=period)
    except RefusedError as refused:
        messages.warning(request, str(refused))
    else:
        what = (
            f"{formats.month(period)} of {export} is loaded" if period else f"{export} is looked at"
        )
        messages.success(request, f"{what} as soon as the worker is free.")
    return redirect("deliveries")


def _may(user: User) -> dict[str, object]:
    return {
        "may_load": may_load(user),
        "may_configure": Role.ADMINISTRATOR in user.roles,
        "reads_spend": reads_everything(user),
    }


def _period(text: str) -> date | None:
    """Read YYYY-MM; None for what is no month."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2026-10") else None
    except ValueError:
        return None
