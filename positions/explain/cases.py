"""How declared and projected figures of a workload are made, and the ratio of the two."""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.urls import reverse

from business_cases.figures import (
    CURRENCY,
    changed_amount_figure,
    cost_figure,
    current_figure,
    growth_figure,
    monthly_figure,
    opportunity_figure,
    percent_figure,
    prospect_figure,
    share_figure,
)
from business_cases.projection import Schedule
from business_cases.reports import bounds_on
from business_cases.standing import EstimateVersion, Score, score_at, score_term, score_years
from business_cases.wording import months_words, percent_words, span_words
from positions.explain.asking import Asked
from valueboard.lib import formats
from valueboard.lib.bands import Bound
from valueboard.lib.explained import MONTH, Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import format_money, format_number, format_percent, to_cents
from valueboard.lib.months import add_months, month_of, months_between

DIGITS_OF_A_RATIO = 6


# --- what somebody stated -------------------------------------------------------------------------


def monthly(asked: Asked) -> Explanation:
    """Explain the monthly amount m."""
    terms = asked.estimate.terms
    figure = monthly_figure(terms, asked.about)
    return _stated(asked, figure, "Monthly amount m", _of_estimate(asked))


def growth(asked: Asked) -> Explanation:
    """Explain the monthly growth g."""
    figure = growth_figure(asked.estimate.terms, asked.about)
    return _stated(asked, figure, "Expected monthly growth g", _of_estimate(asked))


def current(asked: Asked) -> Explanation:
    """Explain the current annual amount C."""
    figure = current_figure(asked.terms, asked.about)
    return _stated(asked, figure, "Current annual amount C", _of_case(asked))


def percent(asked: Asked) -> Explanation:
    """Explain the expected percentage p."""
    figure = percent_figure(asked.terms, asked.about)
    return _stated(asked, figure, f"{percent_words(asked.terms)} p", _of_case(asked))


def _stated(asked: Asked, figure: Figure, title: str, beside: tuple[Given, ...]) -> Explanation:
    version = asked.estimate if figure.kind is Kind.PROJECTED else asked.case
    value = Given("value", title, figure.amount, figure.unit, figure.kind, asked.record_of(version))
    return asked.explanation("stated@1", figure, title, (value, *beside))


def _of_estimate(asked: Asked) -> tuple[Given, ...]:
    terms = asked.estimate.terms
    return (
        Given("first", "First funded month", terms.first, MONTH),
        Given("n", "Funded months n", terms.months),
        Given("effective", "First effective month", terms.effective, MONTH),
        Given("reason", "Reason given", asked.estimate.mark.reason),
    )


def _of_case(asked: Asked) -> tuple[Given, ...]:
    terms = asked.terms
    return (
        Given("type", "Value type", terms.value_type.label),
        Given("anchor", "Draws on", terms.anchor),
        Given("period", "Period that C covers", terms.period),
        Given("source", "Source of C", terms.source),
        Given("basis", "How p was reached", terms.basis),
    )


def after(asked: Asked) -> Explanation:
    """Explain what a year would come to: C less O, or with it where revenue grows."""
    terms, about, record = asked.terms, asked.about, asked.record_of(asked.case)
    grows = terms.direction == "grow"
    current = Given("C", "Current annual amount C", terms.current_amount, CURRENCY,
                    Kind.DECLARED, record, asked.url(What.CURRENT, about))  # fmt: skip
    return asked.explanation(
        "grown@1" if grows else "reduced@1",
        changed_amount_figure(terms, about),
        "What a year would come to, as declared",
        (current, _opportunity(asked)),
        notes=("Revenue, not margin." if grows else "",),
    )


# --- computed from that ---------------------------------------------------------------------------


def opportunity(asked: Asked) -> Explanation:
    """Explain the declared annual opportunity O."""
    terms, about = asked.terms, asked.about
    record = asked.record_of(asked.case)
    declared = Kind.DECLARED
    amount, share = terms.current_amount, terms.percent
    figure = opportunity_figure(terms, about)
    return asked.explanation(
        "opportunity@1",
        figure,
        "Declared annual opportunity O",
        (
            Given("C", "Current annual amount C", amount, CURRENCY, declared, record,
                  asked.url(What.CURRENT, about)),
            Given("p", f"{percent_words(terms)} p", share, "%", declared, record,
                  asked.url(What.PERCENT, about)),
        ),
        equation=f"{_money(amount)} × {format_percent(share)} = {_money(terms.opportunity)}",
        notes=("Revenue, not margin." if terms.value_type.value == "revenue_driving" else "",),
    )  # fmt: skip


