"""Projected, declared and derived amounts as figures, with the facts and formulas behind them.

`about` says which workload and which versions a figure is of, so that it can be explained.
"""

from decimal import ROUND_DOWN, Decimal

from django.conf import settings

from business_cases.case import CaseTerms
from business_cases.projection import MONTHS_A_YEAR, Terms
from business_cases.standing import EstimateVersion, Score, Standing
from cur_ingest.bases import named
from cur_ingest.reports import RunRate
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, Source
from valueboard.lib.money import format_money, format_percent, to_cents

CURRENCY: str = settings.REPORTING_CURRENCY
SHOWN_DECIMALS = Decimal("0.01")


def projected_figure(score: Score, standing: Standing, about: About = UNNAMED) -> Figure | None:
    """Return P as a figure, None without an estimate in force."""
    return cost_figure(score, standing.estimate_in_force, about)


def cost_figure(
    score: Score, estimate: EstimateVersion | None, about: About = UNNAMED
) -> Figure | None:
    """Return the projected cost of a funding year, or of the whole term, by `estimate`."""
    if score.cost is None or estimate is None:
        return None
    terms = estimate.terms
    span = f"{score.year.number + 1}, {score.year.funded} months" if score.year else "all"
    return Figure(
        score.cost,
        CURRENCY,
        Kind.PROJECTED,
        formula="Sum of m·(1+g/100)^k over the funded months of the funding year"
        if score.year
        else "Sum of the funding years, each rounded to the cent",
        sources=(
            Source("Estimate", f"v{estimate.mark.version}, {estimate.mark.recorded_by}"),
            Source("Monthly amount m", format_money(terms.monthly, CURRENCY)),
            Source("Monthly growth g", format_percent(terms.growth)),
            Source("Funding year", span),
        ),
        made=about.made(What.PROJECTED if score.year else What.TERM),
    )


def monthly_figure(terms: Terms, about: About = UNNAMED) -> Figure:
    """Return the monthly amount of an estimate."""
    return Figure(terms.monthly, CURRENCY, Kind.PROJECTED, made=about.made(What.MONTHLY))


def growth_figure(terms: Terms, about: About = UNNAMED) -> Figure:
    """Return the expected monthly growth of an estimate."""
    return Figure(terms.growth, "%", Kind.PROJECTED, made=about.made(What.GROWTH))


def current_figure(case: CaseTerms, about: About = UNNAMED) -> Figure:
    """Return what is paid or earned a year today: the anchor of the percentage."""
    sources = (Source("Period", case.period), Source("Source", case.source))
    return Figure(
        case.current_amount,
        CURRENCY,
        Kind.DECLARED,
        case.value_type,
        "As declared",
        sources,
        about.made(What.CURRENT),
    )


def percent_figure(case: CaseTerms, about: About = UNNAMED) -> Figure:
    """Return the expected relative change of what is paid or earned today."""
    made = about.made(What.PERCENT)
    return Figure(case.percent, "%", Kind.DECLARED, case.value_type, "As declared", made=made)


def changed_amount_figure(case: CaseTerms, about: About = UNNAMED) -> Figure:
    """Return what a year would come to: less cost, or more revenue where it grows."""
    grows = case.direction == "grow"
    return Figure(
        case.current_amount + (case.opportunity if grows else -case.opportunity),
        CURRENCY,
        Kind.DECLARED,
        case.value_type,
        f"Current annual amount {'+' if grows else '−'} declared annual opportunity",
        made=about.made(What.AFTER),
    )


def share_figure(case: CaseTerms | None, score: Score, about: About = UNNAMED) -> Figure | None:
    """Return the part of the declared annual opportunity that falls on the score's months."""
    months = score.months
    if case is None:
        return None
    return Figure(
        to_cents(case.opportunity * months / MONTHS_A_YEAR),
        CURRENCY,
        Kind.DERIVED,
        case.value_type,
        formula="O × months / 12",
        sources=(
            Source("Declared annual opportunity O", format_money(case.opportunity, CURRENCY)),
            Source("Funded months", str(months)),
        ),
        made=about.made(What.SHARE if score.year else What.SHARE_OF_TERM),
    )


def opportunity_figure(case: CaseTerms | None, about: About = UNNAMED) -> Figure | None:
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
        made=about.made(What.OPPORTUNITY),
    )


def prospect_figure(score: Score, about: About = UNNAMED) -> Figure | None:
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
        made=about.made(What.PROSPECT if score.year else What.PROSPECT_OF_TERM),
    )


def actual_figure(rate: RunRate, about: About = UNNAMED) -> Figure:
    """Return the run-rate as a figure."""
    basis = named(rate.basis)
    return Figure(
        rate.amount,
        CURRENCY,
        Kind.ACTUAL,
        formula=f"{basis} usage charges of the closed months of the last three, scaled to a year"
        if rate.months
        else f"{basis} usage charges of the month to date, not scaled",
        sources=tuple(Source("Closed month", formats.month(period)) for period in rate.periods),
        made=about.made(What.RUN_RATE),
    )
