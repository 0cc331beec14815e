"""Where a workload stands: its estimates and cases, and the score they give. No Django.

The board, the workload page, the decision page and the live panel all ask here, so that no two
pages can score the same facts differently (METHOD 3, 5 and 6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from business_cases.case import CaseTerms
from business_cases.projection import KEPT, FundingYear, Schedule, Terms, prospect
from valueboard.lib.bands import Bound, band_of

UNBACKED, NOT_SCORED = "unbacked", "not_scored"
ENDED_AFTER = 3  # closed months without spend, once the funding is over


class Lens(StrEnum):
    """What the declared opportunity is set against."""

    PLANNED = "planned"
    ACTUAL = "actual"

    @property
    def label(self) -> str:
        """Return the words for people."""
        return "Planned" if self is Lens.PLANNED else "Against actual spend"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who recorded a version, when, why, and the hash the database gave it."""

    id: int
    version: int
    hash: str
    recorded_at: datetime
    recorded_by: str
    recorded_by_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class EstimateVersion:
    """An estimate snapshot; `confirmed_at` is None until it came into force.

    `declined` says that it never will: `declined` or `withdrawn`, with the request of that id.
    """

    mark: Mark
    terms: Terms
    confirmed_at: datetime | None = None
    basis: str = ""
    declined: str = ""
    declined_at: datetime | None = None
    declined_with: int | None = None

    def as_of(self, moment: datetime) -> "EstimateVersion":
        """Return the same as it stood at `moment`: what came later had not touched it yet."""
        found = self
        if self.confirmed_at and self.confirmed_at > moment:
            found = replace(found, confirmed_at=None, basis="")
        if self.declined_at and self.declined_at > moment:
            found = replace(found, declined="", declined_at=None, declined_with=None)
        return found

    @property
    def alone(self) -> Schedule:
        """Return the schedule this estimate would be if it were the only one."""
        return Schedule((self.terms,))


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """A case snapshot; `terms` is None for a retraction."""

    mark: Mark
    terms: CaseTerms | None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that was recorded of one workload's estimate and case, oldest first."""

    estimates: tuple[EstimateVersion, ...] = ()
    cases: tuple[CaseVersion, ...] = ()

    def by(self, moment: datetime) -> "Standing":
        """Return the versions that were recorded by `moment`, with all that became of them since.

        For what was so at the moment ask `as_of`.
        """
        return Standing(
            tuple(e for e in self.estimates if e.mark.recorded_at <= moment),
            tuple(c for c in self.cases if c.mark.recorded_at <= moment),
        )

    def as_of(self, moment: datetime) -> "Standing":
        """Return the standing as it was at `moment`: what came later had not been confirmed yet."""
        found = self.by(moment)
        return replace(found, estimates=tuple(e.as_of(moment) for e in found.estimates))

    def before_declining(self, request_id: int) -> "Standing":
        """Return the same as it was when the end of this request had not declined anything yet."""
        return Standing(
            tuple(
                replace(e, declined="", declined_at=None, declined_with=None)
                if e.declined_with == request_id
                else e
                for e in self.estimates
            ),
            self.cases,
        )

    @property
    def estimate(self) -> EstimateVersion | None:
        """Return the latest estimate, in force or not, declined or not."""
        return self.estimates[-1] if self.estimates else None

    @property
    def asked(self) -> EstimateVersion | None:
        """Return the estimate that a decision now is about: the pending one, else that in force."""
        return self.pending or self.estimate_in_force or self.estimate

    @property
    def declined_estimate(self) -> EstimateVersion | None:
        """Return the latest estimate where it was declined or withdrawn."""
        latest = self.estimate
        return latest if latest and latest.declined else None

    @property
    def in_force(self) -> Schedule | None:
        """Return the schedule of the confirmed estimates, None while there is none."""
        terms = tuple(e.terms for e in self.estimates if e.confirmed_at)
        return Schedule(terms) if terms else None

    @property
    def estimate_in_force(self) -> EstimateVersion | None:
        """Return the latest confirmed estimate."""
        return next((e for e in reversed(self.estimates) if e.confirmed_at), None)

    @property
    def pending(self) -> EstimateVersion | None:
        """Return the latest estimate while it waits for a decision."""
        latest = self.estimate
        waits = latest and not latest.confirmed_at and not latest.declined
        return latest if waits else None

    @property
    def proposed_schedule(self) -> Schedule | None:
        """Return the schedule as it would be with the pending estimate in force."""
        terms = [e.terms for e in self.estimates if e.confirmed_at]
        if self.pending:
            terms.append(self.pending.terms)
        return Schedule(tuple(terms)) if terms else None

    @property
    def approved_schedule(self) -> Schedule | None:
        """Return the schedule up to the last estimate that a person confirmed.

        The threshold for revisions counts from its sum, so that small steps add up.
        """
        last = max(
            (i for i, e in enumerate(self.estimates) if e.basis in {"decision", "financial_admin"}),
            default=None,
        )
        if last is None:
            return None
        return Schedule(tuple(e.terms for e in self.estimates[: last + 1] if e.confirmed_at))

    @property
    def case(self) -> CaseVersion | None:
        """Return the latest case snapshot, which may be a retraction."""
        return self.cases[-1] if self.cases else None

    @property
    def declared(self) -> CaseTerms | None:
        """Return the case as now declared; None without one, or when it was retracted."""
        return self.case.terms if self.case else None

    @property
    def case_revised(self) -> bool:
        """Tell whether the case wears the Revised badge."""
        return len(self.cases) > 1

    @property
    def estimate_revised(self) -> bool:
        """Tell whether the estimate wears the Revised badge."""
        return len(self.estimates) > 1


