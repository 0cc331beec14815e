"""One row per workload: what it is planned to cost, what it is declared to be worth, what it costs.

The Value Board, the Spaces pages, the gaps and the maturity score read the same rows, in a
constant number of queries whatever the number of workloads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.utils.timezone import localdate

from approvals.reports import Decisions, decisions
from business_cases.case import CaseTerms
from business_cases.reports import bounds_on, standings
from business_cases.standing import Score, Standing, score_at
from cur_ingest.reports import (
    BASIS,
    MonthSpend,
    RunRate,
    closed_periods,
    run_rate,
    spend_by_month,
)
from spaces.models import Workload
from valueboard.lib.bands import Bound, format_multiple
from valueboard.lib.figure import Figure, Kind, Source, ValueType
from valueboard.lib.money import format_money, format_percent
from valueboard.lib.months import month_of

CURRENCY: str = settings.REPORTING_CURRENCY
ENDED_AFTER = 3  # closed months without spend, once the funding is over
SHOWN_DECIMALS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Row:
    """A workload with its figures. `None` means that there is no such figure, never 0."""

    workload: Workload
    standing: Standing
    decisions: Decisions
    score: Score
    spend: tuple[MonthSpend, ...]
    rate: RunRate
    projected: Figure | None
    opportunity: Figure | None
    prospect: Figure | None
    actual: Figure
    ended: bool

    @property
    def case(self) -> CaseTerms | None:
        """Return the case as now declared."""
        return self.standing.declared

    @property
    def band(self) -> str:
        """Return the key of the Investment Prospect band."""
        return self.score.band

    @property
    def value_type(self) -> ValueType | None:
        """Return the value type of the case as now declared."""
        return self.case.value_type if self.case else None

    @property
    def size(self) -> Decimal:
        """Return the area of the tile: P, or without an estimate in force the run-rate."""
        return self.projected.amount if self.projected else self.actual.amount

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
        return f"{amount} × {format_percent(self.case.percent)}"

    @property
    def rate_note(self) -> str:
        """Say which months the actual run-rate is from."""
        if self.rate.months == 0:
            return "month to date, not scaled to a year"
        months = "month" if self.rate.months == 1 else "months"
        return f"a year, from {self.rate.months} closed {months}"

    @property
    def cost_note(self) -> str:
        """Say over how many months the projected cost runs and where its funding stands."""
        year = self.score.year
        if year is None:
            return ""
        months = f"{year.funded} funded month{'s' if year.funded > 1 else ''}"
        if year.ended:
            return f"{months}, funding ended"
        if not year.begun:
            return f"{months}, not yet started"
        return months

    @property
    def not_acknowledged_since(self) -> int | None:
        """Return N of "Not acknowledged since vN", None where it does not apply."""
        return self.decisions.not_acknowledged_since(self.standing)


@dataclass(frozen=True, slots=True)
class Positions:
    """Rows as known at a moment, with what they share."""

    rows: tuple[Row, ...]
    known_at: datetime
    today: date
    bounds: Sequence[Bound]
    closed: tuple[date, ...] = field(default=())


def read_positions(workloads: Iterable[Workload], known_at: datetime) -> Positions:
    """Read the rows of `workloads` (with `space` and `owner` loaded), in their order."""
    today = localdate(known_at)
    chosen = list(workloads)
    ids = [workload.pk for workload in chosen]
    bounds = bounds_on(today, known_at)
    closed = closed_periods(known_at)
    standing = standings(ids, known_at)
    decided = decisions(ids, known_at)
    spend = spend_by_month(known_at, ids)
    rows = tuple(
        _row(
            workload,
            standing[workload.pk],
            decided[workload.pk],
            spend.get(workload.pk, []),
            closed,
            today,
            bounds,
        )
        for workload in chosen
    )
    return Positions(rows, known_at, today, bounds, tuple(closed))


def projected_figure(score: Score, standing: Standing) -> Figure | None:
    """Return P as a figure, None without an estimate in force."""
    estimate = standing.estimate_in_force
    if score.cost is None or score.year is None or estimate is None:
        return None
    terms = estimate.terms
    return Figure(
        score.cost,
        CURRENCY,
        Kind.PROJECTED,
        formula="Sum of m·(1+g/100)^k over the funded months of the funding year",
        sources=(
            Source("Estimate", f"v{estimate.mark.version}, {estimate.mark.recorded_by}"),
            Source("Monthly amount m", format_money(terms.monthly, CURRENCY)),
            Source("Monthly growth g", format_percent(terms.growth)),
            Source("Funding year", f"{score.year.number + 1}, {score.year.funded} months"),
        ),
    )


def opportunity_figure(case: CaseTerms | None) -> Figure | None:
    """Return O as a figure, None without a case."""
    if case is None:
        return None
    return Figure(
        case.opportunity,
        CURRENCY,
        Kind.DECLARED,
        case.value_type,
        formula="Current annual amount × expected percentage",
        sources=(
            Source("Current annual amount", format_money(case.current_amount, CURRENCY)),
            Source("Expected percentage", format_percent(case.percent)),
            Source("Source", case.source),
        ),
    )


def prospect_figure(score: Score) -> Figure | None:
    """Return S as a figure, None where nothing is scored. Rounded down, as METHOD 5 shows it."""
    if score.ratio is None or score.opportunity is None or score.cost is None:
        return None
    exact = Decimal(score.ratio.numerator) / Decimal(score.ratio.denominator)
    return Figure(
        exact.quantize(SHOWN_DECIMALS, rounding=ROUND_DOWN),
        "×",
        Kind.DERIVED,
        formula="(O × f / 12) / P",
        sources=(
            Source("Declared annual opportunity O", format_money(score.opportunity, CURRENCY)),
            Source("Funded months f", str(score.months)),
            Source("Projected cost P", format_money(score.cost, CURRENCY)),
        ),
    )


def actual_figure(rate: RunRate) -> Figure:
    """Return the run-rate as a figure."""
    return Figure(
        rate.amount,
        CURRENCY,
        Kind.ACTUAL,
        formula=f"{BASIS} usage charges of the closed months of the last three, scaled to a year"
        if rate.months
        else f"{BASIS} usage charges of the month to date, not scaled",
        sources=tuple(Source("Closed month", f"{period:%B %Y}") for period in rate.periods),
    )


def _row(  # noqa: PLR0917 - one private caller just above
    workload: Workload,
    standing: Standing,
    decided: Decisions,
    months: list[MonthSpend],
    closed: list[date],
    today: date,
    bounds: Sequence[Bound],
) -> Row:
    score = score_at(standing.in_force, standing.declared, month_of(today), bounds)
    rate = run_rate(months, closed, today)
    return Row(
        workload=workload,
        standing=standing,
        decisions=decided,
        score=score,
        spend=tuple(months),
        rate=rate,
        projected=projected_figure(score, standing),
        opportunity=opportunity_figure(standing.declared),
        prospect=prospect_figure(score),
        actual=actual_figure(rate),
        ended=_has_ended(score, months, closed),
    )


def _has_ended(score: Score, months: list[MonthSpend], closed: list[date]) -> bool:
    """Tell whether the funding is over and three closed months had no spend (METHOD 3)."""
    if score.year is None or not score.year.ended or len(closed) < ENDED_AFTER:
        return False
    spend = {month.period: month.amortised for month in months}
    return not any(spend.get(period) for period in closed[-ENDED_AFTER:])
