"""One workload as it was at a moment, with its figures. Nothing is asked here."""

from decimal import Decimal
from functools import cached_property

from django.urls import reverse

from approvals.models import Decision
from approvals.reports import DecisionRow, Decisions
from business_cases.case import CaseTerms
from business_cases.comparison import baseline_side, named_side
from business_cases.figure_names import workload_about
from business_cases.figures import (
    CURRENCY,
    actual_figure,
    opportunity_figure,
    projected_figure,
    prospect_figure,
)
from business_cases.projection import FundingYear, Schedule
from business_cases.standing import Score, Standing, has_ended, score_at
from business_cases.wording import estimate_note
from cur_ingest.reports import MonthSpend, RunRate
from positions.facts import Decided, Placed, Spent, WorkloadFacts
from positions.moment import Actual, Moment, actual_of, recorded_by, run_rate_of, score_actual
from positions.query import Lens
from spaces.models import WorkloadState
from valueboard.lib.bands import format_multiple
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, ValueType
from valueboard.lib.money import format_money, format_percent, to_cents


class Row:
    """A workload with its figures as they were at a moment. None: there is no such figure, never 0.

    What every page needs is worked out at once, the rest when it is asked for.
    """

    def __init__(self, facts: WorkloadFacts, placed: Placed, spent: Spent, at: Moment) -> None:
        self.facts, self.placed, self.spent, self.at = facts, placed, spent, at
        self.id, self.slug = facts.id, facts.slug
        self.name, self.space_id, self.state = placed.name, placed.space_id, placed.state
        self.owner_id, self.owner = placed.owner_id, placed.owner
        moment = at.known_at
        terms = tuple(
            e.terms for e in facts.estimates if e.confirmed_at and e.confirmed_at <= moment
        )
        self.schedule = Schedule(terms) if terms else None
        self.cases = recorded_by(facts.cases, moment)
        self.estimates = recorded_by(facts.estimates, moment)
        self.case: CaseTerms | None = facts.cases[self.cases - 1].terms if self.cases else None
        self.planned = score_at(self.schedule, self.case, at.month, at.bounds)
        self.rate: RunRate = run_rate_of(spent, at)
        self.score = (
            self.planned
            if at.lens is Lens.PLANNED
            else score_actual(self.case, self.actual, at.bounds, self.planned.year)
        )
        # Asked for again and again by totals, filters and the map: O, P, the area of the tile (P,
        # or without an estimate in force the run-rate), the band under the lens, the value type.
        self.o, self.p = self.planned.opportunity, self.planned.cost
        self.size: Decimal = self.rate.amount if self.p is None else self.p
        self.band: str = self.score.band
        self.value_type: ValueType | None = self.case.value_type if self.case else None

    # --- what it is called ------------------------------------------------------------------------

    @cached_property
    def url(self) -> str:
        """Return the page of the workload."""
        return reverse("workload", args=[self.slug])

    @property
    def versions(self) -> tuple[int, int]:
        """Return how many versions of estimate and case there were."""
        return self.estimates, self.cases

    @property
    def estimate_revised(self) -> bool:
        """Tell whether the estimate wears the Revised badge."""
        return self.estimates > 1

    @property
    def case_revised(self) -> bool:
        """Tell whether the case wears the Revised badge."""
        return self.cases > 1

    @property
    def revised(self) -> bool:
        """Tell whether the workload wears the Revised badge."""
        return self.estimate_revised or self.case_revised

    # --- declared ---------------------------------------------------------------------------------

    @property
    def c(self) -> Decimal | None:
        """Return the current annual amount that the case is about."""
        return self.case.current_amount if self.case else None

    @property
    def percent(self) -> Decimal | None:
        """Return the expected relative change, in percent."""
        return self.case.percent if self.case else None

    # --- projected --------------------------------------------------------------------------------

    @property
    def year(self) -> FundingYear | None:
        """Return the funding year of the moment, None without an estimate in force."""
        return self.planned.year

    @property
    def f(self) -> int:
        """Return the funded months of the funding year; 0 without an estimate in force."""
        return self.planned.months

    # --- actual -----------------------------------------------------------------------------------

    @property
    def has_spend(self) -> bool:
        """Tell whether any spend was attributed to it."""
        return any(self.spent.amounts.values())

    @cached_property
    def spend(self) -> tuple[MonthSpend, ...]:
        """Return the attributed spend by billing period, oldest first."""
        amounts, closed = self.spent.amounts, set(self.at.closed)
        return tuple(
            MonthSpend(month, amounts[month], month in closed) for month in sorted(amounts)
        )

    @cached_property
    def actual(self) -> Actual:
        """Return the spend of the closed months inside the funding window, and outside it."""
        return actual_of(self.schedule, self.spent, self.at.closed)

    @cached_property
    def last_closed(self) -> Decimal | None:
        """Return the spend of the last closed month, to the cent; None without one or any spend."""
        if not self.at.closed or not self.spent.amounts:
            return None
        return to_cents(self.spent.amounts.get(self.at.closed[-1], Decimal(0)))

    # --- where it stands --------------------------------------------------------------------------

    @cached_property
    def ended(self) -> bool:
        """Tell whether the funding was over and three closed months had no spend (METHOD 3)."""
        if self.year is None or not self.year.ended:
            return False
        return has_ended(self.schedule, self.spent.amounts, self.at.closed, self.at.month)

    @property
    def on_map(self) -> bool:
        """Tell whether it is on the map: claimed, neither stopped nor ended (METHOD 5)."""
        return self.state == WorkloadState.CLAIMED and not self.ended

    @cached_property
    def states(self) -> frozenset[str]:
        """Return all that holds of it, of `query.STATES`."""
        found = set()
        if self.year is not None:
            if self.year.ended:
                found.add("funding_ended")
            else:
                found.add("running" if self.year.begun else "not_started")
        if self._waits:
            found.add("pending")
        if not any(d.outcome == Decision.Outcome.APPROVED for d in self._decided):
            found.add("not_approved")
        if self.not_acknowledged_since is not None:
            found.add("not_acknowledged")
        return frozenset(found)

    @property
    def _waits(self) -> bool:
        if not self.estimates:
            return False
        latest, moment = self.facts.estimates[self.estimates - 1], self.at.known_at
        gone = (latest.confirmed_at, latest.declined_at)
        return not any(at and at <= moment for at in gone)

    @property
    def _decided(self) -> list[Decided]:
        return [each for each in self.facts.decisions if each.at <= self.at.known_at]

    @property
    def last_decision(self) -> Decided | None:
        """Return the last decision on it, None before any."""
        return self._decided[-1] if self._decided else None

    @cached_property
    def not_acknowledged_since(self) -> int | None:
        """Return N of "Not acknowledged since vN", None where it does not apply."""
        approved = [d for d in self._decided if d.outcome == Decision.Outcome.APPROVED]
        if not approved or not self.cases:
            return None
        named = approved[-1].case_version or 0
        if (not named and self.case is None) or named == self.cases:
            return None
        return named

    # --- its versions -----------------------------------------------------------------------------

    @cached_property
    def standing(self) -> Standing:
        """Return its versions as they stood (`WorkloadFacts.standing`)."""
        return self.facts.standing(self.at.known_at)

    @cached_property
    def decisions(self) -> Decisions:
        """Return the decisions on it, oldest first."""
        return Decisions(tuple(_decision_row(each) for each in self._decided))

    @cached_property
    def baseline(self) -> Score | None:
        """Return what version 1 says at the moment; None where nothing was recorded."""
        if not self.estimates and not self.cases:
            return None
        side = baseline_side(self.standing)
        return score_at(side.schedule, side.terms, self.at.month, self.at.bounds)

    @cached_property
    def acknowledged(self) -> Score | None:
        """Return what the versions that the last approval named say; None without an approval."""
        approval = self.decisions.approval
        if approval is None:
            return None
        side = named_side(
            self.standing, "Acknowledged", approval.estimate_version, approval.case_version
        )
        return score_at(side.schedule, side.terms, self.at.month, self.at.bounds)

    # --- as figures, and in words -----------------------------------------------------------------

    @property
    def about(self) -> About:
        """Return what names its figures to whoever asks how they are made."""
        return workload_about(self.slug, self.at.asked)

    @cached_property
    def projected(self) -> Figure | None:
        """Return P as a figure."""
        return projected_figure(self.planned, self.standing, self.about)

    @cached_property
    def opportunity(self) -> Figure | None:
        """Return O as a figure."""
        return opportunity_figure(self.case, self.about)

    @cached_property
    def prospect(self) -> Figure | None:
        """Return S as a figure, under the lens."""
        figure = prospect_figure(self.score, self.about)
        if figure is None or self.at.lens is Lens.PLANNED:
            return figure
        return figure.explained_as(self.about.made(What.PROSPECT_ACTUAL))

    @cached_property
    def actual_rate(self) -> Figure:
        """Return the actual run-rate as a figure, 0 without spend."""
        return actual_figure(self.rate, self.about)

    @property
    def run_rate(self) -> Figure | None:
        """Return the actual run-rate as a figure; None where no spend was attributed yet."""
        return self.actual_rate if self.spent.amounts else None

    @property
    def multiple(self) -> str:
        """Return the score as shown, rounded down; empty without one."""
        return format_multiple(self.score.ratio) if self.score.ratio is not None else ""

    @property
    def anchor(self) -> str:
        """Return the current dollar figure and the percentage: `$4,600,000 × 25%`."""
        if self.case is None:
            return ""
        amount = format_money(self.case.current_amount, CURRENCY)
        return f"{amount} × {format_percent(self.case.percent.normalize())}"

    @property
    def rate_note(self) -> str:
        """Say which months the actual run-rate is from."""
        return self.rate.words if self.spent.amounts else "no spend attributed"

    @property
    def cost_note(self) -> str:
        """Say over how many months the projected cost runs and where its funding stands."""
        year = self.year
        if year is None:
            return ""
        months = f"{year.funded} funded month{'s' if year.funded > 1 else ''}"
        if year.ended:
            return f"{months}, funding ended"
        if not year.begun:
            return f"{months}, not yet started"
        return months

    @property
    def estimate_note(self) -> str:
        """Say that an estimate waits for a decision or was declined; empty where neither is so."""
        return estimate_note(self.standing) if self.estimates else ""


def _decision_row(decided: Decided) -> DecisionRow:
    outcome = Decision.Outcome(decided.outcome)
    said = decided.acknowledgement
    return DecisionRow(
        decided.id,
        decided.kind,
        decided.outcome,
        outcome.label,
        said,
        Decision.Acknowledgement(said).label if said else "",
        decided.rationale,
        decided.at,
        decided.by,
        decided.estimate_version,
        decided.case_version,
        decided.request_id,
    )
