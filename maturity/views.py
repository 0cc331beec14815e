"""The Governance Maturity pages: the score, the rows behind it, and what would lift it."""

import tempfile

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import READS_EVERYTHING, actor_of, needs
from maturity.files import about
from maturity.names import Names
from maturity.pages import dimension_of, dimensions_of, ways_of
from maturity.reports import Maturity, read_maturity
from maturity.rows import NO, YES, rows_of
from maturity.scope import Scope, read_scope
from maturity.score import Dimension, Measure
from maturity.trend import trend_of
from maturity.trying import try_out
from packs.access import TO_EXPORT, may_export
from positions.reader import Reader
from records.clock import now
from valueboard.lib.figure import at_moment
from valueboard.lib.http import HtmxRequest, render_page
from valueboard.lib.sheets import Sheet, csv_lines, write_workbook

READERS = sorted(READS_EVERYTHING)
ROWS_A_PAGE = 50
FILES = ("csv", "xlsx")


@needs(*READERS)
@require_safe
def maturity(request: HttpRequest) -> HttpResponse:
    """Show the score, what it is made of, what lifts it, and how it came to be."""
    scope, found = _read(request)
    context = {
        "scope": scope,
        "maturity": found,
        "dimensions": dimensions_of(found, _names(scope)),
        "ways": ways_of(found, _names(scope)),
        "trend": trend_of(found.trend, (found.evidence.today, found.scores), _names(scope)),
    }
    return render(request, "maturity/maturity.html", context)


@needs(*READERS)
@require_safe
def rows(request: HttpRequest, dimension: str) -> HttpResponseBase:
    """Show the rows behind a numerator and its denominator, or send them as a file."""
    if dimension not in list(Dimension):
        message = "There is no such dimension."
        raise Http404(message)
    scope, found = _read(request)
    scored = found.scores[Dimension(dimension)]
    asked, counts = request.GET.get("measure", ""), request.GET.get("counts", "")
    measures = scored.formula.measures
    measure = Measure(asked) if asked in measures else measures[0]
    counts = counts if counts in {YES, NO} else ""
    listed = rows_of(scored, measure, found.evidence, counts, _names(scope))
    kind, exports = request.GET.get("format", ""), may_export(actor_of(request))
    if kind in FILES and not exports:
        raise PermissionDenied(TO_EXPORT)
    if kind == "csv":
        response = StreamingHttpResponse(
            csv_lines(listed.table()), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="maturity-{dimension}.csv"'
        return response
    if kind == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        sheets = about(scored, listed, scope, actor_of(request).name, counts)
        write_workbook(file, [Sheet("Rows", listed.table(), (32, 12, 44)), sheets])
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"maturity-{dimension}.xlsx")
    page = Paginator(listed.rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "dimension": dimension_of(scored, found.evidence, _names(scope)),
        "listed": listed,
        "measure": measure,
        "counts": counts,
        "page": page,
        "rows": listed.shown(list(page.object_list)),
        "may_export": exports,
    }
    return render(request, "maturity/rows.html", context)


@needs(*READERS)
@require_safe
def what_if(request: HtmxRequest) -> HttpResponse:
    """Answer what the score would be had some things been done; nothing is recorded."""
    scope, found = _read(request, past=False)
    tried = try_out(
        found.evidence,
        {key: scored.version for key, scored in found.scores.items()},
        request.GET.getlist("fix"),
        request.GET.getlist("way"),
        _names(scope),
    )
    context = {"scope": scope, "maturity": found, "tried": tried}
    return render_page(request, "maturity/what_if.html", "answer", context)


def _names(scope: Scope) -> Names:
    return Names(scope.space.slug if scope.space else "", at_moment(scope.known_at))


def _read(request: HttpRequest, *, past: bool = True) -> tuple[Scope, Maturity]:
    user, moment = actor_of(request), now()
    asked = request.GET.dict()
    if not past:
        asked.pop("as_of", None)
    reader = Reader.of(user)
    scope = read_scope(reader.tree, asked, moment)
    found = read_maturity(reader, scope.known_at, scope.spaces, by_group=not scope.is_past)
    return scope, found
