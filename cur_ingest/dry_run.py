"""A draft of rules over the last months: what would move, and nothing is written.

The months are taken as they are attributed now, and as they would be had the draft's changes
counted for all of their days. Both are in the basis that pages show. A closed month keeps the rules
of its time beside the draft, so that nothing moves but what the draft moves.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from django.conf import settings

from cur_ingest.attribution import hashing, read_groups
from cur_ingest.bases import amount_in, named
from cur_ingest.closing import month_states
from cur_ingest.drafting import drafted_matching
from cur_ingest.matching import Matching
from cur_ingest.models import AttributionRun, DraftedRule, MonthTotal, Part
from cur_ingest.reports import chosen_basis, counting_runs
from cur_ingest.splitting import DIGITS
from cur_ingest.totals import COLUMNS, GROUPS, settle
from cur_ingest.unclaimed import UnclaimedGroup, groups_of_rows, unclaimed_groups_over
from spaces.models import Workload, WorkloadState
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.moment import one_moment

CURRENCY: str = settings.REPORTING_CURRENCY
GAPS = (Part.SHARED, Part.UNCLAIMED, Part.UNCLASSIFIED)
LINES = """(SELECT l.*, m.spend_class AS new_class, m.workload_id AS new_workload,
    m.rule_version_id AS new_rule FROM cur_ingest_dailyline l JOIN matched m ON {same_line}
    WHERE l.delivery_id = %(delivery)s) d"""
UNCLAIMED = """{matched}
SELECT m.spend_class, l.tags::text, l.principal, l.account, l.product_name, l.service,
    sum(l.{basis}) AS amount, min(l.day) AS first, max(l.day) AS last
FROM cur_ingest_dailyline l JOIN matched m ON {same_line}
WHERE l.delivery_id = %(delivery)s AND m.rule_version_id IS NULL
AND m.spend_class IN ('ai', 'unclassified') GROUP BY 1, 2, 3, 4, 5, 6"""

# A workload, or a part of the proof that is nobody's.
Place = tuple[int | None, Part]
Amounts = Mapping[tuple[Place, date], Decimal]
# A run, and what its lines are matched with when the draft is tried on them.
Trial = tuple[AttributionRun, Matching]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in one month, or in all of them (no `period`): as it is, and as it would be."""

    period: date | None
    before: Figure
    after: Figure
    change: Figure


