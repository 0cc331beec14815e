"""One workload as values: baseline, acknowledged and current, versions, decisions and spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import why_not_decide
from approvals.reports import open_request_at, open_request_of
from business_cases.access import sees_claims
from business_cases.claims import Claims, claims_of
from business_cases.comparison import (
    Comparison,
    Side,
    asked_side,
    baseline_side,
    compare,
    current_side,
    named_side,
)
from business_cases.figure_names import side_of, workload_about
from business_cases.history import Version, versions_of
from business_cases.models import BusinessRequest
from business_cases.outlook import Outlook, outlook_of
from business_cases.panel import Panel, build_panel
from business_cases.reports import why_not_send
from business_cases.wording import day_words
from positions.reader import Reader
from positions.reading import read_facts
from positions.rows import Row, rows_at
from spaces.access import may_revise
from spaces.models import Workload, WorkloadState
from valueboard.lib.bands import Bound
from valueboard.lib.figure import About
from valueboard.lib.months import month_of
from valueboard.spend_days import SpendDays, spend_days
from valueboard.spend_history import SpendHistory, spend_history


@dataclass(frozen=True, slots=True)
class Pending:
    """An estimate that waits: what it would come to, and beside the one in force if there is."""

    version: int
    panel: Panel
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class WorkloadReport:
    """All that the page shows."""

    row: Row
    comparison: Comparison
    not_acknowledged: str
    pending: Pending | None
    request: BusinessRequest | None
    outlook: Outlook | None
    claims: Claims | None
    versions: tuple[Version, ...]
    spend: SpendHistory
    days: SpendDays | None
    may_revise: bool
    may_send: bool
    may_decide: bool

    @property
    def revised(self) -> str:
        """Name the latest versions of what was revised; empty if nothing was."""
        standing = self.row.standing
        parts = []
        if standing.estimate_revised and standing.estimate:
            parts.append(f"estimate v{standing.estimate.mark.version}")
        if standing.case_revised and standing.case:
            parts.append(f"case v{standing.case.mark.version}")
        return ", ".join(parts)


def read_workload(
    user: User, workload: Workload, known_at: datetime, *, is_past: bool = False
) -> WorkloadReport:
    """Read a workload as a person sees it, in a constant number of queries.

    Of a past moment `workload` is as it then was, and nobody may do anything: the past is read.
    """
    at = f"as_of={localdate(known_at).isoformat()}" if is_past else ""
    about = workload_about(workload.slug, at)
    facts = read_facts(Reader.of(user), [known_at], only=[workload.pk], whole=True)
    positions = rows_at(facts, known_at, asked=at)
    row, month, bounds = positions.rows[0], month_of(positions.today), positions.bounds
    standing = row.standing
    asked = open_request_at(workload, known_at) if is_past else open_request_of(workload)
    schedule = standing.in_force or standing.proposed_schedule
    estimate = standing.estimate_in_force or standing.estimate
    may_revise_now = not is_past and may_revise(user, workload)
    return WorkloadReport(
        row=row,
        comparison=_comparison(row, month, bounds, about),
        not_acknowledged=_not_acknowledged(row),
        pending=_pending(row, positions.today, bounds, about),
        request=asked,
        outlook=outlook_of(
            schedule,
            estimate,
            standing.declared,
            bounds,
            month,
            about=side_of(about, estimate, standing.case),
        )
        if schedule and estimate
        else None,
        # Who else claims the same is a warning for today.
        claims=None if is_past else _claims(user, workload, row, asked, known_at),
        versions=tuple(versions_of(standing, about)),
        spend=spend_history(
            row.spend,
            positions.closed,
            standing.in_force,
            positions.today,
            positions.basis,
            about=about,
        ),
        # Days are those of the lines as they are now.
        days=None
        if is_past
        else spend_days(workload.pk, positions.closed, positions.today, positions.basis, about),
        may_revise=may_revise_now,
        may_send=may_revise_now and not why_not_send(workload),
        may_decide=not is_past and not why_not_decide(user, workload),
    )


def _comparison(row: Row, month: date, bounds: Sequence[Bound], about: About) -> Comparison:
    """Compare baseline, acknowledged and current (METHOD 6)."""
    standing, approval = row.standing, row.decisions.approval
    sides: list[Side] = [baseline_side(standing)]
    if approval:
        note = f"{approval.decided_by}, {day_words(localdate(approval.decided_at))}"
        sides.append(
            named_side(
                standing, "Acknowledged", approval.estimate_version, approval.case_version, note
            )
        )
    sides.append(current_side(standing))
    last = len(sides) - 1
    columns = [("From the baseline", 0, last)]
    if approval and sides[1].is_other_than(sides[0]):
        columns.append(("From the acknowledged", 1, last))
    between = [c for c in columns if sides[last].is_other_than(sides[c[1]])]
    return compare(sides, between, month, bounds, about)


def _claims(
    user: User, workload: Workload, row: Row, asked: BusinessRequest | None, known_at: datetime
) -> Claims | None:
    """Return what current cases claim of the same; None where this one claims nothing any more."""
    claims = row.state == WorkloadState.CLAIMED or asked is not None
    if row.ended or not claims or not sees_claims(user, workload):
        return None
    return claims_of(user, workload, row.case, known_at)


def _not_acknowledged(row: Row) -> str:
    since = row.not_acknowledged_since
    if since is None:
        return ""
    return f"Not acknowledged since v{since}" if since else "Not acknowledged"


def _pending(row: Row, today: date, bounds: Sequence[Bound], about: About) -> Pending | None:
    standing = row.standing
    if standing.pending is None:
        return None
    asked = asked_side(standing, "Waits")
    return Pending(
        standing.pending.mark.version,
        build_panel(
            asked.schedule,
            asked.estimate,
            asked.terms,
            today,
            bounds,
            about=side_of(about, asked.estimate, asked.case),
        ),
        compare(
            (current_side(standing, "In force"), asked),
            [("Change", 0, 1)],
            month_of(today),
            bounds,
            about,
        )
        if standing.in_force
        else None,
    )
