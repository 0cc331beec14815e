"""The daily lines behind a figure, and why a line is where it is."""

import tempfile
from collections.abc import Iterator
from http import HTTPStatus

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import READERS, get_line
from cur_ingest.bases import named
from cur_ingest.explaining import explain
from cur_ingest.line_files import rows_of, sheets_of
from cur_ingest.line_filter import LineFilterForm
from cur_ingest.line_page import (
    asked_of,
    row_of,
    shared_rows,
    shares_of,
    totals_shown,
)
from cur_ingest.line_queries import Place, in_order, page_of, parts_in_order
from cur_ingest.proof import periods_with_spend
from cur_ingest.reports import chosen_basis, run_of_lines
from records.clock import now
from valueboard.lib.http import HtmxRequest, render_page
from valueboard.lib.moment import one_moment
from valueboard.lib.sheets import csv_lines, write_workbook

# A workbook is written before it is sent, and sheets end at about a million rows.
MOST_IN_A_WORKBOOK = 50_000


@needs(*READERS)
@require_safe
def lines(request: HtmxRequest) -> HttpResponse:
    """Show the daily lines that the address asks for, and what they add up to."""
    form = _form(request)
    context: dict[str, object] = {"form": form, "query": _query(request.GET)}
    if not form.is_valid():
        response = render_page(request, "cur_ingest/lines.html", "lines", context)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
    chosen = form.line_filter()
    with one_moment():
        totals, shown = chosen.totals(MOST_IN_A_WORKBOOK), chosen_basis(now())
        page = page_of(
            chosen.lines(),
            after=Place.read(request.GET.get("after", "")),
            before=Place.read(request.GET.get("before", "")),
        )
    context |= {
        "shares": shared_rows(totals.shares),
        "leaves_shares_out": bool(chosen.workload) and chosen.shares() is None,
        "asked": asked_of(form),
        "totals": totals,
        "figures": totals_shown(totals.amounts, "Sum of daily lines and of parts of split lines"),
        "own": totals_shown(totals.own, "Sum of daily lines"),
        "page": page,
        "rows": [row_of(line, shown) for line in page.lines],
        "most": MOST_IN_A_WORKBOOK,
        "basis": named(shown),
    }
    return render_page(request, "cur_ingest/lines.html", "lines", context)


@needs(*READERS)
@require_safe
def lines_csv(request: HttpRequest) -> HttpResponseBase:
    """Send all lines that the address asks for as CSV, as they are read."""
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    chosen = form.line_filter()
    text = csv_lines(rows_of(in_order(chosen.lines()), parts_in_order(chosen.shares())))
    response = StreamingHttpResponse(_of_one_moment(text), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="spend-lines.csv"'
    return response


@needs(*READERS)
@require_safe
def lines_xlsx(request: HttpRequest) -> HttpResponseBase:
    """Send the lines as a workbook, with a second sheet that says what they are."""
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    chosen = form.line_filter()
    if chosen.lines()[: MOST_IN_A_WORKBOOK + 1].count() > MOST_IN_A_WORKBOOK:
        return _refused(request, form, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    filters = [(each.label, each.value) for each in asked_of(form)]
    lines, parts = in_order(chosen.lines()), parts_in_order(chosen.shares())
    # It lives as long as the response, which closes it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    with one_moment():
        write_workbook(file, sheets_of(lines, parts, filters, actor_of(request).name, now()))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="spend-lines.xlsx")


@needs(*READERS)
@require_safe
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one line: what the bill says, where it was read, and why it is where it is."""
    found, shown = get_line(pk), chosen_basis(now())
    context = {
        "line": found,
        "row": row_of(found, shown),
        "explained": explain(found),
        "run": run_of_lines(found.delivery_id),
        "shares": shares_of(found, shown),
    }
    return render(request, "cur_ingest/line.html", context)


def _of_one_moment(text: Iterator[str]) -> Iterator[str]:
    """Yield a file while no load can put another delivery between its lines and their parts."""
    with one_moment():
        yield from text


def _form(request: HttpRequest) -> LineFilterForm:
    return LineFilterForm(request.GET, periods_with_spend(now()))


def _query(asked: QueryDict) -> str:
    """Return the filters of an address, without the place in the list."""
    kept = asked.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    for name in [name for name, value in kept.items() if not value]:
        kept.pop(name)
    return kept.urlencode()


def _refused(
    request: HttpRequest,
    form: LineFilterForm,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    context = {"form": form, "query": _query(request.GET), "most": MOST_IN_A_WORKBOOK}
    return render(request, "cur_ingest/lines_refused.html", context, status=status)
