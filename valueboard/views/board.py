"""The Value Board."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, reads_everything, signed_in
from business_cases.access import may_request
from business_cases.figures import CURRENCY
from maturity.reports import kept_scores
from records.clock import now
from valueboard.board import BANDS, read_board, read_filters, run_rates
from valueboard.board_parts import drawings, kpis, legend, to_look_at
from valueboard.lib.figure import ValueType
from valueboard.lib.http import HtmxRequest, render_page
from valueboard.lib.palette import LOOK_OF


@signed_in
@require_safe
def board(request: HtmxRequest) -> HttpResponse:
    """Show KPI strip, map and table of the same rows; filters swap all three together."""
    user = actor_of(request)
    known_at = now()
    filters = read_filters(user, request.GET)
    found = read_board(user, known_at, filters)
    context = {
        "board": found,
        "may_request": may_request(user),
        "run_rate": run_rates(found.rows),
        "currency": CURRENCY,
        "filters": filters,
        "known_at": known_at,
        "kpis": kpis(found),
        "maturity": kept_scores(None, known_at) if reads_everything(user) else None,
        "drawings": drawings(found),
        "legend": legend(found.positions.bounds),
        "to_look_at": to_look_at(found),
        "value_types": list(ValueType),
        "bands": [LOOK_OF[band] for band in BANDS],
    }
    return render_page(request, "board.html", "board", context)
