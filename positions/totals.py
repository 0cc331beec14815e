"""Totals and groups of rows. Unlike kinds of dollars never meet in one sum."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from business_cases.figures import CURRENCY
from business_cases.standing import UNBACKED
from positions.reader import Tree
from positions.row import Row
from valueboard.lib.figure import Figure, Kind, ValueType

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """What rows come to, each kind of figure and each value type by itself.

    Projected adds each workload's own funding year. Run-rates are those that are scaled to a year;
    a month to date is none. So the two are of different workloads: `in_projected` and `in_run_rate`
    count those that add to each, `in_both` those that add to both.
    """

    count: int
    projected: Figure
    in_projected: int
    run_rate: Figure
    in_run_rate: int
    in_both: int
    cost_saving: Figure
    revenue_driving: Figure
    cost_saving_cases: int
    revenue_driving_cases: int
    unbacked: int
    unbacked_projected: Figure
    in_unbacked_projected: int
    unbacked_run_rate: Figure
    in_unbacked_run_rate: int

    def declared(self, value_type: ValueType) -> Figure:
        """Return the total of one value type."""
        saving = value_type is ValueType.COST_SAVING
        return self.cost_saving if saving else self.revenue_driving


@dataclass(frozen=True)
class Group:
    """The rows of one part of the Space tree, largest first.

    `space_id` and all inside it; where `own`, what lies in that Space itself and in none below it.
    `rows` are the largest, `smaller` the others.
    """

    space_id: int
    name: str
    path: str
    slug: str
    own: bool
    rows: tuple[Row, ...]
    smaller: tuple[Row, ...]

    @cached_property
    def totals(self) -> Totals:
        """Return what all its rows come to."""
        return totals((*self.rows, *self.smaller))

    @cached_property
    def size(self) -> Decimal:
        """Return the areas of all its rows, which order the groups."""
        return sum((row.size for rows in (self.rows, self.smaller) for row in rows), Decimal(0))

    def cut(self, top: int) -> "Group":
        """Return it with its `top` largest rows, and the rest as `smaller`: never one alone."""
        every = (*self.rows, *self.smaller)
        # A tile that stands for one workload would only hide its name.
        most = top if len(every) > top + 1 else len(every)
        return replace(self, rows=every[:most], smaller=every[most:])


def totals(rows: Iterable[Row]) -> Totals:
    """Add up rows."""
    rows = list(rows)
    sums, unbacked = Sums(rows), Sums([row for row in rows if row.band == UNBACKED])
    declared: dict[ValueType | None, list[Decimal]] = defaultdict(list)
    for row in rows:
        if row.o is not None:
            declared[row.value_type].append(row.o)
    saving, driving = declared[ValueType.COST_SAVING], declared[ValueType.REVENUE_DRIVING]
    return Totals(
        count=len(rows),
        projected=_figure(sums.projected, Kind.PROJECTED),
        in_projected=sums.in_projected,
        run_rate=_figure(sums.run_rate, Kind.ACTUAL),
        in_run_rate=sums.in_run_rate,
        in_both=sums.in_both,
        cost_saving=_figure(sum(saving, NOTHING), Kind.DECLARED, ValueType.COST_SAVING),
        revenue_driving=_figure(sum(driving, NOTHING), Kind.DECLARED, ValueType.REVENUE_DRIVING),
        cost_saving_cases=len(saving),
        revenue_driving_cases=len(driving),
        unbacked=unbacked.count,
        unbacked_projected=_figure(unbacked.projected, Kind.PROJECTED),
        in_unbacked_projected=unbacked.in_projected,
        unbacked_run_rate=_figure(unbacked.run_rate, Kind.ACTUAL),
        in_unbacked_run_rate=unbacked.in_run_rate,
    )


def groups(rows: Iterable[Row], tree: Tree, under: int | None, top: int) -> list[Group]:
    """Group rows by the Spaces right below `under` (None: by those that begin a path).

    Rows that lie in `under` itself are a group of their own. The group that is largest comes
    first; each is cut to its `top` largest rows (`Group.cut`).
    """
    found: dict[tuple[int, bool], list[Row]] = defaultdict(list)
    # A Space has one place, however many rows it has.
    places: dict[int, tuple[int, bool]] = {}
    for row in rows:
        place = places.get(row.space_id)
        if place is None:
            place = places[row.space_id] = _place(row.space_id, tree, under)
        found[place].append(row)
    made = [_group(tree, pk, inside, own=own).cut(top) for (pk, own), inside in found.items()]
    return sorted(made, key=lambda group: (-group.size, group.path, group.own))


def _place(space_id: int, tree: Tree, under: int | None) -> tuple[int, bool]:
    """Return the Space that rows of one are grouped by, and whether they lie in `under` itself."""
    trail = tree.trail(space_id)
    if under is None:
        return trail[0], False
    if under not in trail or trail[-1] == under:
        return space_id, True
    return trail[trail.index(under) + 1], False


def _group(tree: Tree, pk: int, rows: Iterable[Row], *, own: bool) -> Group:
    largest = sorted(rows, key=lambda row: (-row.size, row.name, row.id))
    return Group(
        pk,
        tree.name(pk),
        tree.path(pk),
        tree.slug(pk),
        own,
        tuple(largest),
        (),
    )


class Sums:
    """What rows come to that every total has: their number, projected costs, and run-rates."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Add up rows; a workload without any spend has no run-rate, though months make it 0."""
        planned = [row for row in rows if row.p is not None]
        scaled = [row for row in rows if row.rate.months]
        spending = [row for row in scaled if row.spent.amounts]
        self.count, self.in_projected, self.in_run_rate = len(rows), len(planned), len(spending)
        self.in_both = sum(1 for row in spending if row.p is not None)
        self.projected = sum((row.p for row in planned if row.p is not None), NOTHING)
        self.run_rate = sum((row.rate.amount for row in scaled), NOTHING)


def _figure(amount: Decimal, kind: Kind, value_type: ValueType | None = None) -> Figure:
    return Figure(amount, CURRENCY, kind, value_type)
