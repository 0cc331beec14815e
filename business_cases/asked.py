"""What Business Requests ask for, in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.timezone import localdate

from business_cases.access import OPEN
from business_cases.figure_names import asked_about
from business_cases.models import BusinessRequest, Comment
from business_cases.panel import Panel, build_panel
from business_cases.reports import bounds_at, standings
from business_cases.standing import Standing
from business_cases.wording import estimate_note
from valueboard.lib.figure import UNNAMED, About, at_moment


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what it asks for in figures; None while nothing is recorded."""

    request: BusinessRequest
    is_open: bool
    panel: Panel | None
    comments: int = 0
    estimate_note: str = ""


def moment_asked(request: BusinessRequest, known_at: datetime) -> datetime:
    """Return when a request is scored: at the moment it was closed, else now."""
    return known_at if request.state in OPEN else request.changed_at


def standing_asked(request: BusinessRequest, standing: Standing) -> Standing:
    """Return what a request asks for, of all that was recorded of its workload.

    That of a closed request is what was recorded by then: what was revised since is not its own.
    """
    if request.state in OPEN:
        return standing
    return standing.by(request.changed_at).before_declining(request.pk)


def about_asked(request: BusinessRequest, standing: Standing) -> About:
    """Return what names the figures of what a request asks for; `standing` is what was asked."""
    if request.workload is None:
        return UNNAMED
    at = "" if request.state in OPEN else at_moment(request.changed_at)
    return asked_about(request.workload.slug, standing, at)


def asked_by(requests: Sequence[BusinessRequest], known_at: datetime) -> list[Asked]:
    """Return what each of `requests` asks for, in a constant number of queries."""
    moments = {request.pk: moment_asked(request, known_at) for request in requests}
    bounds = bounds_at(moments.values())
    found = standings({r.workload_id for r in requests if r.workload_id}, known_at)
    comments = dict(
        Comment.objects.filter(request__in=requests)
        .values_list("request")
        .annotate(Count("pk"))
        .values_list("request", "pk__count")
    )
    rows = []
    for request in requests:
        panel, note = None, ""
        if request.workload_id:
            standing = standing_asked(request, found[request.workload_id])
            note = estimate_note(standing) if request.state in OPEN else ""
            panel = build_panel(
                standing.proposed_schedule,
                standing.asked,
                standing.declared,
                localdate(moments[request.pk]),
                bounds[moments[request.pk]],
                about=about_asked(request, standing),
            )
        rows.append(Asked(request, request.state in OPEN, panel, comments.get(request.pk, 0), note))
    return rows
