"""What an approver should know beside the request itself.

What changed since the last decision, what the same owner declared before and what became of it,
what the workload has spent so far, and which other cases claim the same.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import readable_workloads, stands_in
from approvals.models import Decision
from approvals.reports import DecisionRow, Decisions, decisions_of
from business_cases.access import OPEN, sees_claims
from business_cases.claims import Claims, claims_of
from business_cases.comparison import (
    Comparison,
    Side,
    asked_side,
    baseline_side,
    compare,
    current_side,
    named_side,
    part_of_words,
)
from business_cases.figure_names import month_of as month_named
from business_cases.figure_names import others_about, side_of, workload_about
from business_cases.figures import CURRENCY, actual_figure, opportunity_figure, prospect_figure
from business_cases.models import BusinessRequest
from business_cases.moment import Moment, moment_of
from business_cases.plan_and_spend import PlanAndSpend, plan_and_spend, summed
from business_cases.position import Position
from business_cases.projection import Schedule
from business_cases.reading import read_facts
from business_cases.standing import score_at
from business_cases.wording import day_words
from cur_ingest.bases import named
from spaces.models import Placement, Workload, WorkloadState
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, Kind, Made, Note, total
from valueboard.lib.money import format_money, to_cents

APPROVING = {
    Decision.Outcome.APPROVED.value: "approved it",
    Decision.Outcome.CONFIRMED.value: "confirmed its estimate",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise now than when somebody decided; `comparison` has only what changed."""

    since: str
    comparison: Comparison

    @property
    def says(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.comparison.parts)


@dataclass(frozen=True, slots=True)
class SpendSoFar:
    """What the workload has spent, beside what was planned; None where there is no such figure."""

    against: PlanAndSpend | None
    is_in_force: bool
    run_rate: Figure | None
    rate_note: str
    to_date: Figure | None


@dataclass(frozen=True, slots=True)
class Scored:
    """An Investment Prospect with its band."""

    prospect: Figure | None
    band: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """Another workload of the same owner: what was declared, how it was decided, what it cost."""

    workload: Workload
    state: str
    opportunity: Figure | None
    baseline: Scored
    current: Scored
    is_revised: bool
    against: PlanAndSpend | None
    decided: str


@dataclass(frozen=True, slots=True)
class Together:
    """Plan and spend of all declarations with closed months; `over` and `under` None for none.

    Never their net: what one estimate was short of is not made good by another that was too high.
    """

    planned: Figure
    spent: Figure
    over: PlanAndSpend | None
    overs: int
    under: PlanAndSpend | None
    unders: int

    @property
    def said(self) -> tuple[Note, ...]:
        """Say how much was over and how much under plan, each with the number of workloads."""
        return tuple(
            Note(
                f"{format_money(abs(part.difference.amount), CURRENCY, 2)} {which} the estimates, "
                f"in {count} of them",
                part.difference.made,
            )
            for part, which, count in (
                (self.over, "over", self.overs),
                (self.under, "under", self.unders),
            )
            if part
        )


@dataclass(frozen=True, slots=True)
class Background:
    """All of it. `together` adds plan and spend of the declarations that have closed months.

    `says_it_all`: what is in force is what was approved last, so that the changes say too how the
    estimate asked for compares with it. `basis` is the cost basis of all spend in it.
    """

    changes: tuple[Change, ...]
    spend: SpendSoFar | None
    declarations: tuple[Declaration, ...]
    together: Together | None
    claims: Claims | None
    says_it_all: bool
    basis: str


def read_background(
    user: User, workload: Workload, asked: BusinessRequest | None, known_at: datetime
) -> Background:
    """Read it as a person sees it who reads the workload, in a constant number of queries."""
    others = (
        readable_workloads(user)
        .filter(owner=workload.owner_id)
        .exclude(pk=workload.pk)
        .select_related("space", "owner")
        .order_by("name", "pk")
    )
    by_id = {each.pk: each for each in others}
    facts = read_facts(None, [known_at], only=[workload.pk, *by_id], whole=True)
    at = moment_of(facts, known_at)
    positions = {each.id: each for each in Position.all_of(facts, at)}
    this = positions[workload.pk]
    declared = tuple(
        _declaration(each, positions[pk])
        for pk, each in by_id.items()
        if pk in positions and positions[pk].versions != (0, 0)
    )
    counts = workload.state == WorkloadState.CLAIMED or (asked and asked.state in OPEN)
    concerned = counts and (sees_claims(user, workload) or stands_in(user))
    return Background(
        tuple(_changes(workload, this)),
        _spend(workload, this),
        declared,
        _together(declared, others_about(workload.slug)),
        claims_of(user, workload, this.case, known_at) if concerned else None,
        _is_as_approved(this),
        at.basis,
    )


# --- what changed ---------------------------------------------------------------------------------


def _changes(workload: Workload, this: Position) -> Iterator[Change]:
    """Yield what changed since the last approving decision, and since a return after it."""
    decided = decisions_of(this)
    # A first approval of two decides nothing yet.
    made = [row for row in decided.rows if row.outcome != Decision.Outcome.FIRST_APPROVAL]
    returned = made[-1] if made and made[-1].outcome == Decision.Outcome.RETURNED else None
    placements = list(
        Placement.objects.filter(workload=workload, recorded_at__lte=this.at.known_at)
        .select_related("space", "owner")
        .order_by("version")
    )
    for decision in (_approving(decided), returned):
        if decision:
            then = [p for p in placements if p.recorded_at <= decision.decided_at]
            yield _since(decision, this, then[-1] if then else None, workload)


