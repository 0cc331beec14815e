"""A gap as a page shows it: when it was found, what was done, and the dollars at stake."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate

from allocation_gaps.answers import ANSWERS, answer_url
from allocation_gaps.models import GapAction, GapKind, GapOpening, GapStake
from allocation_gaps.states import Acts, GapState
from business_cases.figure_names import month_of as month_part
from business_cases.figure_names import workload_about
from business_cases.figures import CURRENCY
from cur_ingest.bases import named
from cur_ingest.unclaimed import unclaimed_since
from spaces.models import Workload
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind, Made, at_moment
from valueboard.lib.formats import short_month
from valueboard.lib.months import add_months, month_of

# Ages in days, each bucket up to and with its number; the last has no end.
AGES = ((7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"), (None, "over 90 days"))


@dataclass(frozen=True)
class Gap:
    """A gap as known at a moment.

    `workload` is as it was then, None for unclaimed spend. `stake` holds the figures of the latest
    look; None on a past date and for a gap that is gone, where those of its opening are shown.
    `previous` is the id of the gap before it of the same subject, 0 for none; `looked_at` when the
    latest look was.
    """

    opening: GapOpening
    acts: Acts
    known_at: datetime
    workload: Workload | None
    stake: GapStake | None = None
    previous: int = 0
    looked_at: datetime | None = None

    @property
    def id(self) -> int:
        """Return the id of the opening."""
        return self.opening.pk

    @cached_property
    def kind(self) -> GapKind:
        """Return the kind."""
        return GapKind(self.opening.kind)

    @property
    def name(self) -> str:
        """Return what it is of: the workload, or the group of unclaimed spend."""
        return self.workload.name if self.workload else self.opening.label

    @property
    def detail(self) -> str:
        """Say what is missing, as the latest look found it."""
        return self.stake.detail if self.stake else self.opening.detail

    @cached_property
    def state(self) -> GapState:
        """Return the state."""
        return self.acts.state

    @property
    def since(self) -> date:
        """Return the day on which the condition began."""
        return self.opening.since

    @property
    def found(self) -> datetime:
        """Return when the system found it."""
        return self.opening.recorded_at

    @property
    def resolved(self) -> datetime | None:
        """Return when the system found it gone."""
        return self.acts.resolved.recorded_at if self.acts.resolved else None

    @property
    def age(self) -> int:
        """Return for how many days it is there, or was."""
        last = localdate(self.resolved or self.known_at)
        return max((last - self.since).days, 0)

    @property
    def age_words(self) -> str:
        """Return in which bucket of ages it is."""
        return next(words for most, words in AGES if most is None or self.age <= most)

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Return what is at stake, what says most first: the excess, the projected, the actual."""
        at = self.stake or self.opening
        return tuple(each for each in (at.excess, at.projected, at.actual) if each is not None)

    @cached_property
    def projected(self) -> Figure | None:
        """Return the projected annual cost of its workload."""
        amount = (self.stake or self.opening).projected
        if amount is None:
            return None
        formula = "Projected cost of the funding year"
        return Figure(
            amount, CURRENCY, Kind.PROJECTED, None, f"{formula}, {self._when}"
        ).explained_as(self._made(What.PROJECTED))

    @cached_property
    def actual(self) -> Figure:
        """Return what was spent: at the run-rate of a year, or so far."""
        at = self.stake or self.opening
        formula = f"{named(at.basis)} usage charges, {self.rate_note}, {self._when}"
        figure = Figure(at.actual, CURRENCY, Kind.ACTUAL, None, formula)
        return figure.explained_as(self._made(What.RUN_RATE if self.workload else What.UNCLAIMED))

    @cached_property
    def excess(self) -> Figure | None:
        """Return by how much the month of Over plan exceeded its estimate."""
        amount = (self.stake or self.opening).excess
        if amount is None:
            return None
        formula = f"Actual of the month − its estimate, {self._when}"
        figure = Figure(amount, CURRENCY, Kind.DERIVED, None, formula)
        return figure.explained_as(self._made(What.MONTH_OVER))

    @property
    def is_scaled(self) -> bool:
        """Tell whether the actual amount is a run-rate: a year from closed months."""
        return self.workload is not None and (self.stake or self.opening).months > 0

    @property
    def figures_known_at(self) -> datetime:
        """Return the moment of which the amounts are: the latest look, else when it was found."""
        if self.stake is None or self.looked_at is None:
            return self.found
        # A look that finds a gap began before it recorded it.
        return max(self.looked_at, self.found)

    def _made(self, what: What) -> Made | None:
        """Return what names a figure of it for its explanation."""
        at = at_moment(self.figures_known_at)
        if self.workload is None:
            return Made(what, f"gap:{self.id}", at)
        about = workload_about(self.workload.slug, at)
        period = (self.stake or self.opening).period
        return (month_part(about, period) if what is What.MONTH_OVER and period else about).made(
            what
        )

    @property
    def rate_note(self) -> str:
        """Say which months the actual amount is from."""
        at = self.stake or self.opening
        if self.workload is None:
            return f"so far, since {short_month(self.unclaimed_since)}"
        if not at.months:
            return "month to date, not scaled to a year"
        return f"a year, from {at.months} closed month{'' if at.months == 1 else 's'}"

    @property
    def unclaimed_since(self) -> date:
        """Return the first month that an amount of unclaimed spend adds up."""
        return unclaimed_since(self.known_at if self.stake else self.found)

    @property
    def _when(self) -> str:
        return "as the latest look found it" if self.stake else "as it was found"

    @property
    def note(self) -> str:
        """Say that an estimate waits or was declined; empty where neither is so."""
        return self.stake.note if self.stake else ""

    @property
    def waits(self) -> bool:
        """Tell whether an answer is there and waits for a Financial Admin."""
        return bool(self.stake and self.stake.waits)

    @property
    def asked(self) -> GapAction | None:
        """Return the latest request that stands."""
        return self.acts.asked

    @property
    def due(self) -> date | None:
        """Return the nearest day by which somebody is to answer; None where none was given."""
        days = [act.due for act in (self.asked, self.acts.assigned) if act and act.due]
        return min(days, default=None)

    @property
    def assignee(self) -> str:
        """Return who sees to it; empty for nobody."""
        given = self.acts.assigned
        return given.assignee.name if given and given.assignee else ""

    @property
    def wanted(self) -> str:
        """Return what it asks for: `the business case`."""
        return ANSWERS[self.kind].wanted if self.kind in ANSWERS else "a rule"

    @property
    def answer_url(self) -> str:
        """Return the form that answers it."""
        if self.workload is None:
            return f"{reverse('rule-new')}?{self.opening.rule_query}"
        return answer_url(self.kind, self.workload)

    @property
    def subject_url(self) -> str:
        """Return where its subject is shown: the workload, or the lines of unclaimed spend."""
        if self.workload:
            return self.workload.get_absolute_url()
        since = add_months(month_of(localdate(self.known_at)), -3)
        query = urlencode({"since": f"{since:%Y-%m}", "group": self.opening.group})
        return f"{reverse('spend-lines')}?{query}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is not resolved."""
        return self.state is not GapState.RESOLVED