@dataclass(frozen=True, slots=True)
class Row:
    """A workload, or what is nobody's, over the months."""

    workload: Workload | None
    part: Part
    cells: tuple[Cell, ...]
    total: Cell

    @property
    def name(self) -> str:
        """Return what the row is about."""
        return self.workload.name if self.workload else self.part.label


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a draft would move: a row for everything that changes, dearest change first.

    `moved` is how many dollars would stand elsewhere, by month and in all; `opens` and `closes` are
    the groups of unclaimed and unclassified spend that come and go. `claims` are the proposed
    workloads that their first attributed spend would claim.
    """

    known_at: datetime
    periods: tuple[date, ...]
    rows: tuple[Row, ...]
    moved: tuple[tuple[date, Figure], ...]
    moved_in_all: Figure
    opens: tuple[UnclaimedGroup, ...]
    closes: tuple[UnclaimedGroup, ...]
    claims: tuple[Workload, ...]
    basis: str

    @property
    def gains(self) -> int:
        """Return how many workloads gain."""
        return sum(row.total.change.amount > 0 for row in self.rows if row.workload)

    @property
    def loses(self) -> int:
        """Return how many workloads lose."""
        return sum(row.total.change.amount < 0 for row in self.rows if row.workload)


@one_moment()
def run_dry(drafted: Sequence[DraftedRule], months: int, known_at: datetime) -> DryRun:
    """Return what the changes would move in the last `months` delivered months."""
    runs = list(counting_runs(known_at))
    periods = tuple(sorted({run.period for run in runs})[-months:])
    runs = [run for run in runs if run.period in periods]
    trials, basis = _trials(drafted, runs, known_at), chosen_basis(known_at)
    before, (after, spending) = _as_it_is(runs, basis), _as_it_would_be(trials, basis)
    rows = _rows(before, after, periods, basis)
    moved = tuple(_moved(rows, place) for place in range(len(periods)))
    was = {(g.key, g.spend_class): g for g in unclaimed_groups_over(periods, basis)}
    would_be = {(g.key, g.spend_class): g for g in _unclaimed(trials, basis)}
    claims = Workload.objects.filter(pk__in=spending, state=WorkloadState.PROPOSED)
    return DryRun(
        known_at=known_at,
        periods=periods,
        rows=rows,
        moved=tuple(zip(periods, (_derived(amount) for amount in moved), strict=True)),
        moved_in_all=_derived(_sum(moved)),
        opens=tuple(group for key, group in would_be.items() if key not in was),
        closes=tuple(group for key, group in was.items() if key not in would_be),
        claims=tuple(claims.select_related("space").order_by("name")),
        basis=named(basis),
    )


def _trials(
    drafted: Sequence[DraftedRule], runs: Sequence[AttributionRun], known_at: datetime
) -> list[Trial]:
    """Put the draft upon the rules that the lines of each run are under."""
    states = month_states(known_at)
    moments = [run.ruled_at if states[run.period].closed else None for run in runs]
    hows = {moment: drafted_matching(drafted, moment) for moment in moments}
    return [(run, hows[moment]) for run, moment in zip(runs, moments, strict=True)]


def _as_it_is(runs: Sequence[AttributionRun], basis: str) -> Amounts:
    found: dict[tuple[Place, date], Decimal] = defaultdict(Decimal)
    for total in MonthTotal.objects.filter(run__in=runs).select_related("run"):
        place = _place(total.workload_id, total.spend_class)
        if place is not None:
            found[place, total.run.period] += amount_in(total, basis)
    return found


def _as_it_would_be(trials: Sequence[Trial], basis: str) -> tuple[Amounts, set[int]]:
    """Return the amounts with the draft, and the workloads with some cost."""
    columns = (
        COLUMNS.replace("d.spend_class", "d.new_class")
        .replace("d.workload_id", "d.new_workload")
        .replace("d.rule_version_id", "d.new_rule")
    )
    found: dict[tuple[Place, date], Decimal] = defaultdict(Decimal)
    spending = set()
    for run, how in trials:
        lines = LINES.format(same_line=how.same_line("l"))
        statement = how.matched() + GROUPS.format(columns=columns, lines=lines, here="true")
        targets = {rule.number: rule.text.targets for rule in how.rules}
        groups = read_groups(statement, how.values | {"delivery": run.delivery_id})
        for (workload, spend_class), sums in settle(groups, targets).totals.items():
            place = _place(workload, spend_class)
            if place is not None:
                found[place, run.period] += sums.amounts[basis]
            if workload is not None and sums.first_day is not None:
                spending.add(workload)
    return found, spending


def _place(workload: int | None, spend_class: str) -> Place | None:
    """Return where a total stands; None for what no rule moves."""
    part = Part.of(spend_class, workload)
    return (workload, part) if part is Part.ATTRIBUTED or part in GAPS else None


def _rows(before: Amounts, after: Amounts, periods: Sequence[date], basis: str) -> tuple[Row, ...]:
    places = {place for place, _ in (*before, *after)}
    ids = [workload for workload, _ in places if workload]
    known = Workload.objects.select_related("space").in_bulk(ids)
    rows = []
    for workload, part in places:
        pairs = [
            (
                before.get(((workload, part), p), Decimal(0)),
                after.get(((workload, part), p), Decimal(0)),
            )
            for p in periods
        ]
        if all(then == now for then, now in pairs):
            continue
        total = _cell(None, _sum(then for then, _ in pairs), _sum(now for _, now in pairs), basis)
        cells = tuple(
            _cell(period, then, now, basis)
            for period, (then, now) in zip(periods, pairs, strict=True)
        )
        rows.append(Row(known[workload] if workload else None, part, cells, total))
    return tuple(
        sorted(rows, key=lambda r: (r.workload is None, -abs(r.total.change.amount), r.name))
    )


def _cell(period: date | None, before: Decimal, after: Decimal, basis: str) -> Cell:
    with localcontext(prec=DIGITS):
        change = after - before
    return Cell(
        period,
        Figure(before, CURRENCY, Kind.ACTUAL, None, f"As attributed now, {basis}"),
        Figure(after, CURRENCY, Kind.DERIVED, None, f"As the draft would attribute it, {basis}"),
        Figure(change, CURRENCY, Kind.DERIVED, None, "As it would be less as it is"),
    )


def _moved(rows: Sequence[Row], place: int) -> Decimal:
    """Return what stands elsewhere in one month: what some gain, which others lose."""
    return _sum(max(row.cells[place].change.amount, Decimal(0)) for row in rows)


def _derived(amount: Decimal) -> Figure:
    return Figure(amount, CURRENCY, Kind.DERIVED, None, "Sum of what would be gained")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext(prec=DIGITS):
        return sum(amounts, Decimal(0))


def _unclaimed(trials: Sequence[Trial], basis: str) -> list[UnclaimedGroup]:
    rows: list[dict[str, Any]] = []
    for run, how in trials:
        statement = UNCLAIMED.format(
            matched=how.matched(), same_line=how.same_line("l"), basis=basis
        )
        with hashing() as cursor:
            cursor.execute(statement, how.values | {"delivery": run.delivery_id})
            names = [column.name for column in cursor.description or ()]
            rows += (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return groups_of_rows([row | {"tags": json.loads(row["tags"])} for row in rows], basis)
