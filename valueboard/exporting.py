"""The board as rows of a file: exactly what is filtered, in its order, with every figure.

Heads name unit and kind. Dollars of the two value types stand in two columns, so that nobody adds
them up. A multiple stands rounded down as the screen shows it, and unrounded beside it: the band
is taken on that.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urljoin

from django.conf import settings
from django.utils.timezone import localdate, localtime

from approvals.models import Decision
from business_cases.figures import CURRENCY, growth_figure, monthly_figure, percent_figure
from business_cases.standing import Score
from cur_ingest.bases import BASIS_WORDS
from positions.fiscal import fiscal_cost
from positions.query import STATES
from positions.reader import Tree
from positions.rows import Row
from valueboard.board.page import Board
from valueboard.lib.figure import Figure, Kind, ValueType
from valueboard.lib.palette import LOOK_OF
from valueboard.lib.sheets import Cell, Sheet, fits, head, shown_multiple

DIGITS = Decimal(1).scaleb(-12)
NAME_WIDTH, PATH_WIDTH = 34, 28
KINDS = (
    "declared: somebody asserted it. projected: computed from planning figures. actual: from AWS "
    "cost data. derived: a ratio or difference of these. Declared and projected figures are "
    "planning figures, not outcomes."
)


# --- columns --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, and what it says of a row."""

    head: str
    cell: Callable[[Row, Tree], Cell]


def _money(label: str, kind: Kind, read: Callable[[Row], Decimal | None]) -> Column:
    def cell(row: Row, _: Tree) -> Cell:
        amount = read(row)
        return None if amount is None else Figure(amount, CURRENCY, kind)

    return Column(head(label, CURRENCY, kind), cell)


def _of_type(label: str, value_type: ValueType, read: Callable[[Row], Decimal | None]) -> Column:
    named = f"{label}, {value_type.label}"
    return _money(
        named, Kind.DECLARED, lambda row: read(row) if row.value_type is value_type else None
    )


def _multiple(label: str, read: Callable[[Row], Score | None]) -> tuple[Column, ...]:
    def ratio(row: Row) -> Fraction | None:
        score = read(row)
        return score.ratio if score else None

    def shown(row: Row, _: Tree) -> Cell:
        found = ratio(row)
        return None if found is None else Figure(shown_multiple(found), "×", Kind.DERIVED)

    def unrounded(row: Row, _: Tree) -> Cell:
        found = ratio(row)
        if found is None:
            return None
        exactly = Decimal(found.numerator) / Decimal(found.denominator)
        return exactly.quantize(DIGITS)

    def band(row: Row, _: Tree) -> Cell:
        score = read(row)
        return LOOK_OF[score.band].label if score else ""

    return (
        Column(head(label, "×", Kind.DERIVED), shown),
        Column(f"{label}, to 12 decimals", unrounded),
        Column(f"{label}, band", band),
    )


def _acknowledgement(row: Row, _: Tree) -> Cell:
    approval = row.decisions.approval
    return Decision.Acknowledgement(approval.acknowledgement).label if approval else ""


COLUMNS: tuple[Column, ...] = (
    Column("Workload", lambda row, _: row.name),
    Column("Space", lambda row, tree: tree.path(row.space_id)),
    Column("Owner", lambda row, _: row.owner),
    Column("Value type", lambda row, _: row.value_type.label if row.value_type else ""),
    Column("State", lambda row, _: ", ".join(STATES[s] for s in STATES if s in row.states)),
    Column("Revised", lambda row, _: "Revised" if row.revised else ""),
    *(_of_type("Current annual amount", each, lambda row: row.c) for each in ValueType),
    Column(
        head("Expected change", "%", Kind.DECLARED),
        lambda row, _: percent_figure(row.case) if row.case else None,
    ),
    *(_of_type("Declared annual opportunity", each, lambda row: row.o) for each in ValueType),
    _money("Projected annual cost", Kind.PROJECTED, lambda row: row.p),
    Column("Funded months of the funding year", lambda row, _: row.f or None),
    Column(
        head("First month", CURRENCY, Kind.PROJECTED),
        lambda row, _: monthly_figure(row.schedule.current) if row.schedule else None,
    ),
    Column(
        head("Growth a month", "%", Kind.PROJECTED),
        lambda row, _: growth_figure(row.schedule.current) if row.schedule else None,
    ),
    _money("Cost of the fiscal year", Kind.PROJECTED, fiscal_cost),
    _money(
        "Cost of the whole term",
        Kind.PROJECTED,
        lambda row: row.schedule.term_cost() if row.schedule else None,
    ),
    _money(
        "Actual run-rate",
        Kind.ACTUAL,
        lambda row: row.rate.amount if row.spent.amounts else None,
    ),
    Column("Actual run-rate is of", lambda row, _: row.rate_note),
    _money("Actual of the last closed month", Kind.ACTUAL, lambda row: row.last_closed),
    _money(
        "Actual of the closed months in the funding window",
        Kind.ACTUAL,
        lambda row: row.actual.amount if row.actual.months else None,
    ),
    *_multiple("Investment Prospect", lambda row: row.score),
    *_multiple("Baseline Prospect", lambda row: row.baseline),
    *_multiple("Acknowledged Prospect", lambda row: row.acknowledged),
    Column(
        "Last decision",
        lambda row, _: (
            Decision.Outcome(row.last_decision.outcome).label if row.last_decision else ""
        ),
    ),
    Column("Decided by", lambda row, _: row.last_decision.by if row.last_decision else ""),
    Column(
        "Decided on", lambda row, _: localdate(row.last_decision.at) if row.last_decision else None
    ),
    Column("Acknowledgement", _acknowledgement),
    Column("Address", lambda row, _: urljoin(settings.BASE_URL, row.url)),
)


