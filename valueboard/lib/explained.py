"""How a figure is made: its formula, and what went into it, as values (METHOD 1).

A figure names its explanation by `Made`; an app that computes figures explains them too, as an
`Explained`. What a panel prints and what the independent model recomputes are one `Explanation`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from valueboard.lib.figure import Figure, Kind, Made

MONTH = "month"  # the unit of a date that stands for its month


class What(StrEnum):
    """Every kind of figure that can be explained; no page shows another."""

    # What somebody stated.
    MONTHLY = "monthly"  # m
    GROWTH = "growth"  # g
    CURRENT = "current"  # C
    PERCENT = "percent"  # p
    AFTER = "after"  # C less, or with, O
    # Of a workload, or of a pair of versions.
    OPPORTUNITY = "opportunity"  # O
    PROJECTED = "projected"  # P of a funding year
    TERM = "term"  # ΣP
    SHARE = "share"  # O over some months
    SHARE_OF_TERM = "share_of_term"
    PROSPECT = "prospect"  # S of a funding year
    PROSPECT_OF_TERM = "prospect_of_term"
    PROSPECT_ACTUAL = "prospect_actual"  # S against actual spend
    SPENT = "spent"  # Σ actual over the months of that lens
    OUTSIDE = "outside"  # what closed months outside the funding cost
    PLANNED = "planned"  # what the months of that lens were planned to cost
    OVER = "over"  # Σ actual less that
    OVER_PERCENT = "over_percent"
    ACCURACY = "accuracy"  # the last closed month against its estimate
    FISCAL = "fiscal"  # projected over the organisation's fiscal year
    RUN_RATE = "run_rate"
    CHANGE = "change"  # after − before, of any of the above
    MOVED = "moved"  # the same between two moments, of one workload or of many
    MOVED_PART = "moved_part"  # what one cause did to it
    # Of a month or a day of a workload.
    MONTH_ACTUAL = "month_actual"
    MONTH_PROJECTED = "month_projected"
    MONTH_OVER = "month_over"
    DAY_ACTUAL = "day_actual"
    DAY_BY_MONTH = "day_by_month"  # what of it was charged for the whole month
    DAY_MEDIAN = "day_median"  # what its weekday usually costs
    DAY_LIMIT = "day_limit"  # above which it stands out
    TOKENS_ACTUAL = "tokens_actual"
    # Of many workloads; each value type by itself.
    TOTAL_PROJECTED = "total_projected"
    TOTAL_RUN_RATE = "total_run_rate"
    TOTAL_COST_SAVING = "total_cost_saving"
    TOTAL_REVENUE_DRIVING = "total_revenue_driving"
    TOTAL_UNBACKED_PROJECTED = "total_unbacked_projected"
    TOTAL_UNBACKED_RUN_RATE = "total_unbacked_run_rate"
    TOTAL_FISCAL = "total_fiscal"
    TOTAL_SPENT = "total_spent"
    # Of the other workloads of an owner; what is over and what is under plan, apart.
    TOTAL_PLANNED = "total_planned"
    TOTAL_OVER = "total_over"
    TOTAL_UNDER = "total_under"
    # Of all cases on one name.
    CLAIMED_LARGEST = "claimed_largest"  # the largest annual amount that one of them states
    CLAIMED_SHARE = "claimed_share"  # what they claim together, of that
    # Of gaps.
    UNCLAIMED = "unclaimed"  # what no rule gives to a workload
    TOTAL_UNCLAIMED = "total_unclaimed"
    # Of Governance Maturity: percentages, and the dollars of a numerator and a denominator.
    MATURITY = "maturity"
    MATURITY_SHARE = "maturity_share"
    MATURITY_PART = "maturity_part"
    MATURITY_WHOLE = "maturity_whole"
    MATURITY_ROW = "maturity_row"  # what one row of charges came to


class UnexplainedError(LookupError):
    """There is no such figure, or the reader may not know of it."""


@dataclass(frozen=True, slots=True)
class RecordRef:
    """The frozen record that a value was read from; `url` is the page of its chain."""

    what: str
    version: int
    recorded_at: datetime
    recorded_by: str
    hash: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that a figure is made of.

    `symbol` is its name in the formula. `value` is exact; `unit` as a figure's, `MONTH` for
    a month, or "" for a number, a day or a word; `kind` is None for what is no figure. `url` leads
    to how it is made itself, or to where it is kept.
    """

    symbol: str
    label: str
    value: Decimal | int | date | str
    unit: str = ""
    kind: Kind | None = None
    record: RecordRef | None = None
    url: str = ""
    note: str = ""

    @property
    def figure(self) -> Figure | None:
        """Return it as a figure; None for what is none."""
        if self.kind is None or not isinstance(self.value, Decimal):
            return None
        return Figure(self.value, self.unit, self.kind)

    @property
    def plain(self) -> str:
        """Return the value as text that another program reads: `1150000.00`, `2026-03-01`."""
        if isinstance(self.value, Decimal):
            return f"{self.value:f}"
        return self.value.isoformat() if isinstance(self.value, date) else str(self.value)


@dataclass(frozen=True, slots=True)
class Rows_:  # noqa: N801 - rows of a table, beside `positions.rows.Rows`
    """Many things of one kind that a figure is made of: months, lines, workloads.

    `columns` are the heads of `rows`, whose cells carry the symbols. `count` is how many there are
    in all and `url` where they are kept, in `url_words`; `rows` may be the ones of a page.
    """

    symbol: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Given, ...], ...]
    count: int
    url: str = ""
    note: str = ""
    url_words: str = "All of them"
    more: str = ""  # the next page of these rows

    @property
    def heads(self) -> tuple[tuple[str, bool], ...]:
        """Return the heads, each with whether figures stand below it."""
        first = self.rows[0] if self.rows else ()
        numeric = [cell.figure is not None for cell in first] or [False] * len(self.columns)
        return tuple(zip(self.columns, numeric, strict=True))


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one figure is made.

    `formula` names formula and version (`prospect@1`, docs/method.md 13), `words` writes it out,
    `equation` puts the numbers in. `as_of` is the day that it is of, `known_at` the moment by which
    everything in it was recorded.
    """

    made: Made
    figure: Figure
    title: str
    formula: str
    words: str
    inputs: tuple[Given | Rows_, ...]
    as_of: date
    known_at: datetime
    equation: str = ""
    about: tuple[str, str] = ("", "")  # of what it is a figure: its name and its page
    notes: tuple[str, ...] = ()

    @property
    def givens(self) -> tuple[Given, ...]:
        """Return the single things."""
        return tuple(each for each in self.inputs if isinstance(each, Given))

    @property
    def tables(self) -> tuple[Rows_, ...]:
        """Return the many things."""
        return tuple(each for each in self.inputs if isinstance(each, Rows_))


# Who explains the figures whose `of` begins with a prefix: a reader, the figure's name, the moment
# and the page of its rows come in; `UnexplainedError` is raised for what there is not to explain.
Explained = Callable[[Any, Made, datetime, int], Explanation]
