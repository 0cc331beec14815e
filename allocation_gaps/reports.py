"""Reading Allocation Gaps as they were known at a moment, from what the looks recorded (METHOD 8).

Nothing is evaluated here: a page reads openings and actions, in three queries whatever the number.
Between a fact and the look that follows it, seconds pass; `looked_at` says when the last one was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from allocation_gaps.access import visible
from allocation_gaps.gap import Gap
from allocation_gaps.gap_filter import GapFilter
from allocation_gaps.models import GapAction, GapKind, GapOpening, GapStake, LookedAt
from allocation_gaps.states import Acts, GapState
from records.clock import now
from spaces.models import Reader, Workload
from spaces.reports import placements_at

Act = GapAction.Act
ORDER = list(GapKind)


def open_gaps(user: User, known_at: datetime, asked: GapFilter | None = None) -> list[Gap]:
    """Return the gaps that a person reads and that a filter leaves, dearest first by kind.

    Those that were open at `known_at`, unless the filter asks for resolved ones; three queries.
    """
    asked = asked or GapFilter()
    openings = visible(user)
    if GapState.RESOLVED not in asked.states:
        openings = unresolved(openings, known_at)
    return in_order(gap for gap in read(openings, known_at) if asked.leaves(gap))


def gaps_of(workload: Workload, known_at: datetime) -> list[Gap]:
    """Return all gaps that a workload ever had by `known_at`, the latest first."""
    gaps = read(GapOpening.objects.filter(workload=workload), known_at)
    return sorted(gaps, key=lambda gap: gap.found, reverse=True)


def get_gap(opening: GapOpening, known_at: datetime) -> Gap:
    """Return one gap as a page shows it."""
    (gap,) = read(GapOpening.objects.filter(pk=opening.pk), known_at)
    return gap


def owed_by(user: User, known_at: datetime) -> list[Gap]:
    """Return the open gaps of workloads that a person owns, was asked about, or was given.

    A workload without an owner is owed by every product owner of its Space. Those with the nearest
    day to answer by first, then the oldest.
    """
    mine = GapAction.objects.filter(opening=OuterRef("pk"), assignee=user)
    owns = Reader.of(user).owns
    ownerless = Q(kind=GapKind.NO_OWNER, workload__space__in=owns)
    openings = visible(user).filter(Q(workload__owner=user) | Exists(mine) | ownerless)
    found = read(unresolved(openings, known_at), known_at)
    gaps = [gap for gap in found if _owes(user, gap, owns)]
    far = date.max
    return sorted(gaps, key=lambda g: (g.due or far, g.since, g.name))


def looked_at() -> datetime | None:
    """Return when the system looked the last time; None before its first look."""
    return LookedAt.objects.values_list("at", flat=True).first()


def open_now() -> list[GapOpening]:
    """Return all gaps that are open now, with their workloads."""
    openings = unresolved(GapOpening.objects.all(), now())
    return list(openings.select_related("workload__space", "workload__owner").order_by("pk"))


def open_of_workload(workload: Workload) -> list[GapOpening]:
    """Return the open gaps of a workload."""
    openings = unresolved(GapOpening.objects.filter(workload=workload), now())
    return list(openings.select_related("workload").order_by("pk"))


def open_for(workload: Workload, kinds: Iterable[str]) -> list[Gap]:
    """Return the open gaps of some kinds that a workload has now."""
    resolved = GapAction.objects.filter(opening=OuterRef("pk"), act=Act.RESOLVED)
    openings = GapOpening.objects.filter(~Exists(resolved), workload=workload, kind__in=kinds)
    # Most forms answer nothing: whoever asks pays for the moment where there is something.
    found = set(openings.values_list("pk", flat=True))
    return in_order(read(GapOpening.objects.filter(pk__in=found), now())) if found else []


def unresolved(openings: QuerySet[GapOpening], known_at: datetime) -> QuerySet[GapOpening]:
    """Return those found by a moment and not resolved by then."""
    resolved = GapAction.objects.filter(
        opening=OuterRef("pk"), act=Act.RESOLVED, recorded_at__lte=known_at
    )
    return openings.filter(~Exists(resolved), recorded_at__lte=known_at)


def acts_of(openings: Collection[int], known_at: datetime) -> dict[int, Acts]:
    """Return what was done about gaps by a moment, by the id of each (one query)."""
    found: dict[int, list[GapAction]] = defaultdict(list)
    rows = GapAction.objects.filter(opening__in=openings, recorded_at__lte=known_at)
    for row in rows.select_related("recorded_by", "assignee").order_by("version"):
        if row.opening_id is not None:
            found[row.opening_id].append(row)
    return {pk: Acts(tuple(found[pk])) for pk in openings}


def read(openings: QuerySet[GapOpening], known_at: datetime) -> list[Gap]:
    """Return openings as gaps, with their workloads where they were at that moment."""
    before = GapOpening.objects.filter(
        kind=OuterRef("kind"), key=OuterRef("key"), version=OuterRef("version") - 1
    )
    found = list(
        openings.filter(recorded_at__lte=known_at).annotate(
            previous=Subquery(before.values("pk")[:1])
        )
    )
    if not found:
        return []
    ids = _ids(found)
    acts = acts_of(ids, known_at)
    workloads = Workload.objects.filter(pk__in={o.workload_id for o in found if o.workload_id})
    placed = {each.workload_id: each.as_then() for each in placements_at(workloads, known_at)}
    at = looked_at()
    # The latest look knows of no past.
    stakes = (
        {stake.opening_id: stake for stake in GapStake.objects.filter(opening__in=ids)}
        if at is None or known_at >= at
        else {}
    )
    return [
        Gap(
            opening,
            acts[opening.pk],
            known_at,
            placed.get(opening.workload_id) if opening.workload_id else None,
            stakes.get(opening.pk) if not acts[opening.pk].resolved else None,
            opening.previous or 0,
            at,
        )
        for opening in found
    ]


def in_order(gaps: Iterable[Gap]) -> list[Gap]:
    """Return gaps by kind, the dearest first."""
    return sorted(
        gaps,
        key=lambda g: (
            ORDER.index(g.kind),
            -g.amounts[0],
            g.name,
            g.id,
        ),
    )


def _ids(openings: Iterable[GapOpening]) -> list[int]:
    return [opening.pk for opening in openings]


def _owes(user: User, gap: Gap, owns: Collection[int]) -> bool:
    """Tell whether somebody is the one to answer now: as owner, as asked, or as given."""
    if gap.kind is GapKind.NO_OWNER and gap.workload and gap.workload.space_id in owns:
        return True
    given, asked = gap.acts.assigned, gap.asked
    people = {each.assignee_id for each in (given, asked) if each}
    return user.pk in people or bool(gap.workload and gap.workload.owner_id == user.pk)
