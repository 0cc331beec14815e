"""Actual spend by month against the projected curve: the chart's figure and the table beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from django.utils.timezone import localdate

from approvals.reports import Decisions
from business_cases.figure_names import month_of as month_named
from business_cases.figures import CURRENCY
from business_cases.projection import MONTHS_A_YEAR, Schedule
from business_cases.standing import Standing
from business_cases.wording import month_words
from cur_ingest.bases import named
from cur_ingest.reports import MonthSpend
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, Made
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, month_of, months_between

MOST_TICKS = 8
LETTERS_APART = timedelta(days=45)
MARKED = "var(--vb-muted)"
ACTUAL, PROJECTED = "var(--vb-actual)", "var(--vb-projected)"


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A decision or a revision on the chart: the day, a short word, and what it was."""

    day: date
    word: str
    what: str


def marks_of(standing: Standing, decisions: Decisions) -> tuple[ChartMark, ...]:
    """Return the decisions and revisions of a workload as marks, oldest first."""
    marks = [
        ChartMark(localdate(d.decided_at), "D", f"{d.outcome_label}, {d.decided_by}")
        for d in decisions.rows
    ]
    for name, versions in (("Estimate", standing.estimates), ("Case", standing.cases)):
        marks += [
            ChartMark(localdate(v.mark.recorded_at), f"{name[0]}{v.mark.version}",
                      f"{name} v{v.mark.version}, {v.mark.recorded_by}")
            for v in versions
        ]  # fmt: skip
    return tuple(sorted(marks, key=lambda mark: mark.day))


@dataclass(frozen=True, slots=True)
class SpendMonth:
    """One month: what was spent, what was projected, and the difference once it is closed."""

    period: date
    label: str
    actual: Figure | None
    projected: Figure | None
    difference: Figure | None
    note: str


@dataclass(frozen=True, slots=True)
class SpendHistory:
    """Every month with spend or funding; `chart` is plotly's figure of the same.

    `so_far` is up to this month, the latest first; `to_come` follows it.
    """

    so_far: tuple[SpendMonth, ...]
    to_come: tuple[SpendMonth, ...]
    chart: dict[str, Any]
    marks: tuple[ChartMark, ...]
    basis: str


def spend_history(
    spend: Iterable[MonthSpend],
    closed: Iterable[date],
    schedule: Schedule | None,
    today: date,
    basis: str,
    *,
    about: About = UNNAMED,
    marks: Sequence[ChartMark] = (),
) -> SpendHistory:
    """Lay the spend of a workload beside its projection, month by month.

    `closed` are the organisation's closed months: a funded one without spend spent nothing.
    `about` names the workload, so that each figure can be explained; `marks` are what happened.
    """
    series = _series(list(spend), set(closed), schedule)
    words = f"{named(basis)} usage charges, before tax, credits and refunds"
    months = [_month(row, about, is_funded=schedule is not None) for row in series.itertuples()]
    return SpendHistory(
        tuple(m for m in reversed(months) if m.period <= month_of(today)),
        tuple(m for m in months if m.period > month_of(today)),
        _chart(series, schedule, marks),
        tuple(marks),
        words,
    )


def _series(spend: list[MonthSpend], closed: set[date], schedule: Schedule | None) -> pd.DataFrame:
    """Return a row per month: actual, projected, closed. Exact decimals, None where there is none.

    The columns of money are of objects, so that pandas keeps them `Decimal`.
    """
    projected: dict[date, Decimal] = {}
    if schedule:
        first = min(terms.first for terms in schedule.estimates)
        months = (add_months(first, k) for k in range(months_between(first, schedule.current.end)))
        projected = {m: to_cents(schedule.cost_of(m)) for m in months if schedule.terms_for(m)}
    actual = dict.fromkeys(closed & set(projected), Decimal(0))
    actual |= {month.period: to_cents(month.amount) for month in spend}
    frame = pd.DataFrame(
        {"actual": pd.Series(actual, dtype=object), "projected": pd.Series(projected, dtype=object)}
    ).sort_index()
    frame = frame.where(frame.notna(), None)
    return frame.assign(month=frame.index, closed=[month in closed for month in frame.index])


def _month(row: Any, whole: About, *, is_funded: bool) -> SpendMonth:
    about = month_named(whole, row.month)
    actual = _figure(row.actual, Kind.ACTUAL, about.made(What.MONTH_ACTUAL))
    projected = _figure(row.projected, Kind.PROJECTED, about.made(What.MONTH_PROJECTED))
    words = []
    if actual and not row.closed:
        words.append("not closed yet")
    if is_funded and projected is None:
        words.append("outside the funding")
    return SpendMonth(
        row.month,
        month_words(row.month),
        actual,
        projected,
        _over(actual, projected, about.made(What.MONTH_OVER))
        if actual and projected and row.closed
        else None,
        ", ".join(words),
    )


