"""Which gaps of workloads a draft of rules would open and close, by what its dry run moves.

Gaps of unclaimed spend are the dry run's own. The early question of *Over plan* asks about single
days, and is not tried.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from allocation_gaps.conditions import Held, conditions
from allocation_gaps.looking import held_of, limits_of
from allocation_gaps.models import GapKind
from business_cases.moment import moment_of
from business_cases.position import Position
from business_cases.reading import read_facts
from cur_ingest.dry_run import DryRun
from cur_ingest.reports import EXACT
from spaces.models import Workload
from spaces.reports import claimed_at


@dataclass(frozen=True, slots=True)
class TriedGap:
    """A gap that would open or close; `claims` says that the workload's first spend claims it."""

    kind: GapKind
    workload: Workload
    claims: bool


@dataclass(frozen=True, slots=True)
class TriedGaps:
    """The gaps of workloads that would open and close, by kind and name."""

    opens: tuple[TriedGap, ...]
    closes: tuple[TriedGap, ...]


def tried_gaps(run: DryRun) -> TriedGaps:
    """Return which gaps of workloads a dry run opens and closes; a constant number of queries.

    The conditions are those of the looks, asked of the spend with and without what would move.
    """
    claimed = claimed_at(Workload.objects.all(), run.known_at)
    known = {each.pk: each for each in [*claimed, *run.claims]}
    facts = read_facts(None, [run.known_at], only=known)
    at, limits = moment_of(facts, run.known_at), limits_of(facts, run.known_at)
    moved = {
        row.workload.pk: dict(
            zip(run.periods, (cell.change.amount for cell in row.cells), strict=True)
        )
        for row in run.rows
        if row.workload
    }
    is_claimed = {workload.pk for workload in claimed}
    held = held_of(Position.all_of(facts, at))

    def found(all_held: Iterable[Held]) -> set[tuple[GapKind, int]]:
        gaps = conditions(all_held, at, limits)
        return {(gap.kind, gap.workload) for gap in gaps if gap.workload is not None}

    now = found(each for pk, each in held.items() if pk in is_claimed)
    then = found(
        replace(each, position=_with_moved(each.position, moved.get(pk, {})))
        for pk, each in held.items()
    )

    def tried(gaps: Iterable[tuple[GapKind, int]]) -> tuple[TriedGap, ...]:
        order = list(GapKind)
        rows = (TriedGap(kind, known[pk], claims=pk not in is_claimed) for kind, pk in gaps)
        return tuple(sorted(rows, key=lambda gap: (order.index(gap.kind), gap.workload.name)))

    return TriedGaps(opens=tried(then - now), closes=tried(now - then))


def _with_moved(position: Position, moved: Mapping[date, Decimal]) -> Position:
    """Return a workload as it would be had these amounts been added, by month."""
    amounts = dict(position.spent.amounts)
    with localcontext(EXACT):
        for period, amount in moved.items():
            amounts[period] = amounts.get(period, Decimal(0)) + amount
    spent = position.spent._replace(amounts=amounts)
    return Position(position.facts, position.placed, spent, position.at)
