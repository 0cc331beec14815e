"""How is this figure made? A page for every figure, and the panel that it is in a dialog."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.policy import actor_of, signed_in
from allocation_gaps.explain import MANY, ONE, explain_gaps, explain_unclaimed
from business_cases.figure_names import CLAIMS, OTHERS
from maturity.explain import explain_maturity
from maturity.names import PREFIX
from positions.explain import explain_workload
from positions.explain.claims import explain_claims
from positions.explain.others import explain_others
from positions.explain.totals import EVERY, OWN, explain_totals
from records.clock import now
from reviews.explain import explain_review
from reviews.names import PREFIX as REVIEW
from valueboard.lib.as_of import end_of, read_as_of
from valueboard.lib.explained import Explained, Explanation, UnexplainedError
from valueboard.lib.figure import MOMENT, Made, at_moment
from valueboard.lib.http import HtmxRequest, render_page
from valueboard.lib.months import DAWN, why_unknown

# Who explains a figure, by what its `of` begins with.
EXPLAINED: dict[str, Explained] = {
    "w": explain_workload,
    CLAIMS: explain_claims,
    OTHERS: explain_others,
    EVERY: explain_totals,
    OWN: explain_totals,
    ONE: explain_unclaimed,
    MANY: explain_gaps,
    PREFIX: explain_maturity,
    REVIEW: explain_review,
}
# What a what-if takes as done with every tick of its page; a web server takes 4,094 characters.
LONGEST = 3_500
# What of an address says which moments, and what between them.
PARTS = ("as_of", "known_at", "lens", "compare", "figure", "workload", "cause")
MOST_PAGES = 10_000


@signed_in
@require_safe
def figure(request: HtmxRequest) -> HttpResponse:
    """Explain a figure: `what` it is `of` which subject, `as_of` a day or `known_at` a moment."""
    made = _made(request)
    explain = EXPLAINED.get(made.of.partition(":")[0])
    if explain is None:
        raise Http404
    try:
        found = explain(actor_of(request), made, _moment(request), _page(request))
    except UnexplainedError as error:
        raise Http404(str(error)) from error
    context = {"explanation": found, "link": _link(request, found)}
    return render_page(request, "figures/figure.html", "panel", context)


def _made(request: HtmxRequest) -> Made:
    what, of = request.GET.get("what", ""), request.GET.get("of", "")
    at = [(name, text) for name in PARTS if (text := request.GET.get(name, ""))]
    asked = "".join((what, of, *(text for _, text in at)))
    if "\0" in asked or len(asked) > LONGEST:
        raise Http404
    return Made(what, of, urlencode(at))


def _moment(request: HtmxRequest) -> datetime:
    """Return the moment that is asked for: an exact one, the end of a past day, or now."""
    present = now()
    if text := request.GET.get("known_at", ""):
        try:
            moment = datetime.strptime(text, MOMENT).replace(tzinfo=UTC)
        except ValueError as error:
            message = "This is no moment: a link to a figure was cut off."
            raise BadRequest(message) from error
        if moment < end_of(DAWN):
            raise BadRequest(why_unknown(date.min, localdate(present)))
        return min(moment, present)
    as_of = read_as_of(request.GET, localdate(present))
    if as_of.error:
        raise BadRequest(as_of.error)
    return end_of(as_of.day) if as_of.day else present


def _page(request: HtmxRequest) -> int:
    text = request.GET.get("page", "")
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < len("10000") else 1
    return max(1, min(number, MOST_PAGES))


def _link(request: HtmxRequest, explanation: Explanation) -> str:
    """Return the address that shows the very same figure whenever it is opened."""
    made = explanation.made
    if "as_of" not in dict(parse_qsl(made.at)):
        rest = [(name, value) for name, value in parse_qsl(made.at) if name != "known_at"]
        at = "&".join(filter(None, (at_moment(explanation.known_at), urlencode(rest))))
        made = Made(made.what, made.of, at)
    return f"{request.scheme}://{request.get_host()}{reverse('figure')}?{made.query}"
