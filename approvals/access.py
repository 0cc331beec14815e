"""Who decides (METHOD 7): a Financial Admin, never on what they recorded, edited, own or owned.

For a dated absence they let somebody decide for them: the delegate decides what neither of the two
has a part in, and reads for that while it waits. The pages hide their forms by this, the actions
refuse by it, and the database holds the same rule in the triggers `approvals_separate` and
`approvals_never_owned`; nobody is exempt. Whoever owned the workload stays out for good: handing it
over before deciding is no way around. Whoever reads a workload reads what is to be decided on it.

| | queue | request, its workload | decides |
|---|---|---|---|
| Financial Admin | all | all | without a part in it |
| delegate, in the days of it | all | that waits | without a part of either |
| whoever reads the Space | | of the Space | |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from accounts.policy import reads_everything
from approvals.models import Decision, Delegation
from business_cases.models import (
    BusinessRequest,
    CaseSnapshot,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestEditor,
    RequestState,
)
from records.clock import DatabaseNow
from spaces.models import Placement, Workload, WorkloadState

# What somebody may have done about a workload, the weightiest last.
PARTS = (
    "changed its Business Request",
    "wrote its Business Request",
    "recorded its business case",
    "recorded its estimate",
    "owned this workload before",
)


@dataclass(frozen=True, slots=True)
class Authority:
    """By what right a person decides on a workload; `why_not` is empty if they may."""

    on_behalf_of: User | None = None
    why_not: str = ""


def why_not_decide(user: User, workload: Workload) -> str:
    """Return why the person may not decide on the workload; empty if they may."""
    return authority_over(user, workload).why_not


def why_not_decide_each(user: User, workloads: Iterable[Workload]) -> dict[int, str]:
    """Return the same of each workload, by its id, in a constant number of queries."""
    return {pk: a.why_not for pk, a in authority_over_each(user, workloads, DatabaseNow()).items()}


def authority_over(user: User, workload: Workload, first: Decision | None = None) -> Authority:
    """Return by what right the person decides; `first` is the approval that theirs would complete.

    Their own role comes first, then those who delegated to them, by name.
    """
    return authority_over_each(user, [workload], DatabaseNow(), first)[workload.pk]


def authority_over_each(
    user: User,
    workloads: Iterable[Workload],
    moment: datetime | DatabaseNow,
    first: Decision | None = None,
) -> dict[int, Authority]:
    """Return the same of each workload, by its id, in a constant number of queries."""
    about = list(workloads)
    away = [] if Role.FINANCIAL_ADMIN in user.roles else _delegators(user, moment)
    if not away and Role.FINANCIAL_ADMIN not in user.roles:
        nobody = Authority(why_not="Only a Financial Admin decides.")
        return {workload.pk: nobody for workload in about}
    parts = _parts([user, *away], about)
    return {w.pk: _authority(user, away, w, parts, first) for w in about}


def _authority(
    user: User,
    away: list[User],
    workload: Workload,
    parts: dict[tuple[int, int], str],
    first: Decision | None,
) -> Authority:
    """Return the authority of one person over one workload."""
    if did := parts.get((user.pk, workload.pk)):
        return Authority(why_not=f"You {did}, so somebody else decides.")
    taken = {first.recorded_by_id, first.on_behalf_of_id} if first else set()
    if user.pk in taken:
        return Authority(why_not="The first approval was yours, so somebody else gives the second.")
    if not away:
        return Authority()
    free = [a for a in away if (a.pk, workload.pk) not in parts]
    if not free:
        did = parts[away[0].pk, workload.pk].replace("own ", "owns ")
        return Authority(
            why_not=f"{away[0]}, for whom you decide, {did}, so somebody else decides."
        )
    other = next((a for a in free if a.pk not in taken), None)
    if other is None:
        return Authority(
            why_not=f"The first approval was for {free[0]} too, so somebody else gives the second."
        )
    return Authority(on_behalf_of=other)


def _delegators(user: User, moment: datetime | DatabaseNow) -> list[User]:
    """Return for whom the person decides at a moment, by name, each once."""
    found = Delegation.objects.to(user, moment).select_related("recorded_by")
    people = {d.recorded_by for d in found if d.recorded_by}
    return sorted(people, key=lambda person: (person.name, person.pk))


def _parts(people: list[User], workloads: list[Workload]) -> dict[tuple[int, int], str]:
    """Return what each person did about each workload, by both ids; one query."""
    ids = [person.pk for person in people]
    about = [workload.pk for workload in workloads]
    estimates = EstimateSnapshot.objects.filter(workload__in=about, recorded_by__in=ids)
    cases = CaseSnapshot.objects.filter(case__workload__in=about, recorded_by__in=ids)
    requests = BusinessRequest.objects.filter(workload__in=about, created_by__in=ids)
    edited = RequestEditor.objects.filter(request__workload__in=about, recorded_by__in=ids)
    owned = Placement.objects.filter(workload__in=about, owner__in=ids)
    first, *others = (
        found.order_by().annotate(part=Value(part)).values_list("part", person, workload)
        for part, (found, person, workload) in enumerate(
            (
                (edited, "recorded_by_id", "request__workload_id"),
                (requests, "created_by_id", "workload_id"),
                (cases, "recorded_by_id", "case__workload_id"),
                (estimates, "recorded_by_id", "workload_id"),
                (owned, "owner_id", "workload_id"),
            )
        )
    )
    # The weightiest comes last, and stays.
    did = {
        (person, workload): PARTS[part] for part, person, workload in sorted(first.union(*others))
    }
    now = {(w.owner_id, w.pk): "own this workload" for w in workloads if w.owner_id in ids}
    return did | now


def get_own_delegation(user: User, pk: int) -> Delegation:
    """Return a delegation that the person gave, or raise 404."""
    return get_object_or_404(
        Delegation.objects.given().select_related("delegate", "recorded_by"),
        recorded_by=user,
        pk=pk,
    )


def standing_in(user: User) -> Exists:
    """Return an expression: whether the person decides for somebody now."""
    return Exists(Delegation.objects.to(user, DatabaseNow()))


def stands_in(user: User) -> bool:
    """Tell whether the person decides for somebody now (one query)."""
    return Delegation.objects.to(user, DatabaseNow()).exists()


def may_see_queue(user: User) -> bool:
    """Tell whether the person has something to do with what waits for a Financial Admin."""
    return Role.FINANCIAL_ADMIN in user.roles or stands_in(user)


def readable_requests(user: User) -> QuerySet[BusinessRequest]:
    """Return the requests that the person reads; a delegate those too that wait for a decision."""
    visible = BusinessRequest.objects.visible_to(user)
    if not stands_in(user):
        return visible
    return BusinessRequest.objects.filter(
        Q(pk__in=visible.values("pk")) | Q(state=RequestState.SUBMITTED)
    )


def get_request_to_read(user: User, pk: int) -> BusinessRequest:
    """Return a request that the person reads, or raise 404."""
    return get_object_or_404(
        readable_requests(user).select_related(
            "space", "workload__space", "workload__owner", "created_by"
        ),
        pk=pk,
    )


def get_workload_to_read(user: User, slug: str) -> Workload:
    """Return a workload that the person reads, or raise 404; a delegate if it waits too."""
    return get_object_or_404(readable_workloads(user).select_related("space", "owner"), slug=slug)


def readable_workloads(user: User) -> QuerySet[Workload]:
    """Return the workloads that the person reads; a delegate those too that wait for a decision."""
    visible = Workload.objects.visible_to(user)
    if reads_everything(user) or not stands_in(user):
        return visible
    asked = BusinessRequest.objects.filter(state=RequestState.SUBMITTED).values("workload")
    return Workload.objects.filter(
        Q(pk__in=visible.values("pk")) | Q(pk__in=asked) | Q(pk__in=_unconfirmed())
    )


def _unconfirmed() -> QuerySet[Workload]:
    """Return the claimed workloads whose latest estimate waits for its confirmation."""
    later = EstimateSnapshot.objects.filter(
        workload=OuterRef("workload"), version__gt=OuterRef("version")
    )
    settled = Confirmation.objects.filter(estimate=OuterRef("pk"))
    declined = Decline.objects.filter(estimate=OuterRef("pk"))
    waiting = EstimateSnapshot.objects.filter(~Exists(later), ~Exists(settled), ~Exists(declined))
    return Workload.objects.filter(state=WorkloadState.CLAIMED, pk__in=waiting.values("workload"))


def get_request_to_decide(user: User, pk: int) -> BusinessRequest:
    """Return a request that was submitted at some time, or raise 404."""
    return get_object_or_404(
        readable_requests(user)
        .filter(workload__isnull=False)
        .exclude(Q(state=RequestState.DRAFT))
        .select_related("workload", "workload__space", "workload__owner", "created_by"),
        pk=pk,
    )


def get_workload_to_confirm(user: User, slug: str) -> Workload:
    """Return a claimed workload that the person reads, or raise 404."""
    return get_object_or_404(
        readable_workloads(user)
        .filter(state=WorkloadState.CLAIMED)
        .select_related("space", "owner"),
        slug=slug,
    )
