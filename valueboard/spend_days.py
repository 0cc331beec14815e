"""A workload's spend by day: the chart's figure and the table beside it, and what tokens it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from business_cases.figures import CURRENCY
from cur_ingest.anomalies import MONTHS_BEFORE, Mark, marks_of
from cur_ingest.bases import named
from cur_ingest.daily import DaySpend, TokenUse, compared, days_of, tokens_of_workload
from valueboard.lib import formats
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.money import format_money, format_number, to_cents
from valueboard.lib.months import add_months, month_of
from valueboard.spend_history import ACTUAL

MONTHS_SHOWN = 3
BY_MONTH = "charged on the first day for the whole month"
MARKS = "var(--vb-warning)"


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it cost, whether its month is closed, and why it is marked, if it is."""

    day: date
    actual: Figure
    closed: bool
    notes: tuple[str, ...]
    mark: str


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


def spend_days(workload: int, closed: Collection[date], today: date, basis: str) -> SpendDays:
    """Read and lay out a workload's days, in a constant number of queries."""
    since = add_months(month_of(today), 1 - MONTHS_SHOWN)
    # The baselines of the first days are of days before them.
    read = days_of([workload], add_months(since, -MONTHS_BEFORE), basis).get(workload, [])
    marks = marks_of(compared(read))
    shown = [each for each in read if each.day >= since]
    days = [_day(each, marks.get(each.day), closed, basis) for each in shown]
    tokens = tuple(_tokens(use, basis) for use in tokens_of_workload(workload, since, basis))
    return SpendDays(tuple(reversed(days)), tokens, since, _chart(days))


def _day(spend: DaySpend, mark: Mark | None, closed: Collection[date], basis: str) -> Day:
    is_closed = month_of(spend.day) in closed
    notes = [] if is_closed else ["month not closed yet"]
    if spend.by_month:
        amount = format_money(to_cents(spend.by_month), CURRENCY, 2)
        notes.append(f"{amount} of it {BY_MONTH}")
    sources: tuple[Source, ...] = ()
    if mark:
        sources = (Source("Limit", format_money(to_cents(mark.baseline.limit), CURRENCY, 2)),)
    actual = Figure(
        to_cents(spend.amount),
        CURRENCY,
        Kind.ACTUAL,
        formula=f"{named(basis)} usage charges of the day (UTC), before tax, credits and refunds",
        sources=sources,
    )
    return Day(spend.day, actual, is_closed, tuple(notes), mark.words(CURRENCY) if mark else "")


def _tokens(use: TokenUse, basis: str) -> Tokens:
    return Tokens(
        use.model or "Model not named",
        use.kind.label,
        "not known" if use.tokens is None else format_number(use.tokens),
        use.pricing_unit or "no unit given",
        Figure(
            to_cents(use.amount),
            CURRENCY,
            Kind.ACTUAL,
            formula=f"{named(basis)} usage charges for them",
        ),
    )


def _chart(days: Sequence[Day]) -> dict[str, Any]:
    """Return plotly's figure. Amounts go as text, which it reads as numbers: no float rounds them.

    Hatched like months that are not closed; marked days carry a sign, for whoever sees no colour.
    """
    marked = [day for day in days if day.mark]
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
            "xaxis": {"type": "date", "tickformat": formats.active().day_and_month},
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
