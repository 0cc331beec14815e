"""Reading what the conditions of gaps are about, in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from allocation_gaps.conditions import Condition, Held, Limits, conditions
from allocation_gaps.early import EarlyQuestion, early_questions
from allocation_gaps.models import GapKind, GapOpening
from business_cases.facts import DeliveryFact, Facts
from business_cases.models import BusinessRequest
from business_cases.moment import moment_of, thresholds_at
from business_cases.position import Position
from business_cases.reading import read_facts
from cur_ingest.unclaimed import UnclaimedGroup, unclaimed_groups
from spaces.models import Membership, Space, WorkloadState
from valueboard.lib.money import to_cents

LONGEST_KEY, DIGEST = 150, 16
SPACE = ("pk", "name", "parent_id")


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: every gap by its subject, and the workloads by id.

    `deliveries` are those known by then, oldest first.
    """

    known_at: datetime
    conditions: dict[tuple[str, str], Condition]
    held: dict[int, Held]
    deliveries: Sequence[DeliveryFact]

    def holds(self, opening: GapOpening) -> bool:
        """Tell whether a gap that was found is still there, and did not begin anew since."""
        condition = self.conditions.get((opening.kind, opening.key))
        return condition is not None and not (
            condition.began and condition.began > opening.recorded_at
        )


def look_at(known_at: datetime, only: Collection[int] | None = None) -> Look:
    """Find every gap in the facts by `known_at`; `only` leaves the gaps of these workloads."""
    facts = read_facts(None, [known_at], only=only)
    at, limits = moment_of(facts, known_at), limits_of(facts, known_at)
    every = Position.all_of(facts, at)
    positions = [each for each in every if each.state != WorkloadState.PROPOSED]
    held = held_of(positions, early_questions(positions, at))
    found = conditions(held.values(), at, limits)
    if only is None:
        found |= unclaimed(unclaimed_groups(known_at, at.basis), limits)
    by_subject = {condition.subject: condition for condition in found}
    return Look(known_at, by_subject, held, facts.organisation.deliveries)


def held_of(
    positions: Iterable[Position], early: Mapping[int, EarlyQuestion] | None = None
) -> dict[int, Held]:
    """Return workloads with what else their gaps are about, by id (three queries)."""
    found = {each.id: each for each in positions}
    waiting = BusinessRequest.objects.open().filter(workload__in=found)
    requested = set(waiting.values_list("workload", flat=True))
    owners_left = _owners_left(found.values())
    return {
        pk: Held(each, pk in requested, owners_left.get(pk, ""), (early or {}).get(pk))
        for pk, each in found.items()
    }


def limits_of(facts: Facts, known_at: datetime) -> Limits:
    """Return the thresholds in force."""
    values = thresholds_at(facts, known_at, "gap.")
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


def _owners_left(positions: Iterable[Position]) -> dict[int, str]:
    """Say of which workloads the owner was deactivated, or left the Space and all above it."""
    spaces = {pk: (name, parent) for pk, name, parent in Space.objects.values_list(*SPACE)}
    members = set(Membership.objects.values_list("space", "user"))

    def is_there(user: int, space: int | None) -> bool:
        while space is not None:
            if (space, user) in members:
                return True
            _, space = spaces[space]
        return False

    left = {}
    for each in positions:
        if not each.placed.owner_active:
            left[each.id] = f"{each.owner} was deactivated"
        elif not is_there(each.owner_id, each.space_id):
            left[each.id] = f"{each.owner} left {spaces[each.space_id][0]}"
    return left
