"""The page of one workload: all that was declared, projected, decided and spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role, RoleGrant, User
from accounts.policy import actor_of, reads_everything, signed_in
from approvals.access import readable_workloads
from approvals.models import Delegation
from business_cases.actions import change_workload
from business_cases.names import read_known
from records.reports import last_checkpoint_parts
from spaces.access import get_own_workload, is_read, spaces_read
from spaces.forms import ChangeWorkloadForm
from spaces.models import Workload
from spaces.reports import recorded_first, workload_at
from valueboard.lib.answers import answer_to
from valueboard.lib.as_of import AsOf, end_of, read_as_of
from valueboard.lib.clock import DatabaseNow
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in
from valueboard.workloads import (
    Held,
    claims_of_page,
    days_of_page,
    read_held,
    report_of,
    timeline_of,
)

EVENTS_A_PAGE = 40
# The parts of the page, each with its own address: the whole of it is long.
PARTS = {
    "": "Overview",
    "timeline": "Timeline",
    "days": "Days and tokens",
    "claims": "Other cases",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its address, what it is called, and whether it is shown."""

    url: str
    label: str
    current: bool


@signed_in
@require_safe
def workload(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a part of a workload's page, of today or as of a past day."""
    user = actor_of(request)
    # Who decides is named on the page; the time and they are asked for with the workload itself.
    admins = User.objects.filter(
        pk__in=RoleGrant.objects.filter(role=Role.FINANCIAL_ADMIN).values("user"), is_active=True
    )
    delegates = (
        Delegation.objects.at(DatabaseNow())
        .filter(delegate__is_active=True)
        .annotate(said=Concat("delegate__name", Value(", for "), "recorded_by__name"))
    )
    found = get_object_or_404(
        readable_workloads(user)
        .select_related("space", "owner")
        .annotate(
            now=DatabaseNow(),
            admins=ArraySubquery(admins.order_by("name").values("name")),
            delegates=ArraySubquery(delegates.order_by("said").values("said").distinct()),
            **{f"checkpoint_{name}": part for name, part in last_checkpoint_parts().items()},
        ),
        slug=slug,
    )
    known_at: datetime = vars(found)["now"]
    as_of = read_as_of(request.GET, localdate(known_at))
    if as_of.error or as_of.day:
        return _past(request, user, found, as_of)
    # Cases on the same name are a warning for today, and read together with its own.
    known = read_known(known_at, own=found.pk) if _part_of(request) == "claims" else None
    held = read_held(user, found, known_at, known=known)
    said = vars(found)
    context = {"as_of": as_of, "checkpoint": _checkpoint(found)}
    return _show(request, held, context, said["admins"], said["delegates"])


def _checkpoint(found: Workload) -> dict[str, object]:
    """Return number, time and statement of the last checkpoint, as the workload was read with."""
    said = vars(found)
    return {name: said[f"checkpoint_{name}"] for name in last_checkpoint_parts()}


def _past(request: HttpRequest, user: User, found: Workload, as_of: AsOf) -> HttpResponse:
    """Show all that was recorded by the end of a day; who may read it is as today."""
    first = recorded_first(found)
    context: dict[str, Any] = {"workload": found, "as_of": as_of, "first": first}
    if as_of.day is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "workload_as_of.html", context, status=status)
    known_at = end_of(max(as_of.day, localdate(first)))
    then = workload_at(found, known_at) if as_of.day >= localdate(first) else None
    if then is None:
        return render(request, "workload_as_of.html", context)
    held = read_held(user, then, known_at, is_past=True)
    return _show(request, held, {"as_of": as_of, "checkpoint": _checkpoint(found)})


def _show(
    request: HttpRequest,
    held: Held,
    context: dict[str, Any],
    admins: Sequence[str] = (),
    delegates: Sequence[str] = (),
) -> HttpResponse:
    part = _part_of(request)
    match part:
        case "timeline":
            pages = Paginator(timeline_of(held), EVENTS_A_PAGE)
            context["page"] = pages.get_page(request.GET.get("page"))
        case "days":
            context["days"] = days_of_page(held)
        case "claims":
            context["claims"] = claims_of_page(held)
        case _:
            stated = context["checkpoint"]["statement"]
            context["report"] = report_of(held, admins, delegates, stated)
    parts = [_part(held, key, label, part) for key, label in PARTS.items()]
    return render(
        request,
        "workload.html",
        context
        | {
            "held": held,
            "workload": held.workload,
            "reads_space": is_read(held.workload.space, spaces_read(held.user)),
            "reads_lines": reads_everything(held.user),
            "known_at": held.known_at,
            "parts": parts,
            "links": {key: each.url for key, each in zip(PARTS, parts, strict=True) if key},
            "template": f"workload/{part or 'overview'}.html",
        },
    )


def _part_of(request: HttpRequest) -> str:
    part = request.GET.get("part", "")
    return part if part in PARTS else ""


def _part(held: Held, key: str, label: str, current: str) -> Part:
    asked = [("part", key)] if key else []
    if held.is_past:
        asked.append(("as_of", localdate(held.known_at).isoformat()))
    url = held.workload.get_absolute_url()
    return Part(f"{url}?{urlencode(asked)}" if asked else url, label, key == current)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Rename a workload, move it to another Space, hand it over."""
    user = actor_of(request)
    found = get_own_workload(user, slug)
    form = ChangeWorkloadForm(
        request.POST or None, actor=user, workload=found, initial=_said_of(found)
    )
    status, conflict = HTTPStatus.OK, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            changed = change_workload(
                actor=user, workload=found, seen=digest_in(request), **form.cleaned_data
            )
        except (ValidationError, RefusedError) as wrong:
            found = Workload.objects.select_related("space", "owner").get(pk=found.pk)
            status, conflict = answer_to(form, wrong, beside="name", saved=_said_of(found))
        else:
            messages.success(request, f"{changed} was changed.")
            # Whoever hands a workload over may read it no more.
            readable = Workload.objects.visible_to(user).contains(changed)
            return redirect(changed if readable else "board")
    context = {"workload": found, "form": form, "conflict": conflict}
    return render(request, "workload_edit.html", context, status=status)


def _said_of(workload: Workload) -> dict[str, object]:
    return {
        "name": workload.name,
        "purpose": workload.purpose,
        "space": workload.space_id,
        "owner": workload.owner_id,
    }
