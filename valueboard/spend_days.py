"""A workload's spend by day: the chart's figure and the table beside it, and what tokens it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from business_cases.figure_names import day_of, tokens_of
from business_cases.figures import CURRENCY
from cur_ingest.anomalies import MONTHS_BEFORE, Mark, marks_of
from cur_ingest.daily import MONTHS_SHOWN, DaySpend, TokenUse, compared, days_of, tokens_of_workload
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind
from valueboard.lib.money import format_number, to_cents
from valueboard.lib.months import add_months, month_of
from valueboard.spend_history import ACTUAL

MARKS = "var(--vb-warning)"
FEW_DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it cost, and whether its month is closed.

    `by_month` is the part that was charged for the whole month. A day that stands out above what
    is usual has `median` and `limit` of the last `weeks` of its weekday.
    """

    day: date
    actual: Figure
    closed: bool
    by_month: Figure | None
    median: Figure | None = None
    limit: Figure | None = None
    weeks: int = 0

    @property
    def mark(self) -> bool:
        """Tell whether it stands out."""
        return self.limit is not None

    @property
    def weekday(self) -> str:
        """Name the day of the week."""
        return formats.day_of_week(self.day)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one model and kind; `unit` is what the bill counts them in."""

    model: str
    kind: str
    tokens: str
    unit: str
    actual: Figure


@dataclass(frozen=True, slots=True)
class SpendDays:
    """The days of the last months, the latest first; `chart` is plotly's figure of the same."""

    days: tuple[Day, ...]
    tokens: tuple[Tokens, ...]
    since: date
    chart: dict[str, Any]

    @property
    def marked(self) -> int:
        """Return how many of the days stand out."""
        return sum(bool(day.mark) for day in self.days)


def spend_days(
    workload: int, closed: Collection[date], today: date, basis: str, about: About = UNNAMED
) -> SpendDays:
    """Read and lay out a workload's days, in a constant number of queries; `about` names it."""
    since = add_months(month_of(today), 1 - MONTHS_SHOWN)
    # The baselines of the first days are of days before them.
    read = days_of([workload], add_months(since, -MONTHS_BEFORE), basis).get(workload, [])
    marks = marks_of(compared(read))
    shown = [each for each in read if each.day >= since]
    days = [_day(each, marks.get(each.day), closed, about) for each in shown]
    tokens = tuple(_tokens(use, since, about) for use in tokens_of_workload(workload, since, basis))
    return SpendDays(tuple(reversed(days)), tokens, since, _chart(days))


def _day(spend: DaySpend, mark: Mark | None, closed: Collection[date], whole: About) -> Day:
    about = day_of(whole, spend.day)

    def actual(amount: Decimal, what: What) -> Figure:
        return Figure(to_cents(amount), CURRENCY, Kind.ACTUAL, made=about.made(what))

    day = Day(
        spend.day,
        actual(spend.amount, What.DAY_ACTUAL),
        month_of(spend.day) in closed,
        actual(spend.by_month, What.DAY_BY_MONTH) if spend.by_month else None,
    )
    if mark is None:
        return day
    usual = mark.baseline
    return replace(
        day,
        median=actual(usual.median, What.DAY_MEDIAN),
        limit=actual(usual.limit, What.DAY_LIMIT),
        weeks=usual.weeks,
    )


def _tokens(use: TokenUse, since: date, about: About) -> Tokens:
    made = tokens_of(about, since, use.model, use.kind, use.pricing_unit).made(What.TOKENS_ACTUAL)
    return Tokens(
        use.model or "Model not named",
        use.kind.label,
        "not known" if use.tokens is None else format_number(use.tokens),
        use.pricing_unit or "no unit given",
        Figure(to_cents(use.amount), CURRENCY, Kind.ACTUAL, made=made),
    )


def _chart(days: Sequence[Day]) -> dict[str, Any]:
    """Return plotly's figure. Amounts go as text, which it reads as numbers: no float rounds them.

    Hatched like months that are not closed; marked days carry a sign, for whoever sees no colour.
    """
    marked = [day for day in days if day.mark]
    axis: dict[str, Any] = {"type": "date", "tickformat": formats.active().day_and_month}
    if len(days) <= FEW_DAYS:  # else plotly names the hours between them, which are the same day
        axis |= {"tickmode": "array", "tickvals": [f"{day.day:%Y-%m-%d}" for day in days]}
    hover = f"%{{y:,.2f}} {CURRENCY}"
    figure = go.Figure(
        data=[
            go.Bar(
                name="Actual spend",
                x=[f"{day.day:%Y-%m-%d}" for day in days],
                y=[_plain(day.actual.amount) for day in days],
                marker={
                    "color": ACTUAL,
                    "pattern": {"shape": ["" if day.closed else "/" for day in days]},
                },
                hovertemplate=hover,
            ),
            go.Scatter(
                name="Above what is usual",
                x=[f"{day.day:%Y-%m-%d}" for day in marked],
                y=[_plain(day.actual.amount) for day in marked],
                mode="markers",
                marker={"size": 10, "symbol": "triangle-down", "color": MARKS},
                hoverinfo="skip",
                visible=bool(marked),
            ),
        ],
        layout={
            "template": None,
            "bargap": 0.2,
            "xaxis": axis,
            "yaxis": {
                "type": "linear",
                "rangemode": "tozero",
                "tickformat": "~s",
                "title": {"text": f"{CURRENCY} a day"},
            },
        },
    )
    chart: dict[str, Any] = figure.to_plotly_json()
    return chart


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
