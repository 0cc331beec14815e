"""What each kind of gap asks for, of whom, and the form that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from allocation_gaps.models import GapKind
from notices.models import Kind
from spaces.models import Membership, Space, Workload, WorkloadState


@dataclass(frozen=True, slots=True)
class Answer:
    """What is asked for: `wanted` in words, its `page`, and what its link says in a mail."""

    wanted: str
    page: str
    call: str
    message: Kind

    @property
    def subject(self) -> str:
        """Return how the subject of the mail begins."""
        return f"{self.message.label}: "


ANSWERS: Mapping[str, Answer] = {
    GapKind.UNBACKED: Answer(
        "the business case",
        "case-revise",
        "Declare it here, it takes a few minutes",
        Kind.CASE_REQUESTED,
    ),
    GapKind.NO_ESTIMATE: Answer(
        "the estimate", "estimate-revise", "Give it here", Kind.ESTIMATE_REQUESTED
    ),
    GapKind.NOT_APPROVED: Answer(
        "a submission for approval",
        "workload-send",
        "Send it to approval here",
        Kind.APPROVAL_REQUESTED,
    ),
    GapKind.OVER_PLAN: Answer(
        "a revised estimate", "estimate-revise", "Revise it here", Kind.REVISION_REQUESTED
    ),
    GapKind.FUNDING_ENDED: Answer(
        "a renewal", "estimate-revise", "Renew it here", Kind.RENEWAL_REQUESTED
    ),
    GapKind.NO_OWNER: Answer("an owner", "workload-edit", "Name one here", Kind.OWNER_WANTED),
}
# What is answered by ending it, too.
OR_STOP = frozenset({GapKind.NOT_APPROVED, GapKind.FUNDING_ENDED})


def answer_url(kind: str, workload: Workload) -> str:
    """Return the address of the form that answers a gap of a workload."""
    if workload.state == WorkloadState.STOPPED:
        return workload.get_absolute_url()
    return reverse(ANSWERS[kind].page, args=[workload.slug])


def askable(kind: str, workload: Workload) -> list[User]:
    """Return whom a gap is asked of: the owner, or where there is none who may name one."""
    if kind != GapKind.NO_OWNER:
        return [workload.owner] if workload.owner.is_active else []
    spaces, parents = [workload.space_id], dict(Space.objects.values_list("pk", "parent_id"))
    while (parent := parents.get(spaces[-1])) is not None:
        spaces.append(parent)
    owners = Membership.objects.filter(
        space__in=spaces, role=Membership.Role.PRODUCT_OWNER, user__is_active=True
    )
    return list(User.objects.filter(pk__in=owners.values("user")).order_by("name"))
