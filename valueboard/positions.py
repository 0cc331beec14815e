"""One row per workload: what it is planned to cost, what it is declared to be worth, what it costs.

The Value Board, the Spaces pages, the gaps and the maturity score read the same rows, in a
constant number of queries whatever the number of workloads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from approvals.reports import Decisions, decisions
from business_cases.case import CaseTerms
from business_cases.figures import (
    CURRENCY,
    actual_figure,
    opportunity_figure,
    projected_figure,
    prospect_figure,
)
from business_cases.portfolio import Holding, read_portfolio
from business_cases.reports import bounds_on
from business_cases.standing import Score, Standing, score_at
from business_cases.wording import estimate_note
from cur_ingest.reports import MonthSpend, RunRate
from spaces.models import Workload
from valueboard.lib.bands import Bound, format_multiple
from valueboard.lib.figure import Figure, ValueType
from valueboard.lib.money import format_money, format_percent
from valueboard.lib.months import month_of


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
        return f"{amount} × {format_percent(self.case.percent.normalize())}"

    @property
    def run_rate(self) -> Figure | None:
        """Return the actual run-rate; None where no spend was attributed yet."""
        return self.actual if self.spend else None

    @property
    def rate_note(self) -> str:
        """Say which months the actual run-rate is from."""
        return self.rate.words if self.spend else "no spend attributed"

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
    def estimate_note(self) -> str:
        """Say that an estimate waits for a decision or was declined; empty where neither is so."""
        return estimate_note(self.standing)

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
    basis: str
    closed: tuple[date, ...] = field(default=())


def read_positions(workloads: Iterable[Workload], known_at: datetime) -> Positions:
    """Read the rows of `workloads` (with `space` and `owner` loaded), in their order."""
    portfolio = read_portfolio(workloads, known_at)
    bounds = bounds_on(portfolio.today, known_at)
    decided = decisions([h.workload.pk for h in portfolio.holdings], known_at)
    rows = tuple(
        _row(holding, decided[holding.workload.pk], portfolio.today, bounds)
        for holding in portfolio.holdings
    )
    return Positions(rows, known_at, portfolio.today, bounds, portfolio.basis, portfolio.closed)


def _row(holding: Holding, decided: Decisions, today: date, bounds: Sequence[Bound]) -> Row:
    standing = holding.standing
    score = score_at(standing.in_force, standing.declared, month_of(today), bounds)
    return Row(
        workload=holding.workload,
        standing=standing,
        decisions=decided,
        score=score,
        spend=holding.months,
        rate=holding.rate,
        projected=projected_figure(score, standing),
        opportunity=opportunity_figure(standing.declared),
        prospect=prospect_figure(score),
        actual=actual_figure(holding.rate),
        ended=holding.ended,
    )
