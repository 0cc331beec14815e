"""Reading decisions as they were known at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.timezone import localdate, localtime

from accounts.models import User
from approvals.models import Decision, DecisionItem, Delegation
from business_cases.facts import NOBODY, Decided
from business_cases.figure_names import side_of, workload_about
from business_cases.figures import CURRENCY
from business_cases.models import BusinessRequest, RequestState
from business_cases.position import Position
from business_cases.reading import read_versions
from business_cases.standing import Standing
from records.thresholds import thresholds
from spaces.models import Workload
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import format_money

LATELY = 10
SECOND_ABOVE = "approval.second_above"
FINAL = {RequestState.APPROVED, RequestState.REJECTED, RequestState.RETURNED}


@dataclass(frozen=True, slots=True)
class Seen:
    """The hashes of the snapshots that a page showed; empty for "there was none"."""

    estimate: str
    case: str

    @classmethod
    def of(cls, standing: Standing) -> "Seen":
        """Return what a page shows of `standing`: its latest estimate and its latest case."""
        estimate, case = standing.asked, standing.case
        return cls(estimate.mark.hash if estimate else "", case.mark.hash if case else "")

    def within(self, standing: Standing) -> Standing:
        """Return `standing` as it was when its latest snapshots were those seen."""
        estimates = [e.mark.hash for e in standing.estimates]
        cases = [c.mark.hash for c in standing.cases]
        return Standing(
            standing.estimates[: estimates.index(self.estimate) + 1]
            if self.estimate in estimates
            else (),
            standing.cases[: cases.index(self.case) + 1] if self.case in cases else (),
        )


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, with the versions it named."""

    id: int
    kind: str
    outcome: str
    outcome_label: str
    acknowledgement: str
    acknowledgement_label: str
    rationale: str
    decided_at: datetime
    decided_by: str
    estimate_version: int | None
    case_version: int | None
    request_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions on one workload, oldest first."""

    rows: tuple[DecisionRow, ...] = ()

    @property
    def approval(self) -> DecisionRow | None:
        """Return the last approval of its funding."""
        return next((d for d in reversed(self.rows) if d.outcome == "approved"), None)

    @property
    def rejection(self) -> DecisionRow | None:
        """Return the rejection of its request where nothing was approved or confirmed since."""
        final = [d for d in self.rows if d.outcome in {"approved", "confirmed", "rejected"}]
        return final[-1] if final and final[-1].outcome == "rejected" else None

    @property
    def latest_first(self) -> tuple[DecisionRow, ...]:
        """Return the decisions as a page lists them."""
        return self.rows[::-1]

    def not_acknowledged_since(self, standing: Standing) -> int | None:
        """Return the version N of "Not acknowledged since vN", None where it does not apply.

        N is the case version that the last approval acknowledged, 0 if it acknowledged none.
        """
        if self.approval is None or standing.case is None:
            return None
        acknowledged = self.approval.case_version or 0
        if not acknowledged and standing.declared is None:
            return None  # approved without a case, and there is none
        if standing.case.mark.version == acknowledged:
            return None
        return acknowledged


def decisions_of(position: Position) -> Decisions:
    """Return the decisions on a workload by the moment of a position."""
    found = (each for each in position.facts.decisions if each.at <= position.at.known_at)
    return Decisions(tuple(_row_of(each) for each in found))


def _row_of(decided: Decided) -> DecisionRow:
    said = decided.acknowledgement
    return DecisionRow(
        decided.id,
        decided.kind,
        decided.outcome,
        Decision.Outcome(decided.outcome).label,
        said,
        Decision.Acknowledgement(said).label if said else "",
        decided.rationale,
        decided.at,
        decided.by,
        decided.estimate_version,
        decided.case_version,
        decided.request_id,
    )


def decisions(workload_ids: Iterable[int], known_at: datetime) -> dict[int, Decisions]:
    """Return the decisions on each workload by `known_at`, in one query."""
    found = read_versions(workload_ids, known_at)
    return {
        pk: Decisions(tuple(_row_of(each) for each in facts.decisions))
        for pk, facts in found.items()
    }


def decided_lately(user: User, known_at: datetime) -> list[tuple[Workload, DecisionRow]]:
    """Return the last decisions on workloads that the person reads, the latest first."""
    latest = list(
        Decision.objects.filter(
            workload__in=Workload.objects.visible_to(user), recorded_at__lte=known_at
        )
        .select_related("workload__space")
        .order_by("-recorded_at", "-pk")[:LATELY]
    )
    found = decisions({each.workload_id for each in latest}, known_at)
    rows = {row.id: row for of_one in found.values() for row in of_one.rows}
    return [(each.workload, rows[each.pk]) for each in latest]


def what_happened(request: BusinessRequest) -> str:
    """Say why there is nothing to decide on a request: who decided and when; empty if there is."""
    if request.state == RequestState.SUBMITTED:
        return ""
    decision = (
        Decision.objects.filter(request=request)
        .select_related("recorded_by", "on_behalf_of")
        .last()
        if request.state in FINAL
        else None
    )
    if decision:
        return f"{_who_and_when(decision)}: {decision.get_outcome_display().lower()}."
    return f"This request is {request.get_state_display().lower()}; there is nothing to decide."


def second_above(day: date, known_at: datetime) -> Decimal | None:
    """Return the whole-term sum above which two approve, None where one always does."""
    return thresholds(SECOND_ABOVE, day, known_at).get(SECOND_ABOVE) or None


def needs_two(standing: Standing, known_at: datetime) -> bool:
    """Tell whether the estimate that is asked for needs a second approver (METHOD 5 and 7)."""
    above, schedule = second_above(localdate(known_at), known_at), standing.proposed_schedule
    return above is not None and schedule is not None and schedule.term_cost() > above


def why_not_confirm(standing: Standing, known_at: datetime) -> str:
    """Return why an estimate isn't confirmed without a request; empty if it may be.

    One person confirms; what two have to approve is asked for by a request (METHOD 7).
    """
    above = second_above(localdate(known_at), known_at)
    if above is None or not needs_two(standing, known_at):
        return ""
    return (
        f"Over the whole term it costs more than {format_money(above, CURRENCY)}, which two "
        "Financial Admins approve. Its owner sends it to approval from the workload's page."
    )


@dataclass(frozen=True, slots=True)
class SecondApproval:
    """That two approve what is asked for: its whole-term cost, the threshold, and the first one."""

    cost: Figure
    above: str
    first: Decision | None

    @property
    def by(self) -> str:
        """Say who gave the first approval, and for whom."""
        return deciders(self.first) if self.first else ""


def second_approval(
    request: BusinessRequest, standing: Standing, known_at: datetime
) -> SecondApproval | None:
    """Return what a page says of a second approver; None where one approves alone."""
    above, schedule = second_above(localdate(known_at), known_at), standing.proposed_schedule
    slug = request.workload.slug if request.workload else ""
    if above is None or schedule is None or not needs_two(standing, known_at):
        return None
    about = side_of(workload_about(slug), standing.asked, standing.case)
    return SecondApproval(
        cost=Figure(schedule.term_cost(), CURRENCY, Kind.PROJECTED, made=about.made(What.TERM)),
        above=format_money(above, CURRENCY),
        first=first_approval(request, standing),
    )


def first_approval(request: BusinessRequest, standing: Standing) -> Decision | None:
    """Return the first approval that holds: of the request and the snapshots as they are now."""
    found = (
        Decision.objects.filter(
            request=request,
            outcome=Decision.Outcome.FIRST_APPROVAL,
            request_revision=request.revision,
        )
        .select_related("recorded_by", "on_behalf_of")
        .first()
    )
    if found is None or request.state != RequestState.SUBMITTED:
        return None
    items = DecisionItem.objects.filter(decision=found).values_list("record", "record_hash")
    named = {record: hash_ for record, hash_ in items if hash_}
    return found if named == hashes_of(standing) else None


def hashes_of(standing: Standing) -> dict[str, str]:
    """Return what a decision on `standing` names: the hash of each kind of record."""
    named: dict[str, str] = {}
    if standing.asked:
        named[DecisionItem.Record.ESTIMATE.value] = standing.asked.mark.hash
    if standing.case and standing.declared:
        named[DecisionItem.Record.CASE.value] = standing.case.mark.hash
    return named


def what_came_between(request: BusinessRequest, standing: Standing) -> str:
    """Say why a page that was opened before is out of date, though the request still waits."""
    if first := first_approval(request, standing):
        return (
            f"{deciders(first)} gave the first approval on {_when(first.recorded_at)}, "
            "after you opened this page. Read it, then decide."
        )
    return (
        "This request was changed and submitted again after you opened this page; its name, "
        "purpose, owner or Space may be others. Read it again, then decide."
    )


def deciders(decision: Decision) -> str:
    """Return who decided, and for whom."""
    who = decision.recorded_by.name if decision.recorded_by else NOBODY
    return f"{who}, for {decision.on_behalf_of.name}" if decision.on_behalf_of else who


def open_request_of(workload: Workload) -> BusinessRequest | None:
    """Return the request on a workload that is neither decided for good nor withdrawn."""
    return BusinessRequest.objects.open().filter(workload=workload).first()


def was_requested(workload: Workload) -> bool:
    """Tell whether a Business Request ever asked for the workload's funding."""
    return BusinessRequest.objects.filter(workload=workload).exists()


