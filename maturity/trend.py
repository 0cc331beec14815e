"""The trend of a dimension over 24 months: lines to draw, and the table that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from maturity.formulas import Scored
from maturity.keeping import Point
from maturity.names import Names
from maturity.pages import percent_of
from maturity.score import Dimension, Tier, overall_tier
from maturity.words import decides_words
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, at_moment
from valueboard.lib.moment import end_of

STEP, HEIGHT = 10, 50  # of the drawing: between two months, and of 100 percent


@dataclass(frozen=True, slots=True)
class Dot:
    """One month of a drawing."""

    x: int
    y: Decimal
    tier: Tier | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A dimension in one month: percentage and tier; `version` of its formula."""

    key: Dimension
    percent: Figure | None
    tier: Tier | None
    version: int
    decides: str = ""  # which share does, where the percentage does not


@dataclass(frozen=True, slots=True)
class Line:
    """A dimension's months: dots, the lines between neighbours, and words that say the same."""

    key: Dimension
    dots: tuple[Dot, ...]
    paths: tuple[str, ...]
    width: int
    words: str
    ends: tuple[tuple[Cell, date], ...]  # the first and the last month with data

    @property
    def label(self) -> str:
        """Return the name."""
        return self.key.label


@dataclass(frozen=True, slots=True)
class Month:
    """One row of the table: the last day of a month, or the day of the page."""

    day: date
    is_now: bool
    is_kept: bool
    cells: tuple[Cell, ...]
    overall: Tier | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of all dimensions, the months oldest first."""

    lines: tuple[Line, ...]
    months: tuple[Month, ...]

    @property
    def latest_first(self) -> tuple[Month, ...]:
        """Return the months as a table lists them."""
        return self.months[::-1]

    @property
    def missing(self) -> int:
        """Return how many months are not kept yet."""
        return sum(1 for month in self.months if not month.is_kept)

    @property
    def is_empty(self) -> bool:
        """Tell whether no month has data."""
        return not any(line.dots for line in self.lines)


def trend_of(
    kept: Sequence[tuple[date, Point | None]],
    now: tuple[date, dict[Dimension, Scored]],
    names: Names,
) -> Trend:
    """Return the trend: the ends of past months as they were kept, then the day of the page.

    `names` names the figures of the page, and so those of its day.
    """
    months = [
        _month(
            day,
            point.scores if point else {},
            replace(names, at=at_moment(end_of(day))),
            is_kept=point is not None,
        )
        for day, point in kept
    ]
    months.append(_month(now[0], now[1], names, is_now=True))
    return Trend(tuple(_line(key, months) for key in Dimension), tuple(months))


def _month(
    day: date,
    found: Mapping[Dimension, Scored],
    names: Names,
    *,
    is_now: bool = False,
    is_kept: bool = True,
) -> Month:
    cells = tuple(
        Cell(
            key,
            names.name(percent_of(found[key]), What.MATURITY, key),
            found[key].tier,
            found[key].version,
            decides_words(found[key]),
        )
        if key in found
        else Cell(key, None, None, 0)
        for key in Dimension
    )
    return Month(day, is_now, is_kept, cells, overall_tier([cell.tier for cell in cells]))


def _line(key: Dimension, months: Sequence[Month]) -> Line:
    place = list(Dimension).index(key)
    runs: list[list[Dot]] = [[]]
    for number, month in enumerate(months):
        cell = month.cells[place]
        if cell.percent is None:
            runs.append([])
            continue
        y = HEIGHT - cell.percent.amount * HEIGHT / 100
        runs[-1].append(Dot(STEP // 2 + STEP * number, y, cell.tier))
    paths = [" ".join(f"{dot.x},{dot.y:f}" for dot in run) for run in runs if len(run) > 1]
    return Line(
        key,
        tuple(dot for run in runs for dot in run),
        tuple(paths),
        STEP * len(months),
        _words(place, months),
        _ends(place, months),
    )


def _ends(place: int, months: Sequence[Month]) -> tuple[tuple[Cell, date], ...]:
    known = [(month.cells[place], month.day) for month in months if month.cells[place].percent]
    return (known[0], known[-1]) if len(known) > 1 else tuple(known)


def _words(place: int, months: Sequence[Month]) -> str:
    known = [month for month in months if month.cells[place].percent]
    if not known:
        return "no data in these months"
    parts = []
    for month in (known[0], known[-1]):
        cell = month.cells[place]
        number = formats.number(cell.percent.amount, 1) if cell.percent else ""
        tier = cell.tier.label if cell.tier else ""
        tier = f" ({', '.join(filter(None, [tier, cell.decides]))})" if tier else ""
        parts.append(f"{number}%{tier} on {formats.day(month.day)}")
    return f"From {parts[0]}, to {parts[1]}" if len(known) > 1 else parts[0]
