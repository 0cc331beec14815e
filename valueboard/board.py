"""The Value Board as values: rows, groups, totals and filters; the page only prints them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from business_cases.models import BusinessRequest, RequestState
from positions.query import BANDS, Query
from positions.reader import Reader as ReaderWithTree
from positions.reading import read_facts
from positions.rows import Row, Rows, Totals, chosen, rows_at, totals
from spaces.access import is_read, spaces_read
from spaces.models import Reader, Space
from valueboard.lib.figure import Figure, ValueType

__all__ = ["BANDS", "Totals"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; what it asks for in vain is ignored."""

    space: Space | None = None
    value_type: ValueType | None = None
    band: str = ""

    @property
    def any(self) -> bool:
        """Tell whether anything is filtered."""
        return bool(self.space or self.value_type or self.band)


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one Space, with projected cost and run-rate totalled separately."""

    space: Space
    path: str
    rows: tuple[Row, ...]
    projected: Figure
    run_rate: Figure


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows."""

    positions: Rows
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    totals: Totals
    waiting: tuple[BusinessRequest, ...]
    spaces: tuple[tuple[Space, str], ...]
    filters: Filters

    @property
    def sized(self) -> tuple[Row, ...]:
        """Return the rows that have an area."""
        return tuple(row for row in self.rows if row.size > 0)

    @property
    def unsized(self) -> tuple[Row, ...]:
        """Return the rows without an area, which are named under the map."""
        return tuple(row for row in self.rows if row.size <= 0)


def read_filters(user: User, query: Mapping[str, str]) -> Filters:
    """Read filters from an address; unknown values are as good as none."""
    space = query.get("space", "").replace("\0", "")  # PostgreSQL has no NUL
    value_type = query.get("type", "")
    band = query.get("band", "")
    return Filters(
        Space.objects.visible_to(user).filter(slug=space).first() if space else None,
        ValueType(value_type) if value_type in set(ValueType) else None,
        band if band in BANDS else "",
    )


def read_board(user: User, known_at: datetime, filters: Filters) -> Board:
    """Read the board as a person sees it, in a constant number of queries.

    Workloads stand where they were by `known_at`, and whose they then were; the Spaces themselves
    are called, and lie in the tree, as today. Who reads what is always today's.
    """
    waiting = (
        BusinessRequest.objects.visible_to(user)
        .filter(state=RequestState.SUBMITTED)
        .select_related("workload", "space", "created_by")
        .order_by("submitted_at")
    )
    inside = Reader.of(user).below({filters.space.pk}) if filters.space else None
    if inside is not None:
        waiting = waiting.filter(space__in=inside)
    reader = ReaderWithTree.of(user)
    query = Query(
        space=filters.space.slug if filters.space else "",
        types=frozenset({filters.value_type} if filters.value_type else ()),
        bands=frozenset({filters.band} if filters.band else ()),
    )
    facts = read_facts(reader, [known_at])
    positions = chosen(rows_at(facts, known_at), query, reader.tree)
    rows = positions.rows
    paths, read = space_paths(user), spaces_read(user)
    return Board(
        positions=positions,
        rows=rows,
        groups=_groups(rows, paths, Reader.of(user)),
        totals=totals(rows),
        waiting=tuple(waiting),
        spaces=tuple(
            (space, paths[space.pk])
            for space in Reader.of(user).spaces.values()
            if is_read(space, read)
        ),
        filters=filters,
    )


def run_rates(rows: Iterable[Row]) -> Figure:
    """Add up the run-rates that are scaled to a year; a month to date is no yearly figure."""
    return totals(rows).run_rate


def space_paths(user: User) -> dict[int, str]:
    """Return every Space's path of names, such as `Commerce / Search`, as the person may know it.

    A path begins at the first Space that they read: names above it are not theirs to know.
    """
    spaces, read = Reader.of(user).spaces, spaces_read(user)

    def path(space: Space) -> str:
        above = spaces.get(space.parent_id) if space.parent_id else None
        return f"{path(above)} / {space}" if above and is_read(above, read) else space.name

    return {pk: path(space) for pk, space in spaces.items()}


def _groups(rows: Iterable[Row], paths: dict[int, str], reader: Reader) -> tuple[Group, ...]:
    by_space: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_space[row.space_id].append(row)
    groups = [
        Group(
            # A Space that was made since the tree was read has no name yet.
            reader.spaces.get(pk) or Space(pk=pk),
            paths.get(pk, ""),
            tuple(inside),
            totals(inside).projected,
            totals(inside).run_rate,
        )
        for pk, inside in by_space.items()
    ]
    return tuple(sorted(groups, key=lambda g: (-sum(r.size for r in g.rows), g.path)))