def projected(asked: Asked) -> Explanation:
    """Explain the projected cost of a funding year: the one that holds the day, or the one named.

    Every month stands beside it, to the cent; the sum itself is of the exact amounts.
    """
    score, schedule = score_of(asked), asked.schedule
    year = score.year
    if year is None:
        raise UnexplainedError(asked.made.of)
    chosen: tuple[Given, ...] = (
        Given("y", "Funding year y, counted from 0", year.number,
              note=f"{span_words(year.first, schedule.length_of(year.number))}, "
              f"{months_words(year.funded)} funded"),
    )  # fmt: skip
    formula = "funding_year@1"
    if asked.subject.year is None:
        formula = "projected@1"
        chosen = (Given("day", "Day", asked.today), *chosen)
    months = [
        month
        for k in range(schedule.length_of(year.number))
        if schedule.terms_for(month := add_months(year.first, k))
    ]
    ended = "The funding has ended: this is its last year." if year.ended else ""
    return asked.explanation(
        formula,
        cost_figure(score, asked.estimate, asked.about),
        f"Projected cost of funding year {year.number + 1}",
        (*chosen, _estimates(asked), months_of(schedule, months)),
        notes=(ended, _cloud_only()),
    )


def term(asked: Asked) -> Explanation:
    """Explain the projected cost of the whole term: every funding year beside it."""
    score, schedule = _score_term(asked), asked.schedule
    about = asked.about
    rows = tuple(
        (
            Given("y", "Funding year", year.number),
            Given("months", "Funded months", year.funded),
            Given("cost", "Projected cost", year.cost, CURRENCY, Kind.PROJECTED,
                  url=asked.url(What.PROJECTED, about.part(f"y{year.number}"))),
        )
        for year in schedule.years()
    )  # fmt: skip
    years = Rows_("years", "Funding years, counted from 0", ("Year", "Months", "Cost"), rows,
                  len(rows))  # fmt: skip
    return asked.explanation(
        "term@1",
        cost_figure(score, asked.estimate, about),
        "Projected cost of the whole term ΣP",
        (years, _estimates(asked)),
        notes=(_cloud_only(),),
    )


def share(asked: Asked) -> Explanation:
    """Explain the part of O that falls on some funded months."""
    score = score_of(asked) if asked.made.what == What.SHARE else _score_term(asked)
    terms = asked.terms
    figure = share_figure(terms, score, asked.about)
    return asked.explanation(
        "share@1",
        figure,
        "Declared opportunity of the funded months",
        (_opportunity(asked), _funded(score)),
        equation=f"{_money(terms.opportunity)} × {score.months} ÷ 12 = "
        f"{_money(figure.amount) if figure else ''}",
    )


def prospect(asked: Asked) -> Explanation:
    """Explain the Investment Prospect S, with the bounds that make its band."""
    of_year = asked.made.what == What.PROSPECT
    score = score_of(asked) if of_year else _score_term(asked)
    about = asked.about
    if score.cost is None or score.ratio is None:
        raise UnexplainedError(asked.made.of)
    symbol = "P" if of_year else "ΣP"
    cost = Given("P", f"Projected cost {symbol}", score.cost, CURRENCY, Kind.PROJECTED,
                 asked.record_of(asked.estimate),
                 asked.url(What.PROJECTED if of_year else What.TERM, about))  # fmt: skip
    figure = prospect_figure(score, about)
    return asked.explanation(
        "prospect@1",
        figure,
        "Investment Prospect S" if of_year else "Investment Prospect over the whole term",
        (
            _opportunity(asked),
            _funded(score),
            cost,
            Given("band", "Band", score.band),
            bounds_of(asked),
        ),
        equation=prospect_equation(score),
        notes=("Declared opportunity over projected cost: neither is an outcome.",),
    )


def prospect_equation(score: Score) -> str:
    """Write the ratio out with its numbers, and as the exact fraction of cents that it is."""
    if score.ratio is None or score.opportunity is None or score.cost is None:
        return ""
    exact = Decimal(score.ratio.numerator) / Decimal(score.ratio.denominator)
    digits = format_number(exact.quantize(Decimal(1).scaleb(-DIGITS_OF_A_RATIO), ROUND_DOWN))
    numerator, denominator = map(formats.number, score.ratio.as_integer_ratio())
    return (
        f"({_money(score.opportunity)} × {score.months} ÷ 12) ÷ {_money(score.cost)} "
        f"= {numerator} / {denominator} ≈ {digits}"
    )