def _figure(amount: Decimal | None, kind: Kind, made: Made | None) -> Figure | None:
    return None if amount is None else Figure(amount, CURRENCY, kind, made=made)


def _over(actual: Figure, projected: Figure, made: Made | None) -> Figure:
    """Return by how much a month's spend lies above its projection (derived)."""
    return Figure(actual.amount - projected.amount, CURRENCY, Kind.DERIVED, made=made)


def _chart(
    series: pd.DataFrame, schedule: Schedule | None, marks: Sequence[ChartMark]
) -> dict[str, Any]:
    """Return plotly's figure. Amounts go as text, which it reads as numbers: no float rounds them.

    The funding window is a band behind the bars, what happened a line with a letter: the list
    below the chart says what each was.

    Colours are names of tokens, which charts.js resolves for the theme.
    """
    spent, planned = series[series.actual.notna()], series[series.projected.notna()]
    axis = _months_axis(list(series.month))
    hover = f"%{{y:,.2f}} {CURRENCY}"
    figure = go.Figure(
        data=[
            go.Bar(
                name="Actual spend",
                x=[f"{day:%Y-%m-%d}" for day in spent.month],
                y=spent.actual.astype(str).tolist(),
                # Months that are not closed may still grow: hatched, for whoever sees no colour.
                marker={
                    "color": ACTUAL,
                    "pattern": {"shape": ["" if done else "/" for done in spent.closed]},
                },
                hovertemplate=hover,
            ),
            go.Scatter(
                name="Projected cost",
                x=[f"{day:%Y-%m-%d}" for day in planned.month],
                y=planned.projected.astype(str).tolist(),
                mode="lines+markers",
                line={"color": PROJECTED, "width": 2, "dash": "dot"},
                marker={"size": 6, "symbol": "diamond"},
                hovertemplate=hover,
            ),
        ],
        layout={
            "template": None,
            "bargap": 0.35,
            "shapes": [*_window(schedule), *(_line(mark) for mark in marks)],
            "annotations": [_letters(each, axis) for each in _near(marks)],
            "xaxis": axis,
            "yaxis": {
                "type": "linear",
                "rangemode": "tozero",
                "tickformat": "~s",
                "title": {"text": f"{CURRENCY} a month"},
            },
        },
    )
    chart: dict[str, Any] = figure.to_plotly_json()
    return chart


def _window(schedule: Schedule | None) -> Iterator[dict[str, Any]]:
    if schedule is None:
        return
    window = schedule.current
    yield {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": f"{add_months(window.first, -1):%Y-%m}-16",
        "x1": f"{add_months(window.end, -1):%Y-%m}-16",
        "y0": 0,
        "y1": 1,
        "fillcolor": PROJECTED,
        "opacity": 0.08,
        "line": {"width": 0},
    }


def _line(mark: ChartMark) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": mark.day.isoformat(),
        "x1": mark.day.isoformat(),
        "y0": 0,
        "y1": 1,
        "line": {"color": MARKED, "width": 1, "dash": "dash"},
    }


def _near(marks: Sequence[ChartMark]) -> list[list[ChartMark]]:
    """Return marks together whose letters would lie over each other; they are oldest first."""
    found: list[list[ChartMark]] = []
    for mark in marks:
        if found and mark.day - found[-1][0].day < LETTERS_APART:
            found[-1].append(mark)
        else:
            found.append([mark])
    return found


def _letters(marks: Sequence[ChartMark], axis: dict[str, Any]) -> dict[str, Any]:
    """Return the letters of marks; those from before the first month stand at its beginning."""
    begin = axis.get("range", ("",))[0]
    return {
        "xref": "x",
        "yref": "paper",
        "x": max(marks[0].day.isoformat(), begin),
        "xanchor": "left" if marks[0].day.isoformat() < begin else "center",
        "y": 1,
        "yanchor": "bottom",
        "text": " ".join(mark.word for mark in marks),
        "hovertext": "<br>".join(mark.what for mark in marks),
        "showarrow": False,
    }


def _months_axis(months: list[date]) -> dict[str, Any]:
    """Return an axis of at least a year, so that few months are not drawn as a wall."""
    if not months:
        return {"type": "date"}
    length = max(MONTHS_A_YEAR, months_between(months[0], months[-1]) + 1)
    step = next((step for step in (1, 3, 6) if length / step <= MOST_TICKS), MONTHS_A_YEAR)
    end = add_months(months[0], length)
    return {
        "type": "date",
        "tickformat": formats.SHORT_MONTH,
        "tick0": f"{months[0]:%Y-%m-%d}",
        "dtick": f"M{step}",
        "range": [f"{add_months(months[0], -1):%Y-%m}-15", f"{add_months(end, -1):%Y-%m}-17"],
    }
