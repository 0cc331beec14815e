"""The table below the map: one page of rows with the chosen columns, and totals of all rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import parse_qsl

from django.core.paginator import Page, Paginator
from django.urls import reverse

from business_cases.figures import CURRENCY
from positions.cards import marks_of
from positions.query import COLUMNS, DEFAULT, Query
from positions.reader import Tree
from positions.rows import Row, Rows
from positions.totals import Totals
from valueboard.board.columns import COLUMN_OF, NAME, Cell, Column, fiscal_figure
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind, Made, ValueType

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Total:
    """The totals below a column, with words where there are two that never meet in one."""

    label: str
    figures: Sequence[tuple[Figure, str]] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column, and the address that sorts by it."""

    key: str
    label: str
    kind: str
    sort_url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    slug: str
    url: str
    name: str
    path: str
    owner: str
    revised: bool
    marks: Sequence[str]
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that may be shown."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows with the chosen columns, and totals of all."""

    heads: Sequence[Head]
    rows: Sequence[Line]
    totals: Sequence[Total]
    count: int
    pages: "Page[Row]"
    previous_url: str
    next_url: str
    choices: Sequence[ColumnChoice]
    kept: Sequence[tuple[str, str]]


def table_of(rows: Rows, all_of: Totals, query: Query, tree: Tree) -> Table:
    """Lay out a page of `rows`, which are chosen and in order; `all_of` are their totals."""
    pages = Paginator(rows.rows, ROWS_A_PAGE).get_page(query.page)
    columns = [COLUMN_OF[key] for key in query.columns]
    board = reverse("board")

    def address(number: int) -> str:
        return f"{board}?{query.address(page=number)}"

    return Table(
        heads=[_head(column, query) for column in (NAME, *columns)],
        rows=[line(row, columns, tree) for row in pages],
        totals=[Total(column.label, totals_of(column.key, rows, all_of)) for column in columns],
        count=len(rows.rows),
        pages=pages,
        previous_url=address(pages.previous_page_number()) if pages.has_previous() else "",
        next_url=address(pages.next_page_number()) if pages.has_next() else "",
        choices=[ColumnChoice(key, COLUMN_OF[key].label, key in query.columns) for key in COLUMNS],
        kept=parse_qsl(query.urlencode(columns=DEFAULT, page=1)),
    )


def line(row: Row, columns: Sequence[Column], tree: Tree) -> Line:
    """Return a row with the cells of some columns."""
    return Line(
        slug=row.slug,
        url=row.url,
        name=row.name,
        path=tree.path(row.space_id),
        owner=row.owner,
        revised=row.revised,
        marks=marks_of(row),
        cells=[column.cell(row, tree) for column in columns],
    )


def _head(column: Column, query: Query) -> Head:
    """Return a heading; its link turns the order round where the column sorts already."""
    rising, falling = column.key, f"-{column.key}"
    now = {rising: "ascending", falling: "descending"}.get(query.sort, "none")
    then = rising if now == "descending" or (now == "none" and column.rises) else falling
    url = f"{reverse('board')}?{query.urlencode(sort=then, page=1)}"
    return Head(column.key, column.label, column.kind, url, now)


def totals_of(key: str, rows: Rows, all_of: Totals) -> Sequence[tuple[Figure, str]]:
    """Return what a column adds up to; ratios and current amounts do not add up."""
    match key:
        case "opportunity":
            return (
                (all_of.cost_saving, ValueType.COST_SAVING.label),
                (all_of.revenue_driving, "Revenue Driving, never added to savings"),
            )
        case "projected":
            return ((all_of.projected, f"of {all_of.in_projected}, each in its own funding year"),)
        case "run_rate":
            return ((all_of.run_rate, f"of {all_of.in_run_rate} with spend"),)
        case "fiscal":
            figures = (fiscal_figure(row) for row in rows.rows)
            amounts = (figure.amount for figure in figures if figure)
            made = all_of.projected.made
            return ((_sum(amounts, Kind.PROJECTED, made, What.TOTAL_FISCAL), ""),)
        case "actual":
            amounts = (row.actual.amount for row in rows.rows)
            made = all_of.projected.made
            return ((_sum(amounts, Kind.ACTUAL, made, What.TOTAL_SPENT), ""),)
    return ()


def _sum(amounts: Iterable[Decimal], kind: Kind, beside: Made | None, what: What) -> Figure:
    """Add up, named like the total `beside` it."""
    made = replace(beside, what=what.value) if beside else None
    return Figure(sum(amounts, Decimal(0)), CURRENCY, kind, made=made)
