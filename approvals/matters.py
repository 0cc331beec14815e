"""What a Financial Admin decides on: the queue, and one matter with all that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import readable_requests, readable_workloads
from approvals.reports import DecisionRow, Decisions, Seen, decisions
from business_cases.comparison import Comparison, Side, asked_side, compare, current_side
from business_cases.declared import StatedCase, StatedEstimate, stated_case, stated_estimate
from business_cases.figure_names import side_of, workload_about
from business_cases.figures import cost_figure, opportunity_figure, prospect_figure
from business_cases.history import Version, versions_of
from business_cases.models import BusinessRequest, RequestState
from business_cases.panel import Panel, build_panel
from business_cases.reports import bounds_on, standing_of, standings
from business_cases.standing import Standing, score_at, score_term
from business_cases.wording import estimate_note, months_words
from spaces.models import Workload, WorkloadState
from valueboard.lib.figure import UNNAMED, About, Figure
from valueboard.lib.months import month_of


@dataclass(frozen=True, slots=True)
class Rejected:
    """That the request of a workload was rejected while its estimate still waits.

    `url` leads to the request, empty for who does not read it.
    """

    decision: DecisionRow
    revised_since: bool
    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a Financial Admin: a request, or the estimate of a claimed workload.

    The figures are those that would hold with the estimate in force.
    """

    workload: Workload
    request: BusinessRequest | None
    since: datetime
    is_revision: bool
    cost: Figure | None
    term_cost: Figure | None
    months: int
    opportunity: Figure | None
    prospect: Figure | None
    band: str
    waited: str
    estimate_note: str
    rejected: Rejected | None = None

    @property
    def url(self) -> str:
        """Return where it is decided."""
        if self.request:
            return reverse("decide", args=[self.request.pk])
        return reverse("confirm-estimate", args=[self.workload.slug])

    @property
    def what(self) -> str:
        """Say what waits."""
        if self.request:
            return f"Business Request: {self.request.get_kind_display().lower()}"
        return "revised estimate" if self.is_revision else "estimate to confirm"


def queue(user: User, known_at: datetime) -> list[Waiting]:
    """Return what waits for decisions, oldest first, in a constant number of queries."""
    requests = list(
        readable_requests(user)
        .filter(state=RequestState.SUBMITTED)
        .select_related("workload__space", "workload__owner", "created_by")
    )
    asked = {r.workload_id: r for r in requests}
    claimed = list(
        readable_workloads(user)
        .filter(state=WorkloadState.CLAIMED)
        .select_related("space", "owner")
    )
    open_requests = set(BusinessRequest.objects.open().values_list("workload_id", flat=True))
    found = standings([w.pk for w in claimed] + [pk for pk in asked if pk], known_at)
    rejected = rejections(user, found, decisions([w.pk for w in claimed], known_at))
    today = localdate(known_at)
    bounds = bounds_on(today, known_at)

    def row(workload: Workload, request: BusinessRequest | None, since: datetime) -> Waiting:
        standing = found[workload.pk]
        side = asked_side(standing, "")
        about = side_of(workload_about(workload.slug), side.estimate, side.case)
        year = score_at(side.schedule, side.terms, month_of(today), bounds)
        term = score_term(side.schedule, side.terms, bounds) if side.schedule else None
        return Waiting(
            workload,
            request,
            since,
            standing.in_force is not None,
            cost_figure(year, side.estimate, about),
            cost_figure(term, side.estimate, about) if term else None,
            term.months if term else 0,
            opportunity_figure(side.terms, about),
            prospect_figure(year, about),
            year.band,
            _waited((today - localdate(since)).days),
            estimate_note(standing),
            None if request else rejected.get(workload.pk),
        )

    waiting = [
        row(r.workload, r, r.submitted_at) for r in requests if r.workload and r.submitted_at
    ]
    for workload in claimed:
        pending = found[workload.pk].pending
        if pending and workload.pk not in open_requests:
            waiting.append(row(workload, None, pending.mark.recorded_at))
    return sorted(waiting, key=lambda w: w.since)


