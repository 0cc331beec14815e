"""One workload as it was at a moment, with its figures. Nothing is asked here."""

from decimal import Decimal
from functools import cache, cached_property

from django.urls import get_script_prefix, reverse

from approvals.models import Decision
from approvals.reports import Decisions, decisions_of
from business_cases.comparison import named_side
from business_cases.facts import Decided
from business_cases.figure_names import workload_about
from business_cases.figures import (
    CURRENCY,
    actual_figure,
    opportunity_figure,
    projected_figure,
    prospect_figure,
)
from business_cases.position import Position
from business_cases.projection import Schedule
from business_cases.standing import Lens, Score, score_at, score_term
from business_cases.wording import estimate_note
from spaces.models import WorkloadState
from valueboard.lib import formats
from valueboard.lib.bands import format_multiple
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, Note
from valueboard.lib.money import format_money, format_percent


@cache
def _page(_prefix: str) -> tuple[str, str, str]:
    """Return the address of a workload's page: what is before its slug, a slug, what is after."""
    return reverse("workload", args=["slug"]).rpartition("slug")


class Row(Position):
    """A workload at a moment as pages show it."""

    # --- what it is called ------------------------------------------------------------------------

    @cached_property
    def url(self) -> str:
        """Return the page of the workload."""
        before, _, after = _page(get_script_prefix())
        return f"{before}{self.slug}{after}"

    # --- where it stands --------------------------------------------------------------------------

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

    @cached_property
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
    def decisions(self) -> Decisions:
        """Return the decisions on it, oldest first."""
        return decisions_of(self)

    @cached_property
    def baseline(self) -> Score | None:
        """Return what version 1 says at the moment; None where nothing was recorded."""
        if not self.estimates and not self.cases:
            return None
        schedule = Schedule((self.facts.estimates[0].terms,)) if self.estimates else None
        case = self.facts.cases[0].terms if self.cases else None
        return score_at(schedule, case, self.at.month, self.at.bounds)

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

    @cached_property
    def term(self) -> Score | None:
        """Return the score over the whole term; None without an estimate in force."""
        if self.schedule is None:
            return None
        return score_term(self.schedule, self.case, self.at.bounds)

    @property
    def against_plan(self) -> Decimal | None:
        """Return by how many percent the last closed month differed from that month's estimate."""
        month = self.at.closed[-1] if self.at.closed else None
        planned = self.schedule.cost_over([month]) if self.schedule and month else None
        if month is None or not planned or month not in self.spent.amounts:
            return None
        return (self.spent.amounts[month] / planned - 1) * 100

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
    def anchor_note(self) -> Note:
        """Return the same, as words that lead to how the opportunity is made."""
        return Note(self.anchor, self.about.made(What.OPPORTUNITY))

    @property
    def rate_note(self) -> str:
        """Say which months the actual run-rate is from, and that spend began within them."""
        if not self.spent.amounts:
            return "no spend attributed"
        since = self.rate.periods[0] if self.rate.periods else None
        if since is None or self.spent.amounts.get(since):
            return self.rate.words
        first = min((month for month, spent in self.spent.amounts.items() if spent), default=since)
        began = f"; spend began in {formats.month(first)}" if first > since else ""
        return f"{self.rate.words}{began}"

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
        if not self.estimates:
            return ""
        latest, moment = self.facts.estimates[self.estimates - 1], self.at.known_at
        # Nearly all are in force and were never declined, and need no standing for that.
        if latest.confirmed_at and latest.confirmed_at <= moment and not latest.declined:
            return ""
        return estimate_note(self.standing)
