"""Exchange rates."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, may_edit
from cur_ingest.actions import record_rate
from cur_ingest.delivered import needing_rates
from cur_ingest.forms import CorrectRateForm, RateForm
from cur_ingest.models import RateVersion
from cur_ingest.rates import RateInUse, rates_in_use, rates_of
from cur_ingest.views.changing import CHANGING, conflict, page
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import seen_in
from valueboard.lib.months import parse_month

DONE = "The rate of {} counts. What waits for it, or was converted by an earlier one, is loaded"


@needs(*READERS)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """List what waits for a rate, the rates in force, and what was converted by an earlier one."""
    context = {
        "waiting": needing_rates(),
        "rates": rates_in_use(),
        "may_edit": may_edit(actor_of(request)),
    }
    return render(request, "cur_ingest/rates.html", context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rate_new(request: HttpRequest) -> HttpResponse:
    """Record the first rate of a currency in a month; the address may carry both."""
    begin = {name: request.GET.get(name, "") for name in ("currency", "month")}
    form = RateForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        try:
            version = record_rate(actor=actor_of(request), seen=0, **form.cleaned_data)
        except RefusedError as error:
            form.add_error("currency", str(error))
        else:
            messages.success(request, DONE.format(version))
            return redirect("rates")
    return page(request, "cur_ingest/rate_form.html", form, {})


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rate(request: HttpRequest, currency: str, month: str) -> HttpResponse:
    """Correct a rate: its next version, with a reason."""
    version = _rate(currency, month)
    form = CorrectRateForm(request.POST or None, initial=CorrectRateForm.initial_of(version))
    context: dict[str, object] = {"version": version, "said": RateInUse(version, ()).words}
    if request.method == "POST" and form.is_valid():
        try:
            record_rate(
                actor=actor_of(request),
                currency=version.currency,
                month=version.month,
                seen=seen_in(request),
                **form.cleaned_data,
            )
        except StaleError as stale:
            version = _rate(currency, month)
            context |= conflict(stale, form, version, CorrectRateForm.initial_of(version))
        else:
            messages.success(request, DONE.format(version))
            return redirect("rates")
    return page(request, "cur_ingest/rate_form.html", form, context)


def _rate(currency: str, month: str) -> RateVersion:
    """Return the rate in force that an address names; 404 without one."""
    try:
        found = rates_of(parse_month(month)).get(currency)
    except ValueError as error:
        raise Http404(month) from error
    if found is None:
        raise Http404(currency)
    return found
