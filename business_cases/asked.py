"""What Business Requests ask for, in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.timezone import localdate

from business_cases.access import OPEN
from business_cases.models import BusinessRequest, Comment
from business_cases.panel import Panel, build_panel
from business_cases.reports import bounds_on, standings
from business_cases.standing import Standing
from business_cases.wording import estimate_note


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what it asks for in figures; None while nothing is recorded."""

    request: BusinessRequest
    is_open: bool
    panel: Panel | None
    comments: int = 0
    estimate_note: str = ""


def day_asked(request: BusinessRequest, today: date) -> date:
    """Return the day for which a request is scored: the one it was closed on, else today."""
    return today if request.state in OPEN else localdate(request.changed_at)


def standing_asked(request: BusinessRequest, standing: Standing) -> Standing:
    """Return what a request asks for, of all that was recorded of its workload.

    That of a closed request is what was recorded by then: what was revised since is not its own.
    """
    if request.state in OPEN:
        return standing
    return standing.by(request.changed_at).before_declining(request.pk)


def asked_by(requests: Sequence[BusinessRequest], known_at: datetime) -> list[Asked]:
    """Return what each of `requests` asks for, in a constant number of queries.

    Bands are of today's bounds, and so of no use for a closed request.
    """
    today = localdate(known_at)
    bounds = bounds_on(today, known_at)
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
                day_asked(request, today),
                bounds,
            )
        rows.append(Asked(request, request.state in OPEN, panel, comments.get(request.pk, 0), note))
    return rows
