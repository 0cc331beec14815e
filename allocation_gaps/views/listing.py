"""The list of gaps, the page of one, and what one owes."""

from dataclasses import replace
from http import HTTPStatus

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.policy import actor_of, signed_in
from allocation_gaps.access import get_opening, may_act
from allocation_gaps.explain import totals_about
from allocation_gaps.listing import GROUPS, Totals, grouped, read_listing
from allocation_gaps.models import GapKind
from allocation_gaps.reports import get_gap, looked_at, owed_by
from allocation_gaps.states import REQUESTS, GapState
from cur_ingest.access import may_edit
from packs.access import may_export
from records.clock import now
from spaces.access import may_revise
from spaces.models import WorkloadState
from valueboard.lib.http import HtmxRequest, render_page

A_PAGE = 100


@signed_in
@require_safe
def gaps(request: HtmxRequest) -> HttpResponse:
    """List the gaps that the address asks for, in groups."""
    user = actor_of(request)
    listing = read_listing(user, request.GET, now())
    page = Paginator(listing.shown, A_PAGE).get_page(request.GET.get("page"))
    seen, query = looked_at(), listing.asked.query()
    moment = listing.known_at
    whole = {
        group.label: replace(group, about=totals_about(query, moment, group.label))
        for group in grouped(listing.shown, listing.asked.group)
    }
    acts = may_act(user) and not listing.is_past
    context = {
        "listing": listing,
        "asked": listing.asked,
        "page": page,
        # The gaps of this page, with the totals of all.
        "groups": [
            (group, whole[group.label]) for group in grouped(page.object_list, listing.asked.group)
        ],
        "totals": Totals.of(listing.shown).explained(totals_about(query, moment)),
        "kinds": GapKind,
        "states": GapState,
        "ways": GROUPS.items(),
        "may_act": acts,
        "may_export": may_export(user),
        "may_decide": Role.FINANCIAL_ADMIN in user.roles and not listing.is_past,
        "may_make_rules": may_edit(user) and not listing.is_past,
        "query": query,
        "looked_at": seen,
        "requests": {kind.value for kind in REQUESTS},
        "choosable": any(gap.kind in REQUESTS and gap.is_open for gap in page.object_list),
    }
    response = render_page(request, "allocation_gaps/gaps.html", "gaps", context)
    if listing.as_of.error:
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


@signed_in
@require_safe
def gap(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one gap: what it is about, and everything that was done."""
    user, known_at = actor_of(request), now()
    opening = get_opening(user, pk)
    found = get_gap(opening, known_at)
    owns = opening.workload is not None and may_revise(user, opening.workload)
    context = {
        "gap": found,
        "may_act": may_act(user) and found.is_open,
        "asks": found.kind in REQUESTS,
        "may_answer": owns and found.is_open,
        "may_make_rules": may_edit(user) and found.is_open,
        "may_stop": owns
        and opening.workload is not None
        and opening.workload.state == WorkloadState.CLAIMED,
        "known_at": known_at,
    }
    return render(request, "allocation_gaps/gap.html", context)


@signed_in
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """List what the person owes: open gaps of their workloads, and those given to them."""
    user, known_at = actor_of(request), now()
    found = owed_by(user, known_at)
    context = {
        "asked": [gap for gap in found if gap.asked or gap.acts.assigned],
        "open": [gap for gap in found if not (gap.asked or gap.acts.assigned)],
        "answerable": {g.id for g in found if g.workload and may_revise(user, g.workload)},
        "known_at": known_at,
    }
    return render(request, "allocation_gaps/owed.html", context)
