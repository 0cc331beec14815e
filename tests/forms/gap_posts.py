"""The forms about gaps."""

from collections.abc import Callable

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapOpening
from tests.cast import Cast, added, proposal
from tests.forms.edits import TOO, WHY, Edit
from tests.forms.pages import Post

SAID = ("I say so too &amp; mean it.",)


def _gap(cast: Cast) -> GapOpening:
    added(cast, proposal(cast, case=None))
    look_for_gaps()
    return GapOpening.objects.get(kind="unbacked")


def of_request(cast: Cast) -> Post:
    return Post(cast.felix, f"/gaps/{_gap(cast).pk}/request/", {"rationale": WHY})


def of_requests(cast: Cast) -> Post:
    gap = _gap(cast)
    typed = {"rationale": WHY}
    return Post(cast.felix, f"/gaps/request/?gap={gap.pk}", typed, "/gaps/request/")


def of_assign(cast: Cast) -> Post:
    typed = {"assignee": str(cast.priya.pk), "rationale": WHY}
    return Post(cast.felix, f"/gaps/{_gap(cast).pk}/assign/", typed)


def of_recall(cast: Cast) -> Post:
    gap = _gap(cast)
    request_from_owner(actor=cast.felix, opening=gap, seen=0, rationale=WHY)
    return Post(cast.felix, f"/gaps/{gap.pk}/recall/", {"rationale": WHY})


def of_stop(cast: Cast) -> Post:
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/stop/", {"reason": WHY})


POSTS: dict[str, Callable[[Cast], Post]] = {
    "gap-request": of_request,
    "gaps-request": of_requests,
    "gap-assign": of_assign,
    "gap-recall": of_recall,
    "workload-stop": of_stop,
}
EDITS = {
    "gap-request": Edit({"rationale": WHY}, {"rationale": TOO}, SAID),
    "gap-assign": Edit({"rationale": WHY}, {"rationale": TOO}, SAID),
    "gap-recall": Edit({"rationale": WHY}, {"rationale": TOO}, SAID),
    "workload-stop": Edit({"reason": WHY}, {"reason": TOO}, SAID),
}
# What was asked meanwhile is named, and the rest is asked.
SAME = {"gaps-request"}
SETTLED = {"gap-recall", "workload-stop"}