class Score(NamedTuple):
    """An Investment Prospect over some funded months; `ratio` is exact, None without one."""

    opportunity: Decimal | None
    months: int
    cost: Decimal | None
    ratio: Fraction | None
    band: str
    year: FundingYear | None = None


def has_ended(
    schedule: Schedule | None,
    spend: Mapping[date, Decimal],
    closed: Sequence[date],
    month: date,
) -> bool:
    """Tell whether the funding is over and three closed months had no spend (METHOD 3).

    `spend` is by month, `closed` the closed months in order.
    """
    if schedule is None or not schedule.year_at(month).ended or len(closed) < ENDED_AFTER:
        return False
    return not any(spend.get(period) for period in closed[-ENDED_AFTER:])


def score_at(
    schedule: Schedule | None,
    case: CaseTerms | None,
    month: date,
    bounds: Sequence[Bound],
) -> Score:
    """Score a case against the funding year that holds `month` (METHOD 5).

    Without a case the band is Unbacked; with a case but no schedule, or a cost that shrank below
    a cent, Not scored.
    """
    year = schedule.year_at(month) if schedule else None
    return score_of(case, year.funded if year else 0, year.cost if year else None, bounds, year)


def score_years(schedule: Schedule, case: CaseTerms | None, bounds: Sequence[Bound]) -> list[Score]:
    """Score a case against every funding year."""
    return [score_of(case, year.funded, year.cost, bounds, year) for year in schedule.years()]


def score_term(schedule: Schedule, case: CaseTerms | None, bounds: Sequence[Bound]) -> Score:
    """Score a case against the whole term: `(O·n/12) / ΣP`."""
    return score_of(case, schedule.term_months(), schedule.term_cost(), bounds)


# Three numbers have one ratio, whatever page asks.
_ratio = lru_cache(maxsize=KEPT)(prospect)


def score_of(
    case: CaseTerms | None,
    months: int,
    cost: Decimal | None,
    bounds: Sequence[Bound],
    year: FundingYear | None = None,
) -> Score:
    """Score a case against what some funded months cost; `cost` is None without a schedule."""
    if case is None:
        return Score(None, months, cost, None, UNBACKED, year)
    opportunity = case.opportunity
    ratio = _ratio(opportunity, months, cost) if cost is not None else None
    band = band_of(ratio, bounds) if ratio is not None else NOT_SCORED
    return Score(opportunity, months, cost, ratio, band, year)
