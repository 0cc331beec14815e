"""Reading what the conditions of gaps are about, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db.models import Min
from django.utils.timezone import localdate

from allocation_gaps.conditions import Condition, Held, Limits, conditions
from allocation_gaps.early import early_questions
from allocation_gaps.models import GapKind, GapOpening
from approvals.models import Decision
from business_cases.models import BusinessRequest
from business_cases.portfolio import Portfolio, read_portfolio
from cur_ingest.models import MonthTotal
from cur_ingest.reports import counting_runs
from cur_ingest.unclaimed import UnclaimedGroup, unclaimed_groups
from records.thresholds import thresholds
from spaces.models import Membership, Placement, Space, Workload, WorkloadState
from spaces.reports import placements_at
from valueboard.lib.money import to_cents

LONGEST_KEY, DIGEST = 150, 16


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: every gap by its subject, and the workloads by id."""

    known_at: datetime
    conditions: dict[tuple[str, str], Condition]
    held: dict[int, Held]

    def holds(self, opening: GapOpening) -> bool:
        """Tell whether a gap that was found is still there, and did not begin anew since."""
        condition = self.conditions.get((opening.kind, opening.key))
        return condition is not None and not (
            condition.began and condition.began > opening.recorded_at
        )


def look_at(known_at: datetime, only: Collection[int] | None = None) -> Look:
    """Find every gap in the facts by `known_at`; `only` leaves the gaps of these workloads."""
    asked = Workload.objects.all() if only is None else Workload.objects.filter(pk__in=only)
    placed = placements_at(asked, known_at).exclude(state=WorkloadState.PROPOSED)
    workloads = [placement.as_then() for placement in placed.order_by("name", "workload_id")]
    portfolio = read_portfolio(workloads, known_at)
    held = held_of(portfolio)
    limits = limits_at(known_at)
    found = conditions(held.values(), portfolio.closed, portfolio.today, limits)
    if only is None:
        found |= unclaimed(unclaimed_groups(known_at, portfolio.basis), limits)
    return Look(known_at, {condition.subject: condition for condition in found}, held)


def held_of(portfolio: Portfolio, *, by_day: bool = True) -> dict[int, Held]:
    """Return the workloads of a portfolio with what else their gaps are about, by id.

    Without `by_day` no daily lines are read, and no early question is asked.
    """
    known_at, ids = portfolio.known_at, [each.workload.pk for each in portfolio.holdings]
    first_days = _first_days(ids, known_at)
    early = early_questions(portfolio) if by_day else {}
    approvals = Decision.objects.filter(
        workload__in=ids, recorded_at__lte=known_at, outcome=Decision.Outcome.APPROVED
    )
    approved = set(approvals.values_list("workload", flat=True))
    waiting = BusinessRequest.objects.open().filter(workload__in=ids)
    requested = set(waiting.values_list("workload", flat=True))
    stopped = _stopped_on(ids, known_at)
    owners_left = _owners_left([each.workload for each in portfolio.holdings])
    return {
        holding.workload.pk: Held(
            holding,
            holding.workload.pk in approved,
            holding.workload.pk in requested,
            first_days.get(holding.workload.pk),
            owners_left.get(holding.workload.pk, ""),
            stopped.get(holding.workload.pk),
            early.get(holding.workload.pk),
        )
        for holding in portfolio.holdings
    }


def limits_at(known_at: datetime) -> Limits:
    """Return the thresholds in force."""
    values = thresholds("gap.", localdate(known_at), known_at)
    minimum = {
        kind.value: values[key] for kind in GapKind if (key := f"gap.minimum.{kind}") in values
    }
    return Limits(values["gap.over_plan_percent"], minimum)


def unclaimed(groups: Iterable[UnclaimedGroup], limits: Limits) -> set[Condition]:
    """Return groups of unclaimed spend as gaps."""
    found = (
        Condition(
            kind=GapKind.UNCLAIMED,
            key=short_key(group.key),
            workload=None,
            label=group.label,
            since=group.first_day,
            detail=f"{', '.join(group.services)} in {', '.join(group.accounts)}",
            projected=None,
            actual=to_cents(group.amount),
            basis=group.basis,
            months=0,
            group=group.key,
            rule_query=group.query,
        )
        for group in groups
    )
    return {condition for condition in found if limits.reached(condition)}


def short_key(key: str) -> str:
    """Return a key that a chain's subject has room for: a long one ends in its digest."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = sha256(key.encode()).hexdigest()[:DIGEST]
    return f"{key[: LONGEST_KEY - DIGEST]}…{digest}"


def _first_days(ids: Collection[int], known_at: datetime) -> dict[int, date]:
    """Return the first day with cost of each of these workloads, added up by the database."""
    totals = MonthTotal.objects.filter(run__in=counting_runs(known_at).values("pk"))
    mine = totals.filter(workload__in=ids, first_day__isnull=False)
    return dict(mine.values_list("workload").annotate(first=Min("first_day")).order_by())


def _stopped_on(ids: Collection[int], known_at: datetime) -> dict[int, date]:
    rows = Placement.objects.filter(
        workload__in=ids, recorded_at__lte=known_at, state=WorkloadState.STOPPED
    )
    first = rows.values_list("workload").annotate(first=Min("recorded_at"))
    return {pk: localdate(moment) for pk, moment in first}


def _owners_left(workloads: Iterable[Workload]) -> dict[int, str]:
    """Say of which workloads the owner was deactivated, or left the Space and all above it."""
    parents = dict(Space.objects.values_list("pk", "parent_id"))
    members: dict[int, set[int]] = defaultdict(set)
    for space, user in Membership.objects.values_list("space", "user"):
        members[space].add(user)

    def is_there(user: int, space: int | None) -> bool:
        while space is not None:
            if user in members[space]:
                return True
            space = parents.get(space)
        return False

    left = {}
    for workload in workloads:
        owner = workload.owner
        if not owner.is_active:
            left[workload.pk] = f"{owner.name} was deactivated"
        elif not is_there(owner.pk, workload.space_id):
            left[workload.pk] = f"{owner.name} left {workload.space.name}"
    return left