def bounds_of(asked: Asked) -> Rows_:
    """Return the bounds of the bands in force on the day, from the highest."""
    bounds: tuple[Bound, ...] = tuple(bounds_on(asked.today, asked.known_at))
    rows = tuple(
        (
            Given("band", "Band", bound.band),
            Given("at_least", "From", bound.at_least, "×", Kind.DECLARED),
        )
        for bound in bounds
    )
    label = "Bounds of the bands on that day"
    return Rows_("bounds", label, ("Band", "From"), rows, len(rows), reverse("thresholds"))


def score_of(asked: Asked) -> Score:
    """Score the versions for the funding year that is named, or the one that holds the day."""
    side, bounds = asked.side, bounds_on(asked.today, asked.known_at)
    number = asked.subject.year
    if number is None:
        return score_at(asked.schedule, side.terms, month_of(asked.today), bounds)
    years = score_years(asked.schedule, side.terms, bounds)
    if number >= len(years):
        raise UnexplainedError(asked.made.of)
    return years[number]


def _score_term(asked: Asked) -> Score:
    return score_term(asked.schedule, asked.side.terms, bounds_on(asked.today, asked.known_at))


def _opportunity(asked: Asked) -> Given:
    return Given(
        "O",
        "Declared annual opportunity O",
        asked.terms.opportunity,
        CURRENCY,
        Kind.DECLARED,
        asked.record_of(asked.case),
        asked.url(What.OPPORTUNITY, asked.about),
    )


def _funded(score: Score) -> Given:
    return Given("f", "Funded months f", score.months)


def _estimates(asked: Asked) -> Rows_:
    """Return the estimates of the schedule in the order in which they came into force."""
    upto = asked.estimate.mark.version
    versions: list[EstimateVersion] = [
        each
        for each in asked.standing.estimates
        if each.mark.version == upto or (each.confirmed_at and each.mark.version < upto)
    ]
    rows = tuple(_estimate(asked, version) for version in versions)
    columns = ("Estimate", "m", "g", "First month", "n", "Effective from")
    return Rows_("estimates", "Estimates, in the order of their force", columns, rows, len(rows))


def _estimate(asked: Asked, version: EstimateVersion) -> tuple[Given, ...]:
    terms = version.terms
    about = asked.whole.part(f"e{version.mark.version}", "c0")
    return (
        Given("version", "Estimate", version.mark.version, record=asked.record_of(version)),
        Given("m", "m", terms.monthly, CURRENCY, Kind.PROJECTED,
              url=asked.url(What.MONTHLY, about)),
        Given("g", "g", terms.growth, "%", Kind.PROJECTED, url=asked.url(What.GROWTH, about)),
        Given("first", "First month", terms.first, MONTH),
        Given("n", "n", terms.months),
        Given("effective", "Effective from", terms.effective, MONTH),
    )  # fmt: skip


def month_row(schedule: Schedule, month: date) -> tuple[Given, ...]:
    """Return a projected month: which it is, its k, and its cost to the cent."""
    terms = schedule.terms_for(month)
    k = months_between(terms.first, month) if terms else 0
    return (
        Given("month", "Month", month, MONTH),
        Given("k", "k", k),
        Given("cost", "Cost", to_cents(schedule.cost_of(month)), CURRENCY, Kind.PROJECTED),
    )


def estimates_of(asked: Asked) -> Rows_:
    """Return the estimates that a month's projection takes its terms from."""
    return _estimates(asked)


def months_of(schedule: Schedule, months: list[date]) -> Rows_:
    """Return projected months, each to the cent."""
    rows = tuple(month_row(schedule, month) for month in months)
    note = "Each to the cent; the sum is of the exact amounts, and rounded once."
    return Rows_("months", "Funded months", ("Month", "k", "Cost"), rows, len(rows), note=note)


def _money(amount: Decimal) -> str:
    return format_money(amount, CURRENCY)


def _cloud_only() -> str:
    return "Cloud cost only, before tax, credits and refunds."


EXPLAINED: dict[What, Callable[[Asked], Explanation]] = {
    What.MONTHLY: monthly,
    What.GROWTH: growth,
    What.CURRENT: current,
    What.PERCENT: percent,
    What.AFTER: after,
    What.OPPORTUNITY: opportunity,
    What.PROJECTED: projected,
    What.TERM: term,
    What.SHARE: share,
    What.SHARE_OF_TERM: share,
    What.PROSPECT: prospect,
    What.PROSPECT_OF_TERM: prospect,
}