def _since(
    decision: DecisionRow, this: Position, placed: Placement | None, workload: Workload
) -> Change:
    day = day_words(localdate(decision.decided_at))
    before = named_side(
        this.standing,
        f"{decision.outcome_label} {day}",
        decision.estimate_version,
        decision.case_version,
    )
    sides: tuple[Side, Side] = (before, asked_side(this.standing, "Now"))
    between = [("Change", 0, 1)]
    about = workload_about(workload.slug)
    found = compare(sides, between, this.at.month, this.at.bounds, about)
    if placed:
        where = part_of_words("Workload", sides, [_placed(placed), _placed(workload)], between)
        found = replace(found, parts=(where, *found.parts))
    did = APPROVING.get(decision.outcome, "returned it for changes")
    return Change(f"{decision.decided_by} {did} on {day}", found.only_what_changed)


def _placed(placed: Placement | Workload) -> dict[str, str]:
    return {
        "Name": placed.name,
        "Purpose": placed.purpose,
        "Space": placed.space.name,
        "Product owner": placed.owner.name,
    }


def _approving(decided: Decisions) -> DecisionRow | None:
    return next((row for row in reversed(decided.rows) if row.outcome in APPROVING), None)


def _is_as_approved(this: Position) -> bool:
    made = _approving(decisions_of(this))
    estimate, case = this.standing.estimate_in_force, this.standing.case
    return (
        made is not None
        and estimate is not None
        and made.estimate_version == estimate.mark.version
        and made.case_version == (case.mark.version if case else None)
    )


# --- what was spent -------------------------------------------------------------------------------


def _spend(workload: Workload, this: Position) -> SpendSoFar | None:
    if not this.has_spend:
        return None
    to_date, whole = this.spent.amounts.get(this.at.month), workload_about(workload.slug)
    proposed = asked_side(this.standing, "")
    about = whole if this.schedule else side_of(whole, proposed.estimate, proposed.case)
    return SpendSoFar(
        _against(this, this.schedule or this.standing.proposed_schedule, about),
        this.schedule is not None,
        actual_figure(this.rate, whole),
        this.rate.words,
        Figure(
            to_cents(to_date),
            CURRENCY,
            Kind.ACTUAL,
            formula=f"{named(this.at.basis)} usage charges of the month to date, not scaled",
            made=month_named(whole, this.at.month).made(What.MONTH_ACTUAL),
        )
        if to_date is not None and this.rate.months
        else None,
    )


def _against(this: Position, schedule: Schedule | None, about: About) -> PlanAndSpend | None:
    return plan_and_spend(schedule, this.spend, this.at.closed, this.at.basis, about)


# --- what the owner declared before ---------------------------------------------------------------


def _declaration(workload: Workload, position: Position) -> Declaration:
    standing, about = position.standing, workload_about(workload.slug)
    return Declaration(
        workload,
        "Ended" if position.ended else workload.get_state_display(),
        opportunity_figure(position.case, about),
        _scored(baseline_side(standing), position.at, about),
        _scored(current_side(standing), position.at, about),
        position.case_revised or position.estimate_revised,
        _against(position, position.schedule, about),
        _decided(decisions_of(position)),
    )


def _scored(side: Side, at: Moment, about: About) -> Scored:
    score = score_at(side.schedule, side.terms, at.month, at.bounds)
    return Scored(prospect_figure(score, side_of(about, side.estimate, side.case)), score.band)


def _decided(decided: Decisions) -> str:
    """Say how often it was approved and returned, and whether it was rejected."""
    counts = Counter(row.outcome for row in decided.rows)
    outcomes = ("approved", "returned", "rejected")
    said = [o if counts[o] == 1 else f"{counts[o]} × {o}" for o in outcomes if counts[o]]
    return ", ".join(said) or "none"


def _together(declared: Sequence[Declaration], about: About) -> Together | None:
    """Add plan and spend up, each workload over its own closed months; over and under apart."""
    found = [each.against for each in declared if each.against]
    if not found:
        return None
    over = [each for each in found if each.difference.amount > 0]
    under = [each for each in found if each.difference.amount < 0]
    whole = _added(found)
    return Together(
        whole.planned.explained_as(about.made(What.TOTAL_PLANNED)),
        whole.spent.explained_as(about.made(What.TOTAL_SPENT)),
        _named(_added(over), about.made(What.TOTAL_OVER)) if over else None,
        len(over),
        _named(_added(under), about.made(What.TOTAL_UNDER)) if under else None,
        len(under),
    )


def _named(found: PlanAndSpend, made: Made | None) -> PlanAndSpend:
    return replace(found, difference=found.difference.explained_as(made))


def _added(found: Sequence[PlanAndSpend]) -> PlanAndSpend:
    first, *rest = found
    return summed(
        tuple(sorted({month for each in found for month in each.months})),
        total((each.planned for each in rest), first.planned),
        total((each.spent for each in rest), first.spent),
    )
