"""Looking for gaps: the facts beside the gaps that are open, and what follows from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allocation_gaps.actions.holding import hold_looks
from allocation_gaps.causes import Cause, cause_of
from allocation_gaps.conditions import Condition, why_gone
from allocation_gaps.looking import Look, look_at
from allocation_gaps.models import GapAction, GapOpening, GapStake, LookedAt
from allocation_gaps.reports import looked_at, open_now
from records.clock import now

Act = GapAction.Act
STAKE = ("detail", "note", "waits", "projected", "actual", "excess", "period", "basis", "months")

BETWEEN = "It was answered, and that was taken back before this look."


@dataclass(frozen=True, slots=True)
class Found:
    """How many gaps a look opened and resolved."""

    opened: int
    resolved: int


@transaction.atomic
def look_for_gaps(*, found_by: GapOpening.FoundBy | None = None) -> Found:
    """Record the gaps that opened and those that are gone, and what the open ones are about now.

    One look after the other, each in one transaction. Without `found_by`, what was recorded since
    the look before says after what each was found.
    """
    hold_looks(exclusive=True)
    before = looked_at()
    look = look_at(now())
    were = {(opening.kind, opening.key): opening for opening in open_now()}
    stay = {subject: opening for subject, opening in were.items() if look.holds(opening)}
    gone = [opening for subject, opening in were.items() if subject not in stay]
    GapAction.objects.bulk_create(_resolved(opening, look) for opening in gone)
    new = [look.conditions[subject] for subject in sorted(look.conditions.keys() - stay.keys())]
    opened = GapOpening.objects.bulk_create(
        _opening(each, Cause(found_by) if found_by else _cause_of(each, look, before))
        for each in new
    )
    _say_overruns(stay.values(), look)
    _keep_stakes([*stay.values(), *opened], look)
    LookedAt.objects.update_or_create(id=1, defaults={"at": look.known_at})
    return Found(len(opened), len(gone))


def _cause_of(condition: Condition, look: Look, before: datetime | None) -> Cause:
    workload = look.held[condition.workload].position.facts if condition.workload else None
    return cause_of(condition.kind, workload, look.deliveries, before)


def _opening(condition: Condition, cause: Cause) -> GapOpening:
    return GapOpening(
        kind=condition.kind,
        key=condition.key,
        workload_id=condition.workload,
        since=condition.since,
        found_by=cause.by,
        found_after=cause.fact,
        label=condition.label,
        detail=condition.detail,
        projected=condition.projected,
        actual=condition.actual,
        excess=condition.excess,
        period=condition.period,
        basis=condition.basis,
        months=condition.months,
        early=condition.early,
        group=condition.group,
        rule_query=condition.rule_query,
    )


def _resolved(opening: GapOpening, look: Look) -> GapAction:
    if (opening.kind, opening.key) in look.conditions:
        return _found_of(opening, Act.RESOLVED, BETWEEN)
    held = look.held.get(opening.workload_id) if opening.workload_id else None
    return _found_of(opening, Act.RESOLVED, why_gone(opening.kind, held))


def _say_overruns(openings: Iterable[GapOpening], look: Look) -> None:
    """Record where the month of an early question closed over plan: the same gap, no question."""
    early = [
        opening
        for opening in openings
        if opening.early and not look.conditions[opening.kind, opening.key].early
    ]
    said = GapAction.objects.filter(opening__in=early, act=Act.OVERRUN)
    known = set(said.values_list("opening_id", flat=True))
    GapAction.objects.bulk_create(
        _found_of(opening, Act.OVERRUN, look.conditions[opening.kind, opening.key].detail)
        for opening in early
        if opening.pk not in known
    )


def _found_of(opening: GapOpening, act: GapAction.Act, words: str) -> GapAction:
    return GapAction(
        kind=opening.kind,
        key=opening.key,
        workload_id=opening.workload_id,
        opening=opening,
        act=act,
        rationale=words,
    )


def _keep_stakes(openings: Iterable[GapOpening], look: Look) -> None:
    """Write anew what the open gaps are about."""
    GapStake.objects.all().delete()
    GapStake.objects.bulk_create(
        GapStake(
            opening=opening,
            **{name: getattr(look.conditions[opening.kind, opening.key], name) for name in STAKE},
        )
        for opening in openings
    )
