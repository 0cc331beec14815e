"""Saved views of the board: one's own and those shared with one's Spaces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import actor_of, signed_in
from positions.access import get_own_view, views_of
from positions.actions import change_view, delete_view, save_view
from positions.asked import asked_by, names_for
from positions.forms import ViewForm
from positions.models import SavedView
from positions.query import Asked, Names, Query
from positions.reader import Reader
from records.clock import today
from valueboard.lib.answers import answer_to
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in

CHANGING = ["GET", "HEAD", "POST"]


@signed_in
@require_safe
def view_list(request: HttpRequest) -> HttpResponse:
    """List the views that one may open, each with what it filters, in words."""
    user = actor_of(request)
    read = [(view, Query.read(view.query, today())[0]) for view in views_of(user)]
    names = names_for(Reader.of(user), [query for _, query in read])
    said = [_listed(view, query, names) for view, query in read]
    context = {
        "own": [each for each in said if each.view.owner_id == user.pk],
        "shared": [each for each in said if each.view.owner_id != user.pk],
    }
    return render(request, "views/list.html", context)


@dataclass(frozen=True, slots=True)
class Listed:
    """A view as its reader finds it: what it asks for in words, and the address that it opens."""

    view: SavedView
    asked: Sequence[Asked]
    own_columns: bool
    url: str


def _listed(view: SavedView, query: Query, names: Names) -> Listed:
    # The address of a Space that one doesn't read tells its name, and filters nothing.
    open_to_all = replace(
        query,
        space=query.space if query.space in names.spaces else "",
        smaller=query.smaller if query.smaller in names.spaces else "",
    )
    url = f"{reverse('board')}?{open_to_all.address()}"
    return Listed(view, query.asked(names), query.columns != Query().columns, url)


@signed_in
@require_http_methods(CHANGING)
def view_save(request: HttpRequest) -> HttpResponse:
    """Give the board's address a name."""
    query = _typed_query(request)
    form = ViewForm(request.POST or None, actor=actor_of(request))

    def act() -> SavedView:
        return save_view(actor=actor_of(request), query=query, terms=form.terms())

    asked = asked_by(Reader.of(actor_of(request)), Query.read(query, today())[0])
    context: dict[str, object] = {
        "query": query,
        "back": f"{reverse('board')}?{query}",
        "asked": asked,
    }
    return _answer(request, form, act, "views/save.html", context)


@signed_in
@require_http_methods(CHANGING)
def view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view, share it, or have the board open with it."""
    view = get_own_view(actor_of(request), pk)
    form = ViewForm(
        request.POST or None, actor=actor_of(request), initial=ViewForm.initial_of(view)
    )

    def act() -> SavedView:
        change_view(actor=actor_of(request), view=view, seen=digest_in(request), terms=form.terms())
        return view

    asked = asked_by(Reader.of(actor_of(request)), Query.read(view.query, today())[0])
    return _answer(request, form, act, "views/edit.html", {"view": view, "asked": asked})


@signed_in
@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view."""
    view = get_own_view(actor_of(request), pk)
    delete_view(actor=actor_of(request), view=view)
    messages.success(request, f"The view “{view}” was deleted. Copied links still open.")
    return redirect("views")


def _typed_query(request: HttpRequest) -> str:
    """Return the address to be named: from the form, or from the address of this page."""
    typed = request.POST.get("query") if request.method == "POST" else None
    query, _ = Query.read(request.GET if typed is None else typed, today())
    return query.urlencode(page=1, smaller="")


def _answer(
    request: HttpRequest,
    form: ViewForm,
    act: Callable[[], SavedView],
    template: str,
    context: dict[str, object],
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if form.is_valid():
        try:
            view = act()
        except (ValidationError, RefusedError) as wrong:
            saved = context.get("view")
            if isinstance(saved, SavedView):
                saved.refresh_from_db()
            begins = ViewForm.initial_of(saved) if isinstance(saved, SavedView) else {}
            status, context["conflict"] = answer_to(form, wrong, beside="name", saved=begins)
        else:
            messages.success(request, f"The view “{form.cleaned_data['name']}” was saved.")
            view.refresh_from_db()
            return redirect(view)
    return render(request, template, {"form": form, **context}, status=status)
