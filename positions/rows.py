"""One row per workload, of any moment and lens, from facts alone: nothing is asked here.

`rows_at` makes them, `chosen` filters and sorts; totals and groups are next door (`totals`). The
map, the table, every export, packs and reviews start here, so that they can't differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from business_cases.facts import Facts, RunFact
from business_cases.moment import Actual, Moment, moment_of
from business_cases.standing import Lens
from positions.fiscal import fiscal_cost
from positions.query import Query
from positions.reader import Tree
from positions.row import Row
from positions.totals import Group, Totals, groups, totals
from valueboard.lib.bands import Bound

__all__ = [
    "Actual",
    "Group",
    "Moment",
    "Row",
    "Rows",
    "Totals",
    "beside_the_map",
    "chosen",
    "groups",
    "rows_at",
    "totals",
]


@dataclass(frozen=True)
class Rows:
    """Rows of a moment and lens, with what they share; `runs` are those whose spend they show.

    `inside` are the Spaces that were chosen, None where no Space was asked for.
    """

    rows: tuple[Row, ...]
    at: Moment
    facts: Facts = field(repr=False)
    runs: tuple[RunFact, ...] = ()
    inside: frozenset[int] | None = None

    @property
    def known_at(self) -> datetime:
        """Return the moment."""
        return self.at.known_at

    @property
    def today(self) -> date:
        """Return the day of the moment, where the organisation is."""
        return self.at.today

    @property
    def lens(self) -> Lens:
        """Return the lens."""
        return self.at.lens

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Return the bounds of the bands."""
        return self.at.bounds

    @property
    def bounds_version(self) -> int:
        """Return the number of their version."""
        return self.at.bounds_version

    @property
    def basis(self) -> str:
        """Return the cost basis of all spend in them."""
        return self.at.basis

    @property
    def closed(self) -> tuple[date, ...]:
        """Return the closed months, oldest first."""
        return self.at.closed

    @property
    def deliveries(self) -> tuple[int, ...]:
        """Return the ids of the deliveries whose spend they show."""
        return tuple(sorted({run.delivery_id for run in self.runs}))

    @property
    def on_map(self) -> "Rows":
        """Return those on the map alone."""
        return replace(self, rows=tuple(row for row in self.rows if row.on_map))

    @cached_property
    def by_id(self) -> dict[int, Row]:
        """Return the rows by the id of their workload."""
        return {row.id: row for row in self.rows}


def rows_at(facts: Facts, moment: datetime, lens: Lens = Lens.PLANNED, *, asked: str = "") -> Rows:
    """Return every workload of `facts` that was recorded by `moment`, one of `facts.moments`.

    `asked` is the query that names moment and lens to the explanations of figures.

    Those that are proposed, stopped or ended too: who is on the map says `Row.on_map`.
    """
    at = replace(moment_of(facts, moment, lens), asked=asked)
    return Rows(tuple(Row.all_of(facts, at)), at, facts, tuple(facts.runs[moment]))


def chosen(rows: Rows, query: Query, tree: Tree) -> Rows:
    """Return the rows on the map that a query asks for, in its order."""
    return _chosen(rows.on_map, query, tree)


def beside_the_map(rows: Rows, query: Query, tree: Tree) -> Rows:
    """Return what a search finds of proposed, stopped and ended workloads; nothing without one."""
    if not query.text:
        return replace(rows, rows=())
    off = replace(rows, rows=tuple(row for row in rows.rows if not row.on_map))
    return _chosen(off, query, tree)


def _chosen(rows: Rows, query: Query, tree: Tree) -> Rows:
    tests = _tests(query, tree)
    found = [row for row in rows.rows if all(test(row) for test in tests)]
    inside = _inside(query, tree)
    return replace(rows, rows=tuple(ordered(found, query.sort, tree)), inside=inside)


def _inside(query: Query, tree: Tree) -> frozenset[int] | None:
    # A Space that one may not read filters nothing: its name would tell that there is one.
    space = tree.find(query.space) if query.space else None
    return None if space is None else tree.below(space)


def _tests(query: Query, tree: Tree) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    inside = _inside(query, tree)
    if inside is not None:
        tests.append(lambda row: row.space_id in inside)
    if query.types:
        tests.append(lambda row: row.value_type in query.types)
    if query.bands:
        tests.append(lambda row: row.band in query.bands)
    if query.owner is not None:
        tests.append(lambda row: row.owner_id == query.owner)
    if query.states:
        tests.append(lambda row: not query.states.isdisjoint(row.states))
    if query.revised:
        tests.append(lambda row: row.revised)
    above = query.above
    if above is not None:
        tests.append(lambda row: row.size > above)
    words = query.text.casefold().split()
    if words:
        tests.append(lambda row: _reads(row, words, tree))
    return tests


def _reads(row: Row, words: Sequence[str], tree: Tree) -> bool:
    text = " ".join(
        (row.name, row.owner, tree.path(row.space_id), row.case.anchor if row.case else "")
    ).casefold()
    return all(word in text for word in words)


# What a column sorts by: what it shows. A row without the figure comes last, either way round.
_KEYS: dict[str, Callable[[Row], Any]] = {
    "size": lambda row: row.size,
    "name": lambda row: row.name.casefold(),
    "owner": lambda row: row.owner.casefold(),
    "projected": lambda row: row.p,
    "opportunity": lambda row: row.o,
    "current": lambda row: row.c,
    "percent": lambda row: row.percent,
    "prospect": lambda row: row.score.ratio,
    "run_rate": lambda row: row.rate.amount if row.spent.amounts else None,
    "months": lambda row: row.f or None,
    "monthly": lambda row: row.schedule.current.monthly if row.schedule else None,
    "growth": lambda row: row.schedule.current.growth if row.schedule else None,
    "fiscal": fiscal_cost,
    "term": lambda row: row.term.ratio if row.term else None,
    "actual": lambda row: row.actual.amount if row.actual.months else None,
    "accuracy": lambda row: row.against_plan,
    "baseline": lambda row: row.baseline.ratio if row.baseline else None,
    "acknowledged": lambda row: row.acknowledged.ratio if row.acknowledged else None,
    "decision": lambda row: row.last_decision.at if row.last_decision else None,
}


def ordered(rows: Sequence[Row], sort: str, tree: Tree) -> list[Row]:
    """Return rows in the order of a column, `-` before it for the largest first, then by name."""
    column, falling = sort.removeprefix("-"), sort.startswith("-")

    def path(row: Row) -> str:
        return tree.path(row.space_id).casefold()

    key = path if column == "space" else _KEYS[column]
    named = sorted(rows, key=lambda row: (row.name, row.id))
    keyed = [(key(row), row) for row in named]
    have = [pair for pair in keyed if pair[0] is not None]
    have.sort(key=lambda pair: pair[0], reverse=falling)
    return [row for _, row in have] + [row for value, row in keyed if value is None]