def rejections(
    user: User, standing: Mapping[int, Standing], decided: Mapping[int, Decisions]
) -> dict[int, Rejected]:
    """Return by workload the rejections that whoever confirms an estimate has to know of.

    A rejected request declines its estimate only where another one is in force (METHOD 7): the
    first estimate of a workload that spends waits on, to be compared with what it costs.
    """
    found = {
        pk: made.rejection
        for pk, made in decided.items()
        if made.rejection and standing[pk].pending
    }
    ids = [made.request_id for made in found.values() if made.request_id]
    reads = set(readable_requests(user).filter(pk__in=ids).values_list("pk", flat=True))
    return {
        pk: Rejected(
            made,
            _is_newer(standing[pk], made),
            reverse("request", args=[made.request_id]) if made.request_id in reads else "",
        )
        for pk, made in found.items()
    }


def _is_newer(standing: Standing, made: DecisionRow) -> bool:
    pending = standing.pending
    return pending is not None and pending.mark.version != made.estimate_version


def _waited(days: int) -> str:
    if days < 1:
        return "today"
    return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be decided on a workload, as the decider looks at it."""

    workload: Workload
    standing: Standing
    asked: Side
    estimate: StatedEstimate | None
    case: StatedCase | None
    panel: Panel
    revision: Comparison | None
    versions: tuple[Version, ...]
    decisions: Decisions

    @property
    def cost_note(self) -> str:
        """Say how many months the projected cost covers."""
        months = months_words(self.panel.score.months)
        year = self.panel.score.year
        if year is None or year.begun:
            return f"{months}, funding ended" if year and year.ended else months
        return f"{months}, not yet started"

    @property
    def opportunity_label(self) -> str:
        """Name the value type; unlike dollars have different labels."""
        kind = self.panel.value_type
        return f"Declared: {kind.label}" if kind else "Declared annual opportunity"

    @property
    def opportunity_note(self) -> str:
        """Say what the declared amount is not."""
        if self.case is None:
            return "no declared case"
        return "a year; revenue, not margin" if self.case.direction else "a year"

    @property
    def seen(self) -> Seen:
        """Return what a page of this shows."""
        return Seen.of(self.standing)


def read_matter(workload: Workload, known_at: datetime) -> Matter:
    """Read what a decision on `workload` rests on, as known at `known_at`."""
    standing = standing_of(workload.pk, known_at)
    today = localdate(known_at)
    bounds = bounds_on(today, known_at)
    side = asked_side(standing, "Asked for")
    whole = workload_about(workload.slug)
    about = side_of(whole, side.estimate, side.case)
    return Matter(
        workload=workload,
        standing=standing,
        asked=side,
        estimate=stated_estimate(side.estimate.terms, about) if side.estimate else None,
        case=stated_case(side.terms, about),
        panel=build_panel(side.schedule, side.estimate, side.terms, today, bounds, about=about),
        revision=compare(
            (current_side(standing), side),
            [("Change", 0, 1)],
            month_of(today),
            bounds,
            whole,
        )
        if standing.in_force and standing.pending
        else None,
        versions=tuple(versions_of(standing, whole)),
        decisions=decisions([workload.pk], known_at)[workload.pk],
    )


def compare_with_seen(
    seen: Seen, standing: Standing, known_at: datetime, about: About = UNNAMED
) -> Comparison:
    """Compare what a page showed with what is recorded now, with S and band of both.

    `about` names the workload.
    """
    today = localdate(known_at)
    bounds = bounds_on(today, known_at)
    return compare(
        (
            asked_side(seen.within(standing), "What you saw"),
            asked_side(standing, "What is recorded now"),
        ),
        [("Change", 0, 1)],
        month_of(today),
        bounds,
        about,
    )
