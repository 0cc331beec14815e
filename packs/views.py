"""Pages of board packs: asking for one, and getting it."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import actor_of, needs
from packs.access import EXPORTERS, get_own_pack, own_packs
from packs.actions import ask_for_pack, why_no_printer
from packs.models import Pack
from positions.asked import names_for
from positions.query import Query
from positions.reader import Reader
from records.clock import today
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import HtmxRequest, render_page

SHOWN = 20
PDF = "application/pdf"


@needs(*EXPORTERS)
@require_safe
def packs(request: HtmxRequest) -> HttpResponse:
    """Show one's own packs, and ask for one of the board that the address describes."""
    return _page(request, request.GET.urlencode())


@needs(*EXPORTERS)
@require_POST
def pack_new(request: HtmxRequest) -> HttpResponse:
    """Have the worker make a pack."""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    try:
        ask_for_pack(actor=actor_of(request), query=query)
    except RefusedError as refused:
        response = _page(request, query, str(refused))
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
    return redirect("packs")


@needs(*EXPORTERS)
@require_safe
def pack_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a pack out to whoever asked for it."""
    pack = get_own_pack(actor_of(request), pk)
    if pack.state != Pack.State.DONE or pack.content is None:
        message = "This pack is not ready."
        raise Http404(message)
    name = f"board-pack-{pack.asked_at:%Y-%m-%d}-{pack.pk}.pdf"
    return HttpResponse(
        bytes(pack.content),
        content_type=PDF,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(request: HtmxRequest, query: str, refused: str = "") -> HttpResponse:
    reader = Reader.of(actor_of(request))
    found = list(own_packs(reader.user)[:SHOWN])
    queries = [Query.read(text, today())[0] for text in (query, *(pack.query for pack in found))]
    names = names_for(reader, queries)
    asked, *of = (each.asked(names) for each in queries)
    context = {
        "packs": [{"pack": pack, "asked": words} for pack, words in zip(found, of, strict=True)],
        "under_way": any(pack.is_unfinished for pack in found),
        "query": query,
        "asked": asked,
        "why_not": why_no_printer(),
        "refused": refused,
    }
    return render_page(request, "packs/packs.html", "packs", context)
