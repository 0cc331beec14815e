"""Leaving a month of an export out of all figures, and having it count again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS
from cur_ingest.actions import count_again, leave_out
from cur_ingest.delivered import read_history
from cur_ingest.models import Export
from cur_ingest.reports import deciding_runs, seen_of_run
from cur_ingest.views.changing import CHANGING, explained
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.http import digest_in
from valueboard.lib.months import parse_month


@needs(*EDITORS)
@require_http_methods(CHANGING)
def counting(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """Leave a month of an export out of all figures; count it again where it is left out."""
    export = get_object_or_404(Export, pk=pk)
    try:
        period = parse_month(month)
    except ValueError as error:
        raise Http404(month) from error
    run = get_object_or_404(deciding_runs(now()).filter(export=export, period=period))
    change, done = leave_out, "counts nowhere from now on"
    if run.is_left_out:
        change, done = count_again, "counts again"

    def act(reason: str) -> str:
        change(
            actor=actor_of(request),
            export=export,
            period=period,
            seen=digest_in(request),
            reason=reason,
        )
        return f"{formats.month(period)} of {export} {done}."

    def context() -> dict[str, object]:
        history = read_history(export, period, amounts=True)
        decided = next(each for each in history if each.delivery == run.delivery)
        return {"run": run, "decided": decided, "seen": seen_of_run(run)}

    then = reverse("delivery-month", args=[export.pk, month])
    return explained(request, act, template="cur_ingest/counting.html", then=then, context=context)
