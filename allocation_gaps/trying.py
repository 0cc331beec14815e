"""Which gaps of workloads a draft of rules would open and close, by what its dry run moves.

Gaps of unclaimed spend are the dry run's own. The early question of *Over plan* asks about single
days, and is not tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from allocation_gaps.conditions import Held, conditions
from allocation_gaps.looking import held_of, limits_at
from allocation_gaps.models import GapKind
from business_cases.portfolio import read_portfolio, with_moved_spend
from cur_ingest.dry_run import DryRun
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
    portfolio = read_portfolio([*claimed, *run.claims], run.known_at)
    moved = {
        row.workload.pk: dict(
            zip(run.periods, (cell.change.amount for cell in row.cells), strict=True)
        )
        for row in run.rows
        if row.workload
    }
    is_claimed = {workload.pk for workload in claimed}
    held, limits = held_of(portfolio, by_day=False), limits_at(run.known_at)

    def found(all_held: Iterable[Held]) -> set[tuple[GapKind, int]]:
        gaps = conditions(all_held, portfolio.closed, portfolio.today, limits)
        return {(gap.kind, gap.workload) for gap in gaps if gap.workload is not None}

    now = found(held[pk] for pk in is_claimed)
    then = found(
        replace(held[holding.workload.pk], holding=holding)
        for holding in with_moved_spend(portfolio, moved).holdings
    )
    known = {holding.workload.pk: holding.workload for holding in portfolio.holdings}

    def tried(gaps: Iterable[tuple[GapKind, int]]) -> tuple[TriedGap, ...]:
        order = list(GapKind)
        rows = (TriedGap(kind, known[pk], claims=pk not in is_claimed) for kind, pk in gaps)
        return tuple(sorted(rows, key=lambda gap: (order.index(gap.kind), gap.workload.name)))

    return TriedGaps(opens=tried(then - now), closes=tried(now - then))
