"""Who may do what with Business Requests; fetch and authorise in one call.

| Verb | Who |
|---|---|
| read | a draft: its author; once submitted: whoever reads its Space or its workload |
| edit, submit, send, withdraw | a draft: its author; then its workload's owner, product owners |
| see what other cases claim of the same | whoever may edit; whoever reads everything |
| read the list of names | whoever reads everything |
| merge names | Finance |
"""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from accounts.policy import READS_EVERYTHING, reads_everything
from business_cases.models import BusinessRequest, RequestKind, RequestState
from spaces.access import may_revise
from spaces.models import Reader, Workload

OPEN = frozenset({RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED})
EDITABLE = frozenset({RequestState.DRAFT, RequestState.RETURNED})
NAME_READERS, NAME_MERGERS = READS_EVERYTHING, frozenset({Role.FINANCE})


def get_request(user: User, pk: int) -> BusinessRequest:
    """Return a request that the person reads, or raise 404."""
    return get_object_or_404(
        BusinessRequest.objects.visible_to(user).select_related(
            "space", "workload__space", "workload__owner", "created_by"
        ),
        pk=pk,
    )


def get_own_request(user: User, pk: int) -> BusinessRequest:
    """Return a request that is the person's to change while it is open, or raise 404."""
    request = get_request(user, pk)
    if not _is_theirs(user, request):
        message = "This request is not yours to change."
        raise Http404(message)
    return request


def may_edit(user: User, request: BusinessRequest) -> bool:
    """Tell whether the person may still change what the request says."""
    written = request.kind == RequestKind.NEW_WORKLOAD  # others have no form of their own
    return written and request.state in EDITABLE and _is_theirs(user, request)


def may_submit_again(user: User, request: BusinessRequest) -> bool:
    """Tell whether the person may submit a returned request about a workload that is there."""
    return (
        request.state == RequestState.RETURNED
        and request.kind != RequestKind.NEW_WORKLOAD
        and _is_theirs(user, request)
    )


def may_withdraw(user: User, request: BusinessRequest) -> bool:
    """Tell whether the person may take the request back."""
    return request.state in OPEN and _is_theirs(user, request)


def may_request(user: User) -> bool:
    """Tell whether the person may write a Business Request at all."""
    return bool(Reader.of(user).owns)


def sees_claims(user: User, workload: Workload) -> bool:
    """Tell whether the person sees who else claims what the workload's case draws on.

    They see name, owner and amount of workloads that they may not read, so it is not for every
    member of a Space.
    """
    return reads_everything(user) or may_revise(user, workload)


def may_merge_names(user: User) -> bool:
    """Tell whether the person may say that two names stand for one thing."""
    return bool(user.roles & NAME_MERGERS)


def _is_theirs(user: User, request: BusinessRequest) -> bool:
    if request.submitted_at is None:
        return request.created_by_id == user.pk
    return request.workload is not None and may_revise(user, request.workload)
