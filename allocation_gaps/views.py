"""The Allocation Gaps pages."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.policy import actor_of, needs, signed_in
from allocation_gaps.access import ACTORS, get_gap, may_act
from allocation_gaps.actions import ACTS, request_from_owner
from allocation_gaps.forms import RequestFromOwnerForm
from allocation_gaps.models import GapKind
from allocation_gaps.reports import GapState, find_gap, find_gaps
from cur_ingest.access import may_edit
from cur_ingest.reports import chosen_basis
from cur_ingest.unclaimed import unclaimed_since
from records.clock import now
from spaces.models import Workload
from valueboard.lib.errors import StaleError
from valueboard.lib.http import seen_in, typed_again


@signed_in
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """List the gaps, by kind and state."""
    user, known_at = actor_of(request), now()
    found = find_gaps(user, known_at)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    shown = [
        gap
        for gap in found
        if (kind not in GapKind.values or gap.kind == kind)
        and (state not in set(GapState) or gap.state == state)
    ]
    groups = [(k, [g for g in shown if g.kind == k]) for k in GapKind]
    context = {
        "groups": [(k, inside) for k, inside in groups if inside],
        "shown": len(shown),
        "found": len(found),
        "kinds": GapKind,
        "states": GapState,
        "kind": kind,
        "state": state,
        "may_act": may_act(user),
        "unclaimed_since": unclaimed_since(known_at),
        "may_decide": Role.FINANCIAL_ADMIN in user.roles,
        "may_make_rules": may_edit(user),
        "basis": chosen_basis(known_at),
        "known_at": known_at,
    }
    return render(request, "allocation_gaps/gaps.html", context)


@needs(*ACTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def request_case(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Ask the owner of a workload for the business case or the estimate."""
    user = actor_of(request)
    form = RequestFromOwnerForm(request.POST or None)
    try:
        gap = get_gap(user, kind, str(key), now())
    except Http404:
        known = kind in ACTS and Workload.objects.visible_to(user).filter(pk=key).exists()
        if known and request.method == "POST":
            return _gone(request)
        raise
    context: dict[str, object] = {"gap": gap, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                request_from_owner(
                    actor=user,
                    gap=gap,
                    seen=seen_in(request),
                    rationale=form.cleaned_data["rationale"],
                )
            except StaleError as stale:
                current = find_gap(user, kind, str(key), now())
                if current is None:
                    return _gone(request)
                context |= {"gap": current, "conflict": str(stale)}
                status = HTTPStatus.CONFLICT
            else:
                owner = gap.workload.owner if gap.workload else None
                messages.success(request, f"Requested from {owner}; the mail is on its way.")
                return redirect("gaps")
    return render(request, "allocation_gaps/request.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """Answer 409 to who asks about a gap that is there no more; what was typed is shown."""
    context = {"typed": typed_again(request)}
    return render(request, "allocation_gaps/gone.html", context, status=HTTPStatus.CONFLICT)
