"""How plan and spend of a workload stand to each other, as the board shows it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext

from business_cases.figure_names import month_of as month_named
from business_cases.figures import CURRENCY, prospect_figure
from business_cases.reports import bounds_on
from business_cases.standing import score_of
from positions.explain.asking import Asked
from positions.explain.cases import bounds_of, estimates_of, months_of
from positions.explain.spend import DIGITS, Spend
from positions.fiscal import MONTHS_A_YEAR, fiscal_year
from valueboard.lib import formats
from valueboard.lib.explained import MONTH, Explanation, Given, UnexplainedError, What
from valueboard.lib.figure import About, Figure, Kind
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months


def spent(asked: Asked) -> Explanation:
    """Explain what the closed months inside the funding cost."""
    spend = Spend(asked)
    return _months(asked, spend, _inside(asked, spend), "Spend of the closed, funded months")


def outside(asked: Asked) -> Explanation:
    """Explain what the closed months outside the funding cost."""
    spend = Spend(asked)
    inside = _inside(asked, spend)
    months = [m for m in spend.closed if m not in inside and spend.amounts.get(m)]
    return _months(asked, spend, months, "Spend of closed months outside the funding")


def planned(asked: Asked) -> Explanation:
    """Explain what the closed months inside the funding were planned to cost."""
    schedule, months = asked.schedule, _inside(asked, Spend(asked))
    if not months:
        raise UnexplainedError(asked.made.of)
    return asked.explanation(
        "planned@1",
        Figure(schedule.cost_over(months), CURRENCY, Kind.PROJECTED),
        "Projected cost of the closed, funded months",
        (estimates_of(asked), months_of(schedule, months)),
        notes=("Cloud cost only, before tax, credits and refunds.",),
    )


def over(asked: Asked) -> Explanation:
    """Explain by how much these months cost more or less than planned, in dollars or percent."""
    plan, actual, about = planned(asked).figure, spent(asked).figure, asked.made
    is_percent = asked.made.what == What.OVER_PERCENT
    difference = actual.amount - plan.amount
    if is_percent and not plan.amount:
        raise UnexplainedError(asked.made.of)
    figure = (
        Figure(difference * 100 / plan.amount, "%", Kind.DERIVED)
        if is_percent
        else Figure(difference, CURRENCY, Kind.DERIVED)
    )
    named = About(about.of, about.at)
    return asked.explanation(
        "accuracy@1" if is_percent else "difference@1",
        figure,
        "Spend of the closed, funded months above or below their estimate",
        (
            Given("b", "Projected cost", plan.amount, CURRENCY, Kind.PROJECTED,
                  url=asked.url(What.PLANNED, named)),
            Given("a", "Actual spend", actual.amount, CURRENCY, Kind.ACTUAL,
                  url=asked.url(What.SPENT, named)),
        ),
    )  # fmt: skip


def prospect_actual(asked: Asked) -> Explanation:
    """Explain the score against actual spend, with the bounds that make its band."""
    spend = Spend(asked)
    months = _inside(asked, spend)
    score = score_of(
        asked.terms,
        len(months),
        _sum(spend, months),
        bounds_on(asked.today, asked.known_at),
        asked.schedule.year_at(asked.today.replace(day=1)),
    )
    about, terms = asked.whole, asked.terms
    return asked.explanation(
        "prospect_actual@1",
        prospect_figure(score),
        "Investment Prospect S against actual spend",
        (
            Given("O", "Declared annual opportunity O", terms.opportunity, CURRENCY,
                  Kind.DECLARED, asked.record_of(asked.case),
                  asked.url(What.OPPORTUNITY, about)),
            Given("A", "Actual spend A of these months", _sum(spend, months), CURRENCY,
                  Kind.ACTUAL, url=asked.url(What.SPENT, about)),
            spend.months(months),
            Given("band", "Band", score.band),
            bounds_of(asked),
        ),
        notes=(spend.words, "Declared opportunity over measured spend: neither is an outcome."),
    )  # fmt: skip


def accuracy(asked: Asked) -> Explanation:
    """Explain by how much the last closed month differs from its estimate, in percent."""
    spend = Spend(asked)
    month = spend.closed[-1] if spend.closed else None
    planned = asked.schedule.cost_over([month]) if month else None
    if month is None or not planned or month not in spend.amounts:
        raise UnexplainedError(asked.made.of)
    about = month_named(asked.whole, month)
    return asked.explanation(
        "accuracy@1",
        Figure((spend.amounts[month] / planned - 1) * 100, "%", Kind.DERIVED),
        f"{formats.month(month)} against its estimate",
        (
            Given("month", "Last closed month", month, MONTH),
            Given("a", "Actual spend", spend.amounts[month], CURRENCY, Kind.ACTUAL,
                  url=asked.url(What.MONTH_ACTUAL, about)),
            Given("b", "Projected cost", planned, CURRENCY, Kind.PROJECTED,
                  url=asked.url(What.MONTH_PROJECTED, about)),
        ),
        notes=(spend.words,),
    )  # fmt: skip


def fiscal(asked: Asked) -> Explanation:
    """Explain the projected cost of the organisation's fiscal year."""
    schedule, first = asked.schedule, fiscal_year(asked.today)
    every = [add_months(first, k) for k in range(MONTHS_A_YEAR)]
    return asked.explanation(
        "fiscal@1",
        Figure(schedule.cost_over(every), CURRENCY, Kind.PROJECTED),
        f"Projected cost of the fiscal year from {formats.month(first)}",
        (
            Given("from", "First month of the fiscal year", first, MONTH),
            estimates_of(asked),
            months_of(schedule, [month for month in every if schedule.terms_for(month)]),
        ),
        notes=("Cloud cost only, before tax, credits and refunds.",),
    )


def _inside(asked: Asked, spend: Spend) -> list[date]:
    schedule = asked.side.schedule
    return [month for month in spend.closed if schedule and schedule.terms_for(month)]


def _sum(spend: Spend, months: list[date]) -> Decimal:
    with localcontext(prec=DIGITS):
        return to_cents(sum((spend.amounts.get(m, Decimal(0)) for m in months), Decimal(0)))


def _months(asked: Asked, spend: Spend, months: list[date], title: str) -> Explanation:
    if not months:
        raise UnexplainedError(asked.made.of)
    return asked.explanation(
        "spent@1",
        Figure(_sum(spend, months), CURRENCY, Kind.ACTUAL),
        title,
        (spend.months(months), spend.basis_given),
        notes=(spend.words,),
    )


EXPLAINED: dict[What, Callable[[Asked], Explanation]] = {
    What.SPENT: spent,
    What.OUTSIDE: outside,
    What.PLANNED: planned,
    What.OVER: over,
    What.OVER_PERCENT: over,
    What.PROSPECT_ACTUAL: prospect_actual,
    What.ACCURACY: accuracy,
    What.FISCAL: fiscal,
}