def who_confirmed(workload: Workload) -> str:
    """Say who confirmed the latest estimate of a workload, and when."""
    decision = (
        Decision.objects.filter(workload=workload, outcome__in=["approved", "confirmed"])
        .select_related("recorded_by", "on_behalf_of")
        .last()
    )
    if decision:
        return f"{_who_and_when(decision)}: {decision.get_outcome_display().lower()}."
    return "This estimate is in force already."


def _who_and_when(decision: Decision) -> str:
    return f"{deciders(decision)} decided on this on {_when(decision.recorded_at)}"


def _when(moment: datetime) -> str:
    return formats.moment(localtime(moment))


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation as its giver or its taker reads it; `state` says where it stands."""

    delegation: Delegation
    mine: bool
    taken_back: Delegation | None
    known_at: datetime

    @property
    def last(self) -> datetime:
        """Return a moment of its last day."""
        return self.delegation.ends_at - timedelta(seconds=1)

    @property
    def state(self) -> str:
        """Say where it stands."""
        if self.taken_back:
            return "taken back"
        if self.delegation.ends_at <= self.known_at:
            return "over"
        return "to come" if self.delegation.begins_at > self.known_at else "now"

    @property
    def tone(self) -> str:
        """Return the tone of its mark."""
        return "accent" if self.state == "now" else ""

    @property
    def may_take_back(self) -> bool:
        """Tell whether its giver may end it."""
        return self.mine and self.state in {"now", "to come"}


def delegations_of(user: User, known_at: datetime) -> list[DelegationRow]:
    """Return the delegations by a person and to them, the latest first, in one query."""
    found = list(
        Delegation.objects.filter(Q(recorded_by=user) | Q(delegate=user), recorded_at__lte=known_at)
        .select_related("recorded_by", "delegate")
        .order_by("-begins_at", "-pk")
    )
    back = {row.takes_back_id: row for row in found if row.takes_back_id}
    return [
        DelegationRow(row, row.recorded_by == user, back.get(row.pk), known_at)
        for row in found
        if row.takes_back_id is None
    ]
