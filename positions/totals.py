"""Totals and groups of rows. Unlike kinds of dollars never meet in one sum."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from business_cases.figures import CURRENCY
from business_cases.standing import UNBACKED
from positions.reader import Tree
from positions.row import Row
from valueboard.lib.figure import Figure, Kind, ValueType


@dataclass(frozen=True, slots=True)
class Totals:
    """What rows come to, each kind of figure and each value type by itself.

    Projected adds each workload's own funding year. Run-rates are those that are scaled to a year;
    a month to date is none.
    """

    count: int
    projected: Figure
    run_rate: Figure
    cost_saving: Figure
    revenue_driving: Figure
    cost_saving_cases: int
    revenue_driving_cases: int
    unbacked: int
    unbacked_projected: Figure
    unbacked_run_rate: Figure
    actual: Figure

    def declared(self, value_type: ValueType) -> Figure:
        """Return the total of one value type."""
        saving = value_type is ValueType.COST_SAVING
        return self.cost_saving if saving else self.revenue_driving


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one part of the Space tree, largest first, with its totals.

    `space_id` and all inside it; where `own`, what lies in that Space itself and in none below it.
    `rows` are the largest, `smaller` the others. `has_below` says that one can go down further.
    """

    space_id: int
    name: str
    path: str
    slug: str
    own: bool
    has_below: bool
    rows: tuple[Row, ...]
    smaller: tuple[Row, ...]
    totals: Totals

    @property
    def projected(self) -> Figure:
        """Return the projected cost of all its rows."""
        return self.totals.projected

    @property
    def run_rate(self) -> Figure:
        """Return the yearly run-rates of all its rows."""
        return self.totals.run_rate


def totals(rows: Iterable[Row]) -> Totals:
    """Add up rows."""
    rows = list(rows)
    unbacked = [row for row in rows if row.band == UNBACKED]
    by_type = {
        each: [row.o for row in rows if row.value_type is each and row.o is not None]
        for each in ValueType
    }
    return Totals(
        count=len(rows),
        projected=_projected(rows),
        run_rate=_run_rate(rows),
        cost_saving=_declared(by_type, ValueType.COST_SAVING),
        revenue_driving=_declared(by_type, ValueType.REVENUE_DRIVING),
        cost_saving_cases=len(by_type[ValueType.COST_SAVING]),
        revenue_driving_cases=len(by_type[ValueType.REVENUE_DRIVING]),
        unbacked=len(unbacked),
        unbacked_projected=_projected(unbacked),
        unbacked_run_rate=_run_rate(unbacked),
        actual=_figure((row.last_closed or Decimal(0) for row in rows), Kind.ACTUAL),
    )


def groups(rows: Iterable[Row], tree: Tree, under: int | None, top: int) -> list[Group]:
    """Group rows by the Spaces right below `under` (None: by those that begin a path).

    Rows that lie in `under` itself are a group of their own. The group that is largest comes
    first; each has its `top` largest rows, and the rest as `smaller`: never one alone.
    """
    found: dict[tuple[int, bool], list[Row]] = defaultdict(list)
    for row in rows:
        found[_place(row, tree, under)].append(row)
    made = [_group(tree, pk, inside, top, own=own) for (pk, own), inside in found.items()]
    return sorted(made, key=lambda g: (-_size(g.rows) - _size(g.smaller), g.path, g.own))


def _place(row: Row, tree: Tree, under: int | None) -> tuple[int, bool]:
    """Return the Space that a row is grouped by, and whether it lies in `under` itself."""
    trail = tree.trail(row.space_id)
    if under is None:
        return trail[0], False
    if under not in trail or trail[-1] == under:
        return row.space_id, True
    return trail[trail.index(under) + 1], False


def _group(tree: Tree, pk: int, rows: Sequence[Row], top: int, *, own: bool) -> Group:
    largest = sorted(rows, key=lambda row: (-row.size, row.name, row.id))
    # A tile that stands for one workload would only hide its name.
    cut = top if len(largest) > top + 1 else len(largest)
    return Group(
        pk,
        tree.name(pk),
        tree.path(pk),
        tree.slug(pk),
        own,
        not own and bool(tree.children(pk)),
        tuple(largest[:cut]),
        tuple(largest[cut:]),
        totals(largest),
    )


def _size(rows: Iterable[Row]) -> Decimal:
    return sum((row.size for row in rows), Decimal(0))


def _projected(rows: Iterable[Row]) -> Figure:
    return _figure((row.p for row in rows if row.p is not None), Kind.PROJECTED)


def _run_rate(rows: Iterable[Row]) -> Figure:
    return _figure((row.rate.amount for row in rows if row.rate.months), Kind.ACTUAL)


def _declared(by_type: dict[ValueType, list[Decimal]], value_type: ValueType) -> Figure:
    return _figure(by_type[value_type], Kind.DECLARED, value_type)


def _figure(amounts: Iterable[Decimal], kind: Kind, value_type: ValueType | None = None) -> Figure:
    return Figure(sum(amounts, Decimal(0)), CURRENCY, kind, value_type)
