"""One workload as values: baseline, acknowledged and current, versions, decisions and spend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User
from allocation_gaps.access import may_act
from approvals.access import why_not_decide
from approvals.reports import open_request_of
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
from business_cases.names import Known
from business_cases.outlook import Outlook, outlook_of
from business_cases.panel import Panel, build_panel
from business_cases.reading import read_facts
from business_cases.wording import day_words
from cur_ingest.models import MonthClosing
from positions.query import STATES
from positions.reader import Reader
from positions.rows import Row, Rows, rows_at
from records.verdict import Verdict
from spaces.access import may_revise, spaces_read
from spaces.models import Workload, WorkloadState
from valueboard.lib.bands import Bound
from valueboard.lib.figure import About
from valueboard.lib.months import month_of
from valueboard.spend_days import SpendDays, spend_days
from valueboard.spend_history import SpendHistory, marks_of, spend_history
from valueboard.timeline import (
    Event,
    LastReview,
    OpenGap,
    Told,
    events_of,
    gaps_in,
    last_review_in,
    may_send_by,
    open_request_in,
    read_records,
    read_verified,
)

LATEST = 6  # of what happened, on the first part of the page
# States with a mark of their own words.
ITS_OWN_MARK = {"running", "not_acknowledged", "pending"}


@dataclass(frozen=True, slots=True)
class Pending:
    """An estimate that waits: what it would come to, and beside the one in force if there is."""

    version: int
    panel: Panel
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Held:
    """A workload as somebody reads it at a moment: its row, and what names its figures.

    Of a past moment `workload` is as it then was, and nobody may do anything: the past is read.
    Where names are `known`, the rows are of those on the same name too.
    """

    user: User
    workload: Workload
    known_at: datetime
    is_past: bool
    rows: Rows
    about: About
    known: Known | None = None

    @property
    def row(self) -> Row:
        """Return the row that the board shows too."""
        return self.rows.by_id[self.workload.pk]

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

    @property
    def not_acknowledged(self) -> str:
        """Say since when the current case is not the acknowledged one."""
        since = self.row.not_acknowledged_since
        if since is None:
            return ""
        return f"Not acknowledged since v{since}" if since else "Not acknowledged"

    @property
    def states(self) -> tuple[str, ...]:
        """Return what holds of it beside its band, in words."""
        shown = (each for each in STATES if each in self.row.states and each not in ITS_OWN_MARK)
        return tuple(STATES[each] for each in shown)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a part in a workload, and which."""

    part: str
    name: str


@dataclass(frozen=True, slots=True)
class WorkloadReport:
    """All that the first part of the page shows."""

    held: Held
    comparison: Comparison
    pending: Pending | None
    request: int | None
    waits: bool
    outlook: Outlook | None
    spend: SpendHistory
    events: tuple[Event, ...]
    verdict: Verdict
    count: int
    gaps: tuple[OpenGap, ...]
    reviewed: LastReview | None
    people: tuple[Person, ...]
    may_revise: bool
    may_send: bool
    may_decide: bool
    may_act_on_gaps: bool

    @property
    def row(self) -> Row:
        """Return the row that the board shows too."""
        return self.held.row

    @property
    def not_acknowledged(self) -> str:
        """Say since when the current case is not the acknowledged one."""
        return self.held.not_acknowledged


def read_held(
    user: User,
    workload: Workload,
    known_at: datetime,
    *,
    is_past: bool = False,
    known: Known | None = None,
) -> Held:
    """Read what every part of the page needs, in four queries; `known` are names by then."""
    at = f"as_of={localdate(known_at).isoformat()}" if is_past else ""
    only = known.beside(workload.pk) if known else [workload.pk]
    facts = read_facts(Reader.of(user), [known_at], only=only, whole=True)
    rows = rows_at(facts, known_at, asked=at)
    return Held(user, workload, known_at, is_past, rows, workload_about(workload.slug, at), known)


def report_of(
    held: Held,
    admins: Sequence[str] = (),
    delegates: Sequence[str] = (),
    checkpoint: str | None = None,
) -> WorkloadReport:
    """Read the first part of the page: one query, and for who might decide what that takes.

    `admins` are the Financial Admins by name, `delegates` say who decides for which of them,
    `checkpoint` is what the last one states.
    """
    user, workload, about, row = held.user, held.workload, held.about, held.row
    standing, rows = row.standing, held.rows
    month, bounds = month_of(rows.today), rows.bounds
    records, verdict = read_verified(workload.pk, held.known_at, checkpoint)
    told = told_of(held)
    # Months that were closed are for everybody; the timeline has them too.
    events = [e for e in events_of(records, told) if e.record.model is not MonthClosing]
    asked, waits = open_request_in(records)
    schedule = standing.in_force or standing.proposed_schedule
    estimate = standing.estimate_in_force or standing.estimate
    may_revise_now = not held.is_past and may_revise(user, workload)
    return WorkloadReport(
        held=held,
        comparison=_comparison(row, month, bounds, about),
        pending=_pending(row, rows.today, bounds, about),
        request=asked,
        waits=waits,
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
        spend=spend_history(
            row.spend,
            rows.closed,
            standing.in_force,
            rows.today,
            rows.basis,
            about=about,
            marks=marks_of(standing, row.decisions),
        ),
        verdict=verdict,
        events=tuple(events[:LATEST]),
        count=len(events),
        gaps=gaps_in(records),
        reviewed=last_review_in(records),
        people=tuple(_people(row, admins, delegates)),
        may_revise=may_revise_now,
        may_send=may_revise_now and may_send_by(records, standing, workload),
        may_decide=bool(standing.pending and not held.is_past)
        and not why_not_decide(user, workload),
        may_act_on_gaps=may_act(user) and not held.is_past,
    )


def told_of(held: Held) -> Told:
    """Return what the events of a workload are told with."""
    row = held.row
    read = spaces_read(held.user)
    return Told(row.standing, held.rows.bounds, held.rows.basis, held.about, held.known_at, read)


def timeline_of(held: Held) -> list[Event]:
    """Read everything that happened, the latest first (one query)."""
    return events_of(read_records(held.workload.pk, held.known_at), told_of(held))


def days_of_page(held: Held) -> SpendDays | None:
    """Read the days of the last months as their lines are now; None for a past day."""
    if held.is_past:
        return None
    rows = held.rows
    return spend_days(held.workload.pk, rows.closed, rows.today, rows.basis, held.about)


def claims_of_page(held: Held) -> Claims | None:
    """Return who else claims the same, a warning for today; None where nothing is claimed."""
    row, workload = held.row, held.workload
    if held.known is None or row.ended or not sees_claims(held.user, workload):
        return None
    if row.state != WorkloadState.CLAIMED and open_request_of(workload) is None:
        return None
    return claims_of(held.user, workload, row.case, held.known, held.rows.facts)


def _people(row: Row, admins: Sequence[str], delegates: Sequence[str]) -> Iterator[Person]:
    yield Person("Product owner", row.owner)
    standing = row.standing
    if standing.estimate:
        yield Person("Wrote the estimate", standing.estimate.mark.recorded_by)
    if standing.case:
        yield Person("Wrote the case", standing.case.mark.recorded_by)
    if last := row.last_decision:
        yield Person("Decided last", last.by)
    for name in admins:
        yield Person("Financial Admin", name)
    for names in delegates:
        yield Person("Delegate", names)


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
