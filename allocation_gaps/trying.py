"""Which gaps of workloads a draft of rules would open and close, by what its dry run moves.

Gaps of unclaimed spend are the dry run's own. *Over plan* asks about single days, and is not tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from allocation_gaps.models import GapKind
from allocation_gaps.reports import kinds_of
from business_cases.portfolio import Holding, read_portfolio, with_moved_spend
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

    The conditions are those of today's gaps, asked of the spend with and without what would move.
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
    now = _found(h for h in portfolio.holdings if h.workload.pk in is_claimed)
    then = _found(with_moved_spend(portfolio, moved).holdings)
    known = {holding.workload.pk: holding.workload for holding in portfolio.holdings}

    def tried(found: Iterable[tuple[GapKind, int]]) -> tuple[TriedGap, ...]:
        gaps = (TriedGap(kind, known[pk], claims=pk not in is_claimed) for kind, pk in found)
        order = list(GapKind)
        return tuple(sorted(gaps, key=lambda gap: (order.index(gap.kind), gap.workload.name)))

    return TriedGaps(opens=tried(then - now), closes=tried(now - then))


def _found(holdings: Iterable[Holding]) -> set[tuple[GapKind, int]]:
    return {(kind, holding.workload.pk) for holding in holdings for kind in kinds_of(holding)}