# --- rows and sheets ------------------------------------------------------------------------------


def rows_of(shown: Board) -> Iterator[Sequence[Cell]]:
    """Yield the head, and a row for each workload, in the order of the board."""
    yield [column.head for column in COLUMNS]
    for row in shown.rows.rows:
        yield [column.cell(row, shown.tree) for column in COLUMNS]


def sheets_of(shown: Board, who: str, at: datetime) -> Iterator[Sheet]:
    """Yield the sheet of the board, then the sheet about it: what its figures come from."""
    too_long: list[Figure] = []
    yield Sheet("Value Board", _noting(rows_of(shown), too_long), (NAME_WIDTH, PATH_WIDTH))
    yield Sheet("About", about(shown, who, at, too_long), (NAME_WIDTH, PATH_WIDTH))


def _noting(rows: Iterable[Sequence[Cell]], too_long: list[Figure]) -> Iterator[Sequence[Cell]]:
    """Yield rows, noting the figures in them that no number of a spreadsheet holds."""
    for row in rows:
        too_long += (cell for cell in row if isinstance(cell, Figure) and not fits(cell.amount))
        yield row


def about(
    shown: Board, who: str, at: datetime, too_long: Sequence[Figure]
) -> Iterator[Sequence[Cell]]:
    """Yield what the rows are of: filters, day, versions, deliveries, who and when, and totals.

    `too_long` are those figures of the rows that stand as texts; it is asked for at the end.
    """
    rows = shown.rows
    yield ("What", "Value")
    yield ("Exported by", who)
    yield ("Exported at", f"{localtime(at):%Y-%m-%d %H:%M:%S %Z}")
    yield ("Organisation", settings.ORGANISATION_NAME)
    yield ("As of", rows.today)
    yield ("Known at", f"{localtime(rows.known_at):%Y-%m-%d %H:%M:%S %Z}")
    yield ("Lens", rows.lens.label)
    for each in shown.asked:
        yield (f"Filter: {each.label}", each.words)
    yield ("Order", shown.query.sort)
    yield ("Address", urljoin(settings.BASE_URL, f"/?{shown.query.urlencode()}"))
    yield ("Workloads", len(rows.rows))
    yield ("Currency", CURRENCY)
    yield ("Cost basis", f"{rows.basis}: {BASIS_WORDS[rows.basis]}")
    yield ("Bounds of the bands, version", rows.bounds_version)
    for bound in rows.bounds:
        at_least = Figure(bound.at_least, "×", Kind.DERIVED)
        yield (f"{LOOK_OF[bound.band].label} from", at_least)
    yield ("Closed months", ", ".join(f"{month:%Y-%m}" for month in rows.closed))
    for delivery in rows.deliveries:
        yield ("Delivery id", delivery)
    yield from named_totals(shown)
    if too_long:
        yield ("Amounts of more than 15 digits, which stand as texts", len(too_long))
    yield ("Kinds", KINDS)


def named_totals(shown: Board) -> Iterator[tuple[str, Figure]]:
    """Yield what the rows come to, each kind and each value type by itself."""
    found = shown.totals
    for value_type in ValueType:
        label = f"Total declared annual opportunity, {value_type.label}"
        yield head(label, CURRENCY, Kind.DECLARED), found.declared(value_type)
    projected = "Total projected annual cost, each workload in its own funding year"
    yield head(projected, CURRENCY, Kind.PROJECTED), found.projected
    yield head("Total actual run-rate", CURRENCY, Kind.ACTUAL), found.run_rate
