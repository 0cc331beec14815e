"""The Value Board, and what its map asks for."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, reads_everything, signed_in
from business_cases.access import may_request
from business_cases.figures import CURRENCY
from maturity.reports import kept_scores
from packs.access import may_export
from positions.query import EVERYTHING
from reviews.access import may_edit as may_review
from valueboard.board.page import opening, read_board, waiting
from valueboard.lib.http import HtmxRequest, render_page


@signed_in
@require_safe
def board(request: HtmxRequest) -> HttpResponse:
    """Show strip, map and table of the same rows; filters swap all of them together."""
    user = actor_of(request)
    begin = opening(user)
    if begin.default and not request.GET:
        return redirect(f"{reverse('board')}?{begin.default}")
    found = read_board(user, request.GET, begin.at)
    context = {
        "page": found,
        "waiting": list(waiting(user, found)),
        "everything": f"{reverse('board')}?{EVERYTHING}" if begin.default else reverse("board"),
        "swapped": bool(request.htmx),
        "may_request": may_request(user),
        "may_export": may_export(user),
        "may_review": may_review(user),
        "currency": CURRENCY,
        "maturity": kept_scores(found.reader, found.rows.known_at)
        if reads_everything(user)
        else None,
    }
    return render_page(request, "board.html", "board", context)


@signed_in
@require_safe
def cards(request: HtmxRequest) -> HttpResponse:
    """Answer with the cards of a map that is too large to carry them itself."""
    user = actor_of(request)
    return JsonResponse(read_board(user, request.GET, opening(user).at).cards())


@signed_in
@require_safe
def zoom(request: HtmxRequest) -> HttpResponse:
    """Answer with the rows of the map for the zooming view."""
    user = actor_of(request)
    return JsonResponse(read_board(user, request.GET, opening(user).at).nodes())
