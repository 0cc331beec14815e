"""The board as a file: exactly what is filtered."""

import io

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, needs
from packs.access import EXPORTERS
from records.clock import now
from valueboard.board.page import Board, read_board
from valueboard.exporting import rows_of, sheets_of
from valueboard.lib.moment import one_moment
from valueboard.lib.sheets import csv_lines, write_workbook


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
