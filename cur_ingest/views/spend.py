"""The Spend page."""

import csv
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import READERS, may_edit
from cur_ingest.models import SpendClass
from cur_ingest.proof import periods_with_spend, read_month
from cur_ingest.spend_csv import rows_of
from cur_ingest.unclaimed import unclaimed_groups_of
from records.clock import now
from valueboard.lib.http import HtmxRequest, render_page


@needs(*READERS)
@require_safe
def spend(request: HtmxRequest) -> HttpResponse:
    """Show one month's bill: by workload, unclaimed, and the proof that nothing is missing."""
    known_at = now()
    periods = periods_with_spend(known_at)
    period = _chosen(request, periods)
    month = None if period is None else read_month(period, known_at)
    groups = [] if month is None else unclaimed_groups_of(month.period, month.basis)
    context = {
        "periods": periods,
        "month": month,
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
