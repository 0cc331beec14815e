"""The board as a file: exactly what is filtered."""

import io

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, needs
from packs.access import EXPORTERS
from positions.query import Query
from records.clock import now, today
from valueboard.board.page import Board, read_board
from valueboard.exporting import rows_of, sheets_of
from valueboard.lib.moment import one_moment
from valueboard.lib.sheets import csv_lines, write_workbook
from valueboard.packing import (
    SHEETS,
    checkpoint_words,
    context_of,
    footer_of,
    footer_sheet,
    read_pages,
)


@needs(*EXPORTERS)
@require_safe
def board_csv(request: HttpRequest) -> HttpResponseBase:
    """Send the rows that the board shows for this address as CSV, in UTF-8."""
    shown = _shown(request)
    response = StreamingHttpResponse(
        csv_lines(rows_of(shown)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{_name(shown)}.csv"'
    return response


@needs(*EXPORTERS)
@require_safe
def board_xlsx(request: HttpRequest) -> HttpResponseBase:
    """Send the rows as a workbook, with a second sheet that says what they are of."""
    shown = _shown(request)
    file = io.BytesIO()
    write_workbook(file, sheets_of(shown, actor_of(request).name, now()))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_name(shown)}.xlsx")


def _shown(request: HttpRequest) -> Board:
    with one_moment():
        return read_board(actor_of(request), request.GET, now())


def _name(shown: Board) -> str:
    return f"value-board-{shown.rows.today:%Y-%m-%d}"


@needs(*EXPORTERS)
@require_safe
def board_print(request: HttpRequest) -> HttpResponse:
    """Show the board pack as a page, for the browser's own print."""
    with one_moment():
        pages = read_pages(actor_of(request), request.GET, now())
    sheet = f"{reverse('board-print-sheet')}?{pages.board.text}"
    context = context_of(pages, [static(name) for name in SHEETS], sheet)
    return render(request, "pack/pack.html", context)


@needs(*EXPORTERS)
@require_safe
def board_print_sheet(request: HttpRequest) -> HttpResponse:
    """Answer with the sheet that puts day and checkpoint at the foot of every page."""
    query, _ = Query.read(request.GET, today())
    return HttpResponse(
        footer_sheet(footer_of(query.as_of or today(), checkpoint_words())), content_type="text/css"
    )
