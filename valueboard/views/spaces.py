"""Spaces: the tree with its figures, and one Space with its workloads."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role, User
from accounts.policy import actor_of, needs, signed_in
from business_cases.reading import read_facts
from positions.explain.totals import named, totals_about
from positions.query import Query
from positions.reader import Reader as ReaderWithTree
from positions.reader import Tree
from positions.rows import Row, Rows, Totals, rows_at, totals
from records.clock import asked_at
from spaces.access import get_space, is_read, may_add_to, spaces_read
from spaces.actions import UnexplainedError, change_space, create_space
from spaces.forms import ChangeSpaceForm, SpaceForm
from spaces.models import Membership, Reader, Space
from valueboard.changes import changes_of_space
from valueboard.lib.answers import add_errors, answer_to
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in


@dataclass(frozen=True, slots=True)
class Branch:
    """A Space in the tree: how deep it lies, and the totals of it and all that is below it."""

    space: Space
    depth: int
    workloads: int
    totals: Totals


@signed_in
@require_safe
def spaces(request: HttpRequest) -> HttpResponse:
    """Show the Spaces that the person reads, as a tree with figures."""
    user = actor_of(request)
    known_at = asked_at(user)
    rows = _rows(user, known_at).on_map.rows
    context = {
        "tree": _tree(ReaderWithTree.of(user).tree, rows),
        "may_create": Role.ADMINISTRATOR in user.roles,
        # An Administrator manages all Spaces, also those whose figures they don't read.
        "managed": Space.objects.select_related("parent")
        if Role.ADMINISTRATOR in user.roles
        else None,
        "known_at": known_at,
    }
    return render(request, "spaces/spaces.html", context)


@signed_in
@require_safe
def space(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one Space: its workloads, its sub-Spaces, its people."""
    user = actor_of(request)
    known_at = asked_at(user)
    found = get_space(user, slug)
    inside = Reader.of(user).below({found.pk})
    found_rows = [row for row in _rows(user, known_at).rows if row.space_id in inside]
    rows = sorted(found_rows, key=lambda row: (-row.size, row.name))
    spaces_by_id = Reader.of(user).spaces
    parent, read = found.parent, spaces_read(user)
    context = {
        "space": found,
        # Names above what one reads are not shown.
        "parent": parent if parent and is_read(parent, read) else None,
        "rows": [(row, spaces_by_id[row.space_id]) for row in rows],
        "totals": named(
            totals(row for row in rows if row.on_map), totals_about(Query(space=found.slug))
        ),
        # Whoever reads a Space reads what is inside it.
        "children": [each for each in spaces_by_id.values() if each.parent_id == found.pk],
        "people": Membership.objects.filter(space=found)
        .select_related("user")
        .order_by("role", "user__name"),
        "may_add": may_add_to(user, found),
        "changes": changes_of_space(found, read),
        "known_at": known_at,
    }
    return render(request, "spaces/space.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def space_new(request: HttpRequest) -> HttpResponse:
    """Create a Space."""
    form = SpaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_space(
                actor=actor_of(request),
                name=form.cleaned_data["name"],
                parent=form.cleaned_data["parent"],
            )
        except ValidationError as wrong:  # two at once
            add_errors(form, wrong, "name")
        else:
            messages.success(request, f"{made} was created. Add its people next.")
            return redirect("people")
    status = 422 if request.method == "POST" else 200
    return render(request, "spaces/space_new.html", {"form": form}, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def space_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Rename a Space or move it; who gains and loses reading is said before it is done."""
    found = get_object_or_404(Space.objects.select_related("parent"), slug=slug)
    form = ChangeSpaceForm(request.POST or None, initial=_said_of(found))
    status, conflict, readers = HTTPStatus.OK, None, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        given = form.cleaned_data
        try:
            change_space(
                actor=actor_of(request),
                space=found,
                seen=digest_in(request),
                name=given["name"],
                parent=given["parent"],
                explained=digest_in(request, "explained"),
                reason=given["reason"],
            )
        except UnexplainedError as move:
            status, readers = HTTPStatus.OK, move.readers
        except (ValidationError, RefusedError) as wrong:
            found = Space.objects.select_related("parent").get(pk=found.pk)
            status, conflict = answer_to(form, wrong, beside="name", saved=_said_of(found))
        else:
            messages.success(request, f"{given['name']} was changed.")
            return redirect("space-edit", slug=slug)
    context = {
        "space": found,
        "form": form,
        "conflict": conflict,
        "readers": readers,
        "changes": changes_of_space(found, None),
    }
    return render(request, "spaces/space_edit.html", context, status=status)


def _said_of(space: Space) -> dict[str, object]:
    return {"name": space.name, "parent": space.parent_id}


def _rows(user: User, known_at: datetime) -> Rows:
    return rows_at(read_facts(ReaderWithTree.of(user), [known_at]), known_at)


def _tree(tree: Tree, rows: Sequence[Row]) -> list[Branch]:
    own: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        own[row.space_id].append(row)
    branches = []
    for pk, depth in _walk(tree, None, 0):
        space = tree.spaces[pk]
        inside = [row for each in tree.below(pk) for row in own[each]]
        found = named(totals(inside), totals_about(Query(space=space.slug)))
        branches.append(Branch(space, depth, len(inside), found))
    return branches


def _walk(tree: Tree, above: int | None, depth: int) -> Iterator[tuple[int, int]]:
    """Yield the Spaces below one, each with how deep it lies, before those inside it."""
    for pk in tree.children(above):
        yield pk, depth
        yield from _walk(tree, pk, depth + 1)
