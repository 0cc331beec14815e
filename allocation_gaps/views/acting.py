"""Acting on gaps: asking the owner, of one or of many, giving a gap to somebody, taking back."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.policy import actor_of, needs
from allocation_gaps.access import ACTORS, get_opening, visible
from allocation_gaps.actions import (
    assign_gap,
    recall_request,
    request_from_owner,
    request_many,
)
from allocation_gaps.actions.asking import reminder_days
from allocation_gaps.actions.holding import GoneError
from allocation_gaps.answers import ANSWERS
from allocation_gaps.forms import AssignForm, RecallForm, RequestFromOwnerForm
from allocation_gaps.gap import Gap
from allocation_gaps.models import GapAction, GapOpening
from allocation_gaps.reports import get_gap, in_order, read
from allocation_gaps.states import REQUESTS
from records.clock import now
from valueboard.lib.answers import refuse
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import MOST, seen_in, typed_again

MOST_AT_ONCE = 500


@needs(*ACTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def request_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the owner of a workload for what is missing."""
    opening = get_opening(actor_of(request), pk)
    if opening.kind not in REQUESTS:
        message = "Unclaimed spend has no owner to ask."
        raise Http404(message)

    def act(actor: User, seen: int, form: forms.Form) -> str:
        action = request_from_owner(actor=actor, opening=opening, seen=seen, **form.cleaned_data)
        return f"{_asked_of(action)}; the mail is on its way."

    page = {
        "title": f"Request {ANSWERS[opening.kind].wanted}",
        "button": "Send the request",
        "again": "Send the request again if you want to ask too",
        "days": reminder_days(),
    }
    return _acting(request, opening, RequestFromOwnerForm(request.POST or None), act, page)


@needs(*ACTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a gap to somebody."""
    opening = get_opening(actor_of(request), pk)

    def act(actor: User, seen: int, form: forms.Form) -> str:
        action = assign_gap(actor=actor, opening=opening, seen=seen, **form.cleaned_data)
        return f"Given to {action.assignee}."

    page = {
        "title": "Assign the gap",
        "button": "Assign",
        "again": "Assign it again to put your choice in its place",
    }
    form = AssignForm(request.POST or None, opening=opening)
    return _acting(request, opening, form, act, page)


@needs(*ACTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the latest request back."""
    opening = get_opening(actor_of(request), pk)
    if request.method != "POST" and get_gap(opening, now()).asked is None:
        messages.error(request, "Nothing was requested that could be taken back.")
        return redirect(opening)

    def act(actor: User, seen: int, form: forms.Form) -> str:
        recall_request(actor=actor, opening=opening, seen=seen, **form.cleaned_data)
        return "The request was taken back. The gap counts as open."

    page = {
        "title": "Take the request back",
        "button": "Take it back",
        "again": "Send it again to take back what was requested since",
    }
    return _acting(request, opening, RecallForm(request.POST or None), act, page)


def _acting(
    request: HttpRequest,
    opening: GapOpening,
    form: forms.Form,
    act: Callable[[User, int, forms.Form], str],
    page: Mapping[str, object],
) -> HttpResponse:
    """Show the form of one act on one gap, or do it; what was typed is never lost."""
    gap, status = get_gap(opening, now()), HTTPStatus.OK
    if not gap.is_open:
        if request.method == "POST":
            return _gone(request, gap)
        messages.info(request, "This gap is resolved; there is nothing to do about it.")
        return redirect(opening)
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                done = act(actor_of(request), seen_in(request), form)
            except StaleError as stale:
                gap = get_gap(opening, now())
                if isinstance(stale, GoneError):
                    return _gone(request, gap)
                page = {**page, "conflict": str(stale), "differences": None}
                status = HTTPStatus.CONFLICT
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, done)
                return redirect(opening)
    context = {"gap": gap, "form": form, **page}
    return render(request, "allocation_gaps/act.html", context, status=status)


@needs(*ACTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_request(request: HttpRequest) -> HttpResponse:
    """Ask the owners of several gaps, with one rationale; what can't be asked is named."""
    user = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    ids = [
        int(text)
        for text in asked.getlist("gap")
        if text.isdecimal() and len(text) < len(str(MOST))
    ]
    found = read(visible(user).filter(pk__in=ids[:MOST_AT_ONCE]), now())
    # What was resolved since a page was shown is named, where it is asked for.
    sent = request.method == "POST"
    gaps = in_order(gap for gap in found if gap.kind in REQUESTS and (sent or gap.is_open))
    if not gaps:
        messages.error(request, "Choose gaps of workloads first, by the boxes before them.")
        return redirect("gaps")
    form, status = RequestFromOwnerForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                seen = {gap.id: seen_in(request, f"seen-{gap.id}") for gap in gaps}
                outcome = request_many(actor=user, asked=seen, **form.cleaned_data)
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
            else:
                done, left = outcome.done, outcome.left
                if done:
                    count = f"{len(done)} request{'' if len(done) == 1 else 's'}"
                    messages.success(request, f"{count} sent; the mails are on their way.")
                for opening, why in left:
                    messages.warning(request, f"Not asked: {opening}. {why}")
                return redirect("gaps")
    context = {
        "gaps": gaps,
        "form": form,
        "days": reminder_days(),
        "more": max(len(ids) - MOST_AT_ONCE, 0),
    }
    return render(request, "allocation_gaps/bulk.html", context, status=status)


def _asked_of(action: GapAction) -> str:
    if action.assignee:
        return f"Requested from {action.assignee}"
    return "Requested from the product owners of the Space"


def _gone(request: HttpRequest, gap: Gap) -> HttpResponse:
    """Answer 409 to who acts on a gap that is there no more; what was typed is shown."""
    context = {"gap": gap, "typed": typed_again(request)}
    return render(request, "allocation_gaps/gone.html", context, status=HTTPStatus.CONFLICT)
