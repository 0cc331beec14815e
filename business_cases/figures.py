"""Projected, declared and derived amounts as figures, with the facts and formulas behind them."""

from decimal import ROUND_DOWN, Decimal

from django.conf import settings

from business_cases.case import CaseTerms
from business_cases.standing import Score, Standing
from cur_ingest.reports import BASIS, RunRate
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.money import format_money, format_percent

CURRENCY: str = settings.REPORTING_CURRENCY
SHOWN_DECIMALS = Decimal("0.01")


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
