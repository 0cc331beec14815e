"""One workload as it was at a moment, in numbers. Nothing is asked here.

Whatever says what a workload costs, claims or spent starts here, so that no two can differ: rows of
pages (`positions`), what an approver sees, who else claims the same, and the gaps.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Self

from business_cases.case import CaseTerms
from business_cases.facts import NO_SPEND, Facts, Placed, Spent, WorkloadFacts
from business_cases.moment import (
    Actual,
    Moment,
    actual_of,
    recorded_by,
    run_rate_of,
    score_actual,
)
from business_cases.projection import FundingYear, Schedule
from business_cases.standing import Lens, Standing, has_ended, score_at
from cur_ingest.reports import MonthSpend, RunRate
from valueboard.lib.figure import ValueType
from valueboard.lib.money import to_cents


class Position:
    """A workload with its figures as they were at a moment. None: there is no such figure, never 0.

    What every page needs is worked out at once, the rest when it is asked for.
    """

    def __init__(self, facts: WorkloadFacts, placed: Placed, spent: Spent, at: Moment) -> None:
        self.facts, self.placed, self.spent, self.at = facts, placed, spent, at
        self.id, self.slug = facts.id, facts.slug
        self.name, self.space_id, self.state = placed.name, placed.space_id, placed.state
        self.owner_id, self.owner = placed.owner_id, placed.owner
        moment = at.known_at
        self.schedule: Schedule | None = facts.estimates.schedule(moment)
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

    @classmethod
    def of(cls, facts: Facts, held: WorkloadFacts, at: Moment) -> Self | None:
        """Return one workload at a moment, None before it was recorded."""
        placed = held.placed(at.known_at)
        spend = facts.spend[at.known_at, at.basis]
        return cls(held, placed, spend.get(held.id, NO_SPEND), at) if placed else None

    @classmethod
    def all_of(cls, facts: Facts, at: Moment) -> Iterator[Self]:
        """Yield every workload of `facts` that was recorded by a moment, one of `facts.moments`."""
        spend = facts.spend[at.known_at, at.basis]
        for held in facts.workloads:
            if placed := held.placed(at.known_at):
                yield cls(held, placed, spend.get(held.id, NO_SPEND), at)

    # --- its versions -----------------------------------------------------------------------------

    @cached_property
    def standing(self) -> Standing:
        """Return its versions as they stood (`WorkloadFacts.standing`)."""
        return self.facts.standing(self.at.known_at)

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
