"""After which fact a gap was found: the latest since the look before, where it concerns the gap.

From the facts that the look read anyhow, so that nothing has to be handed on by whoever records
one, and many that were recorded at once are told apart. Nothing is asked here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from allocation_gaps.models import GapKind, GapOpening
from approvals.models import Decision
from business_cases.facts import DeliveryFact, WorkloadFacts
from valueboard.lib import formats

By = GapOpening.FoundBy


@dataclass(frozen=True, slots=True)
class Cause:
    """What a look came after; `fact` names it, empty for what has no name."""

    by: GapOpening.FoundBy
    fact: str = ""


def cause_of(
    kind: GapKind,
    workload: WorkloadFacts | None,
    deliveries: Sequence[DeliveryFact],
    since: datetime | None,
) -> Cause:
    """Return after what a gap was found; `since` is when the look before it was, None for none.

    That an owner left is none of these facts; nor is a rule, a closing or a threshold.
    """
    if since is None or kind == GapKind.NO_OWNER:
        return Cause(By.CHANGE)
    known = [*_own(workload), *_loads(deliveries)] if workload else _loads(deliveries)
    recent = [(at, cause) for at, cause in known if at > since]
    return max(recent, key=lambda each: each[0])[1] if recent else Cause(By.CHANGE)


def _own(workload: WorkloadFacts) -> Iterator[tuple[datetime, Cause]]:
    for estimate in workload.estimates:
        yield estimate.at, Cause(By.SNAPSHOT, f"estimate v{estimate.version}")
    for case in workload.cases:
        yield case.at, Cause(By.SNAPSHOT, f"case v{case.version}")
    for decided in workload.decisions:
        outcome = Decision.Outcome(decided.outcome).label
        yield decided.at, Cause(By.DECISION, f"decision {decided.id}: {outcome}")


def _loads(deliveries: Sequence[DeliveryFact]) -> list[tuple[datetime, Cause]]:
    return [(each.at, Cause(By.LOAD, formats.month(each.period))) for each in deliveries[-1:]]
