"""Leaving a month of an export out of all figures, and having it count again."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS
from cur_ingest.actions import count_again, leave_out
from cur_ingest.forms import WhyForm
from cur_ingest.models import Export
from cur_ingest.reports import deciding_runs, seen_of_run
from cur_ingest.views.changing import CHANGING
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.answers import refuse
from valueboard.lib.errors import RefusedError, StaleError
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
    form, status = WhyForm(request.POST or None), HTTPStatus.OK
    context: dict[str, object] = {"form": form}
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            act = count_again if run.is_left_out else leave_out
            try:
                act(
                    actor=actor_of(request),
                    export=export,
                    period=period,
                    seen=digest_in(request),
                    reason=form.cleaned_data["reason"],
                )
            except StaleError as stale:
                status, context["conflict"] = HTTPStatus.CONFLICT, str(stale)
            except RefusedError as error:
                status = refuse(form, error)
            else:
                done = "counts again" if run.is_left_out else "counts nowhere from now on"
                messages.success(request, f"{formats.month(period)} of {export} {done}.")
                return redirect("delivery-month", export.pk, month)
    context |= {"run": run, "seen": seen_of_run(run)}
    return render(request, "cur_ingest/counting.html", context, status=status)
