"""The rows behind a numerator and its denominator, as a page and as a file show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from business_cases.figure_names import workload_about
from maturity.counting import Counted, deviation, share_of
from maturity.evidence import Evidence, Opening, Subject
from maturity.formulas import Scored
from maturity.names import Names
from maturity.pages import CURRENCY, actual, counted_words, projected, url_of
from maturity.score import HUNDRED, Dimension, Measure, Share
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.sheets import Cell, head

# What is counted in, for a person and for a spreadsheet.
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of what is known of a row: its label, what to read, and the kind of its figures.

    `read` takes what the row is about, of the type that its measure counts.
    """

    label: str
    read: Callable[[Any, Evidence], Cell]
    kind: Kind | None = None
    unit: str = ""

    @property
    def head(self) -> str:
        """Return the head of the column in a file."""
        return head(self.label, self.unit, self.kind) if self.kind else self.label


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell of a row; which of its properties is there says what it holds."""

    column: Column
    value: Cell

    @property
    def figure(self) -> Figure | None:
        """Return a figure."""
        return self.value if isinstance(self.value, Figure) else None

    @property
    def day(self) -> date | None:
        """Return a day."""
        return self.value if isinstance(self.value, date) else None

    @property
    def text(self) -> str:
        """Return a text; empty where there is nothing."""
        return self.value if isinstance(self.value, str) else ""


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row: what it is about, whether it counts and why, and what else is known of it."""

    name: str
    url: str
    counts: bool
    why: str
    cells: tuple[CellShown, ...]


@dataclass(frozen=True, slots=True)
class RowsShown:
    """The rows of a measure that were asked for, and what they come to."""

    measure: Measure
    columns: tuple[Column, ...]
    rows: tuple[Counted, ...]
    evidence: Evidence
    share: Share
    names: Names | None = None

    def shown(self, rows: Sequence[Counted]) -> list[RowShown]:
        """Return some of the rows as a page shows them."""
        return [
            RowShown(
                row.of.name,
                url_of(row.of, self.evidence),
                row.counts,
                row.why,
                tuple(CellShown(c, self._named(c, row)) for c in self.columns),
            )
            for row in rows
        ]

    @property
    def numerator(self) -> Figure | None:
        """Return the numerator where it is of dollars."""
        return self._sum(self.share.part, What.MATURITY_PART)

    @property
    def denominator(self) -> Figure | None:
        """Return the denominator where it is of dollars."""
        return self._sum(self.share.whole, What.MATURITY_WHOLE)

    @property
    def counted(self) -> str:
        """Return what the rows come to in words, where they are counted."""
        return "" if self.measure.is_money else counted_words(self.measure, self.share)

    def _sum(self, amount: Decimal, what: What) -> Figure | None:
        figure = actual(amount, self.evidence) if self.measure.is_money else None
        return self.names.name(figure, what, self.measure) if self.names else figure

    def _named(self, column: Column, row: Counted) -> Cell:
        value = column.read(row.of, self.evidence)
        if not (self.names and isinstance(value, Figure)):
            return value
        return named_cell(column, value, row.of, self.names, self.evidence)

    def table(self) -> Iterator[Sequence[Cell]]:
        """Yield the rows of a file: the head, then every row."""
        yield ("what", "in the numerator", "why", *(column.head for column in self.columns))
        for row in self.shown(self.rows):
            yield (
                row.name,
                YES if row.counts else NO,
                row.why,
                *(cell.value for cell in row.cells),
            )


def named_cell(
    column: Column, figure: Figure, of: object, names: Names, evidence: Evidence
) -> Figure:
    """Return a figure of a row with the name of its explanation."""
    if column.kind is Kind.DERIVED and isinstance(of, Subject):
        return figure.explained_as(workload_about(of.slug, names.at).made(What.ACCURACY))
    planned = column.kind is Kind.PROJECTED
    return names.spend(figure, of, evidence.period, planned=planned)


def rows_of(
    scored: Scored,
    measure: Measure,
    evidence: Evidence,
    counts: str = "",
    names: Names | None = None,
) -> RowsShown:
    """Return the rows of a measure, those that do not count first, the largest before others.

    `counts` is `yes` for the numerator's alone, `no` for what is in the denominator only; the share
    is always that of all of them.
    """
    every = rows = scored.rows.get(measure, ())
    if counts:
        rows = [row for row in rows if row.counts == (counts == YES)]
    ordered = sorted(rows, key=lambda row: (row.counts, -_size(row), row.of.name))
    columns = COLUMNS[measure.dimension]
    return RowsShown(measure, columns, tuple(ordered), evidence, share_of(every), names)


def _size(row: Counted) -> Decimal:
    return row.of.spend or Decimal(0) if isinstance(row.of, Subject) else row.whole


def _difference(of: Subject, evidence: Evidence) -> Figure | None:  # noqa: ARG001 - as all readers
    if deviation(of) is None or of.planned is None or of.spend is None:
        return None
    return Figure(
        (of.spend / of.planned - 1) * HUNDRED,
        "%",
        Kind.DERIVED,
        formula="(Actual − estimate) ÷ estimate",
    )


def _gap_kind(of: Opening, evidence: Evidence) -> str:  # noqa: ARG001 - as all readers
    return of.kind_words or of.kind


COLUMNS: dict[Dimension, tuple[Column, ...]] = {
    Dimension.ATTRIBUTION: (
        Column("Charges", lambda of, e: actual(of.amount, e), Kind.ACTUAL, CURRENCY),
    ),
    Dimension.ESTIMATE: (
        Column("First cost", lambda of, _: of.first_cost),
        Column("Confirmed", lambda of, _: min((c.day for c in of.confirmed), default=None)),
        Column("Spend", lambda of, e: actual(of.spend, e), Kind.ACTUAL, CURRENCY),
    ),
    Dimension.APPROVAL: (Column("Approved on", lambda of, _: of.day),),
    Dimension.ACCURACY: (
        Column("Spend", lambda of, e: actual(of.spend, e), Kind.ACTUAL, CURRENCY),
        Column("Estimate", lambda of, e: projected(of.planned, e), Kind.PROJECTED, CURRENCY),
        Column("Difference", _difference, Kind.DERIVED, "%"),
    ),
    Dimension.RESPONSE: (
        Column("Kind", _gap_kind),
        Column("Opened", lambda of, _: of.day),
        Column("Acted on", lambda of, _: of.actioned),
        Column("Resolved", lambda of, _: of.resolved),
    ),
}
