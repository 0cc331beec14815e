"""The Value Board as values: rows, groups, totals and filters; the page only prints them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from business_cases.figures import CURRENCY
from business_cases.models import BusinessRequest, RequestState
from business_cases.standing import NOT_SCORED, UNBACKED
from spaces.access import is_read, spaces_read
from spaces.models import Reader, Space, Workload
from spaces.reports import claimed_at
from valueboard.lib.figure import Figure, Kind, ValueType, total
from valueboard.positions import Positions, Row, read_positions

BANDS = ("strong", "solid", "marginal", "thin", "weak", UNBACKED, NOT_SCORED)


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
class Totals:
    """The figures of the KPI strip. The two value types are never in one total."""

    projected: Figure
    cost_saving: Figure
    revenue_driving: Figure
    cost_saving_cases: int
    revenue_driving_cases: int
    unbacked_projected: Figure
    unbacked_run_rate: Figure
    unbacked: int


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows."""

    positions: Positions
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
    positions = read_positions(
        claimed_at(Workload.objects.visible_to(user), known_at, inside), known_at
    )
    rows = tuple(
        row
        for row in positions.rows
        if not row.ended
        and (not filters.value_type or row.value_type is filters.value_type)
        and (not filters.band or row.band == filters.band)
    )
    rows = tuple(sorted(rows, key=lambda row: (-row.size, row.workload.name)))
    paths, read = space_paths(user), spaces_read(user)
    return Board(
        positions=positions,
        rows=rows,
        groups=_groups(rows, paths),
        totals=totals_of(rows),
        waiting=tuple(waiting),
        spaces=tuple(
            (space, paths[space.pk])
            for space in Reader.of(user).spaces.values()
            if is_read(space, read)
        ),
        filters=filters,
    )


def zero(kind: Kind, value_type: ValueType | None = None) -> Figure:
    """Return the 0 that totals of one kind start from."""
    return Figure(Decimal(0), CURRENCY, kind, value_type)


def totals_of(rows: Iterable[Row]) -> Totals:
    """Add up rows, each kind of figure and each value type by itself."""
    rows = list(rows)
    by_type = {t: [r.opportunity for r in rows if r.value_type is t] for t in ValueType}
    unbacked = [row for row in rows if row.band == UNBACKED]
    projected = zero(Kind.PROJECTED)

    def declared(value_type: ValueType) -> Figure:
        return total((o for o in by_type[value_type] if o), zero(Kind.DECLARED, value_type))

    return Totals(
        projected=total((r.projected for r in rows if r.projected), projected),
        cost_saving=declared(ValueType.COST_SAVING),
        revenue_driving=declared(ValueType.REVENUE_DRIVING),
        cost_saving_cases=len(by_type[ValueType.COST_SAVING]),
        revenue_driving_cases=len(by_type[ValueType.REVENUE_DRIVING]),
        unbacked_projected=total((r.projected for r in unbacked if r.projected), projected),
        unbacked_run_rate=run_rates(unbacked),
        unbacked=len(unbacked),
    )


def run_rates(rows: Iterable[Row]) -> Figure:
    """Add up the run-rates that are scaled to a year; a month to date is no yearly figure."""
    return total((r.actual for r in rows if r.rate.months), zero(Kind.ACTUAL))


def space_paths(user: User) -> dict[int, str]:
    """Return every Space's path of names, such as `Commerce / Search`, as the person may know it.

    A path begins at the first Space that they read: names above it are not theirs to know.
    """
    spaces, read = Reader.of(user).spaces, spaces_read(user)

    def path(space: Space) -> str:
        above = spaces.get(space.parent_id) if space.parent_id else None
        return f"{path(above)} / {space}" if above and is_read(above, read) else space.name

    return {pk: path(space) for pk, space in spaces.items()}


def _groups(rows: Iterable[Row], paths: dict[int, str]) -> tuple[Group, ...]:
    by_space: dict[Space, list[Row]] = defaultdict(list)
    for row in rows:
        by_space[row.workload.space].append(row)
    groups = [
        Group(
            space,
            # A Space that was made since the tree was read has no path yet.
            paths.get(space.pk, space.name),
            tuple(inside),
            total((r.projected for r in inside if r.projected), zero(Kind.PROJECTED)),
            run_rates(inside),
        )
        for space, inside in by_space.items()
    ]
    return tuple(sorted(groups, key=lambda g: (-sum(r.size for r in g.rows), g.path)))
