"""Pages of the budget reviews."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs, signed_in
from positions.asked import asked_by
from positions.query import Query
from positions.reader import Reader
from records.clock import today
from reviews.access import EDITORS, closing_of, get_review, may_edit, reviews_read
from reviews.actions import change_review, close_review, open_review, take_note
from reviews.forms import CloseForm, NewReviewForm, NoteForm, ReviewForm
from reviews.lines import Line, Sheet
from reviews.models import Closing
from reviews.reports import read_sheet
from spaces.access import get_workload
from valueboard.lib.answers import answer_to
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import digest_in, seen_in

LINES_A_PAGE = 100
GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """List the reviews, the latest first."""
    user = actor_of(request)
    found = list(reviews_read(user).select_related("created_by").order_by("-as_of", "-pk"))
    closed = {
        closing.review_id: closing
        for closing in Closing.objects.filter(review__in=found).select_related("recorded_by")
    }
    context = {
        "reviews": [(review, closed.get(review.pk)) for review in found],
        "may_edit": may_edit(user),
    }
    return render(request, "reviews/reviews.html", context)


@needs(*EDITORS)
@GET_AND_POST
def review_new(request: HttpRequest) -> HttpResponse:
    """Open a review over what the board shows."""
    user, latest = actor_of(request), today()
    sent = request.POST if request.method == "POST" else request.GET
    query, problems = Query.read(sent.get("query", sent.urlencode()), latest)
    kept = query.figures_of(as_of=None, compare=None)
    form = NewReviewForm(
        request.POST if request.method == "POST" else None,
        latest=latest,
        initial={"as_of": query.as_of or latest},
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                made = open_review(actor=user, query=kept.urlencode(), **form.cleaned_data)
            except (ValidationError, RefusedError) as wrong:
                status, _ = answer_to(form, wrong, beside="name", saved={})
            else:
                return redirect("review", made.pk)
    context = {
        "form": form,
        "query": query.urlencode(),
        "asked": asked_by(Reader.of(user), kept),
        "problems": problems if request.method == "GET" else [],
    }
    return render(request, "reviews/new.html", context, status=status)


@signed_in
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a review with its workloads: an open one as of its day, a closed one as it was kept."""
    user = actor_of(request)
    sheet = read_sheet(user, get_review(user, pk))
    page = Paginator(sheet.lines, LINES_A_PAGE).get_page(request.GET.get("page"))
    context = {"sheet": sheet, "page": page, "may_edit": may_edit(user) and not sheet.closing}
    return render(request, "reviews/review.html", context)


@needs(*EDITORS)
@GET_AND_POST
def review_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an open review another name or day."""
    user = actor_of(request)
    found = get_review(user, pk)
    if request.method != "POST" and closing_of(found):
        return redirect("review", pk)
    saved = {"name": found.name, "as_of": found.as_of}
    form = ReviewForm(
        request.POST if request.method == "POST" else None, latest=today(), initial=saved
    )
    context: dict[str, object] = {"review": found, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                change_review(actor=user, review=found, seen=seen_in(request), **form.cleaned_data)
            except (ValidationError, RefusedError) as wrong:
                status, context["conflict"] = answer_to(form, wrong, beside="name", saved=saved)
            else:
                messages.success(request, "Saved.")
                return redirect("review", pk)
    return render(request, "reviews/edit.html", context, status=status)


@signed_in
@GET_AND_POST
def review_workload(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show where a workload of a review stands, and what is said of it; Finance writes that."""
    user = actor_of(request)
    sheet = read_sheet(user, get_review(user, pk))
    line = sheet.line(slug)
    if line is None:
        message = "This review lists no such workload, or none that you read."
        raise Http404(message)
    if request.method == "POST" or (may_edit(user) and sheet.closing is None):
        return _write(request, sheet, line)
    return render(request, "reviews/workload.html", {"sheet": sheet, "line": line})


def _write(request: HttpRequest, sheet: Sheet, line: Line) -> HttpResponse:
    user = actor_of(request)
    saved = {"direction": line.said.direction, "notes": line.said.notes}
    begin = saved if not line.said.is_empty else saved | {"direction": _begin_with(line)}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=begin)
    context: dict[str, object] = {"sheet": sheet, "line": line, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                take_note(
                    actor=user,
                    review=sheet.review,
                    workload=get_workload(user, line.slug),
                    seen=seen_in(request),
                    **form.cleaned_data,
                )
            except (ValidationError, RefusedError) as wrong:
                status, context["conflict"] = answer_to(form, wrong, beside="notes", saved=saved)
            else:
                return redirect(f"{request.path.rsplit('workloads/', 1)[0]}#w-{line.slug}")
    return render(request, "reviews/workload.html", context, status=status)


def _begin_with(line: Line) -> str:
    """Return the direction that an empty note begins with: the one of last time, if it had any."""
    return line.last.said.direction if line.last else ""


@needs(*EDITORS)
@GET_AND_POST
def review_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a review: what is frozen is shown first."""
    user = actor_of(request)
    found = get_review(user, pk)
    if request.method != "POST" and closing_of(found):
        return redirect("review", pk)
    form = CloseForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                close_review(actor=user, review=found, seen=digest_in(request), **form.cleaned_data)
            except StaleError as stale:
                status, context["conflict"] = answer_to(form, stale, beside="summary", saved={})
            else:
                messages.success(request, "Closed. What was said stands frozen.")
                return redirect("review", pk)
    context["sheet"] = read_sheet(user, found)
    return render(request, "reviews/close.html", context, status=status)
