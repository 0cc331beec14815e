"""The list of Business Requests, and taking one back."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import actor_of, signed_in
from business_cases.access import get_request, may_request
from business_cases.actions import withdraw_request
from business_cases.asked import asked_by
from business_cases.models import BusinessRequest, RequestState
from business_cases.views.posted import posted
from records.clock import now
from valueboard.lib.errors import StaleError
from valueboard.lib.http import seen_in

A_PAGE = 50
# What somebody has to do something about comes first.
ORDER = (
    RequestState.RETURNED,
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.APPROVED,
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One state in the list of requests."""

    key: str
    label: str
    count: int


@signed_in
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests that the person reads, by state."""
    user = actor_of(request)
    readable = BusinessRequest.objects.visible_to(user)
    counts = dict(readable.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("state", "")
    shown = readable.filter(state=state) if state in RequestState.values else readable
    rank = Case(*(When(state=each, then=Value(i)) for i, each in enumerate(ORDER)))
    page = Paginator(
        shown.select_related("space", "workload", "created_by").order_by(
            rank, "-changed_at", "-pk"
        ),
        A_PAGE,
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": asked_by(list(page.object_list), now()),
        "state": state,
        "total": sum(counts.values()),
        "tabs": [Tab(each.value, each.label, counts.get(each.value, 0)) for each in ORDER],
        "may_request": may_request(user),
    }
    return render(request, "business_cases/requests.html", context)


@signed_in
@require_POST
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    user = actor_of(request)
    found = get_request(user, pk)
    note = (posted(request) or {}).get("note", "")
    try:
        withdraw_request(actor=user, request=found, seen=seen_in(request), note=note)
    except StaleError as stale:
        context = {"asked": found, "conflict": str(stale), "note": note}
        return render(
            request, "business_cases/not_withdrawn.html", context, status=HTTPStatus.CONFLICT
        )
    messages.success(request, f"“{found}” was withdrawn. What was recorded stays readable.")
    return redirect("request", pk=pk)
