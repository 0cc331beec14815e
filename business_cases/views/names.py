"""The names that cases draw on: what is claimed on each, and merging them."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from business_cases.access import NAME_MERGERS, NAME_READERS, may_merge_names
from business_cases.actions import merge_names, undo_merge
from business_cases.anchors import Anchor
from business_cases.claimed_names import read_names
from business_cases.forms import MergeForm, ReasonForm
from business_cases.names import Merge, merges, names, offered
from business_cases.views.posted import posted
from records.clock import now
from valueboard.lib.answers import refuse
from valueboard.lib.errors import RefusedError
from valueboard.lib.figure import ValueType
from valueboard.lib.http import seen_in


@needs(*NAME_READERS)
@require_safe
def name_list(request: HttpRequest) -> HttpResponse:
    """List every name with its current cases, the most over-claimed first."""
    known_at = now()
    said, query = merges(known_at), request.GET.get("q", "").strip()
    kinds = read_names(known_at, said, query)
    context = {
        "kinds": kinds,
        "over": [row for kind in kinds for row in kind.over],
        "query": query,
        "said": said.rows[::-1],
        "in_force": said.in_force.values(),
        "may_merge": may_merge_names(actor_of(request)),
        "known_at": known_at,
    }
    return render(request, "business_cases/names.html", context)


@needs(*NAME_MERGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def name_merge(request: HttpRequest) -> HttpResponse:
    """Let a name count as another one."""
    anchor, name, _ = _asked_for(request)
    form = MergeForm(posted(request))
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                made = merge_names(
                    actor=actor_of(request),
                    value_type=anchor.value_type,
                    name=name,
                    into=form.cleaned_data["into"],
                    seen=seen_in(request),
                    reason=form.cleaned_data["reason"],
                )
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, f"“{made.name}” counts as “{made.into}” from now on.")
                return redirect("names")
    _, name, last = _asked_for(request)
    known = [each for each in offered(now()) if each.value_type == anchor.value_type]
    context = {
        "form": form,
        "name": name,
        "seen": last.version if last else 0,
        "value_type": anchor.value_type,
        "known_names": [each for each in known if each.name != name],
    }
    return render(request, "business_cases/name_merge.html", context, status=status)


@needs(*NAME_MERGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def name_unmerge(request: HttpRequest) -> HttpResponse:
    """Let a merged name stand for itself again."""
    anchor, name, last = _asked_for(request)
    form = ReasonForm(posted(request))
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                undo_merge(
                    actor=actor_of(request),
                    value_type=anchor.value_type,
                    name=name,
                    seen=seen_in(request),
                    reason=form.cleaned_data["reason"],
                )
            except (RefusedError, ValidationError) as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, f"“{name}” stands for itself again.")
                return redirect("names")
        _, name, last = _asked_for(request)
    elif last is None or last.into is None:
        messages.error(request, f"“{name}” is not merged.")
        return redirect("names")
    context = {"form": form, "name": name, "last": last, "value_type": anchor.value_type}
    return render(request, "business_cases/name_unmerge.html", context, status=status)


def _asked_for(request: HttpRequest) -> tuple[Anchor, str, Merge | None]:
    """Return the name in the address, as it was spelt first, and what was last said of it."""
    kind, known_at = request.GET.get("type", ""), now()
    if kind in set(ValueType):
        anchor = Anchor.named(ValueType(kind), request.GET.get("name", ""))
        if spelt := names(known_at).get(anchor):
            return anchor, spelt, merges(known_at).latest.get(anchor)
    message = "No business case draws on a name like this."
    raise Http404(message)
