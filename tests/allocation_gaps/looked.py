"""Gaps as pages read them, after a look that sees what a test has just done."""

from accounts.models import User
from allocation_gaps.actions import look_for_gaps
from allocation_gaps.gap import Gap
from allocation_gaps.gap_filter import GapFilter
from allocation_gaps.models import GapKind
from allocation_gaps.reports import open_gaps
from records.clock import now
from spaces.models import Workload


def gaps_now(user: User, asked: GapFilter | None = None) -> list[Gap]:
    """Look, and return the open gaps that a person reads."""
    look_for_gaps()
    return open_gaps(user, now(), asked)


def kinds_now(user: User) -> set[tuple[str, str]]:
    """Look, and return the kind and the name of the open gaps that a person reads."""
    return {(gap.kind.value, gap.name) for gap in gaps_now(user)}


def gap_of(user: User, workload: Workload | None, kind: GapKind) -> Gap:
    """Look, and return the open gap of a kind that a workload has."""
    (gap,) = [g for g in gaps_now(user) if g.kind is kind and g.workload == workload]
    return gap
