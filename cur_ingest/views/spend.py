"""The Spend page."""

import tempfile
from datetime import date, datetime

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import READERS, may_edit
from cur_ingest.adjustments import read_adjustments
from cur_ingest.closing import month_states
from cur_ingest.delivered import not_loaded
from cur_ingest.models import Part, SpendClass
from cur_ingest.month_files import rows_of, sheets_of
from cur_ingest.overlaps import read_overlaps
from cur_ingest.proof import periods_with_spend, read_month
from cur_ingest.statements import SpendMonth
from cur_ingest.unclaimed import not_listed, unclaimed_groups_of
from records.clock import now
from valueboard.lib.http import HtmxRequest, render_page
from valueboard.lib.moment import one_moment
from valueboard.lib.sheets import csv_lines, write_workbook


@needs(*READERS)
@require_safe
def spend(request: HtmxRequest) -> HttpResponse:
    """Show one month's bill: by workload, unclaimed, and the proof that nothing is missing."""
    with one_moment():
        known_at = now()
        states = month_states(known_at)
        period = _chosen(request, sorted(states, reverse=True))
        month = None if period is None else read_month(period, known_at)
        groups = [] if month is None else unclaimed_groups_of(month.period, month.basis)
        unclaimed = [g for g in groups if g.spend_class == SpendClass.AI]
        unclassified = [g for g in groups if g.spend_class == SpendClass.UNCLASSIFIED]
        context = {
            "states": [states[period] for period in sorted(states, reverse=True)],
            "waiting": [each for each in read_adjustments(None, known_at) if each.differs],
            "overlaps": read_overlaps(known_at),
            "not_loaded": not_loaded(period) if period else (),
            "month": month,
            "unclaimed": unclaimed,
            "unclassified": unclassified,
            "unclaimed_rest": month and not_listed(unclaimed, month.shown.of(Part.UNCLAIMED)),
            "unclassified_rest": month
            and not_listed(unclassified, month.shown.of(Part.UNCLASSIFIED)),
            "may_edit": may_edit(actor_of(request)),
            "known_at": known_at,
        }
    return render_page(request, "cur_ingest/spend.html", "month", context)


@needs(*READERS)
@require_safe
def spend_csv(request: HttpRequest) -> HttpResponse:
    """Send one month with its proof as CSV, amounts to the last digit."""
    known_at = now()
    month = _month(request, known_at)
    text = csv_lines(rows_of(month, known_at))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="spend-{month.period:%Y-%m}.csv"'
    return response


@needs(*READERS)
@require_safe
def spend_xlsx(request: HttpRequest) -> FileResponse:
    """Send one month as a workbook, with a second sheet that says what it comes from."""
    known_at = now()
    month = _month(request, known_at)
    # It lives as long as the response, which closes it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_workbook(file, sheets_of(month, actor_of(request).name, known_at))
    file.seek(0)
    name = f"spend-{month.period:%Y-%m}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _month(request: HttpRequest, known_at: datetime) -> SpendMonth:
    """Return the month that the address names; 404 where nothing was delivered yet."""
    period = _chosen(request, periods_with_spend(known_at))
    if period is None:
        message = "No month was delivered yet."
        raise Http404(message)
    return read_month(period, known_at)


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
