"""Pages of requests, decisions, names and records."""

from approvals.actions import delegate_approving
from business_cases.actions import save_draft, send_to_approval
from business_cases.models import BusinessRequest
from records.clock import today
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, proposal

MERGE = "/names/{}/?type=cost_saving&name={}"


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    waiting = BusinessRequest.objects.get(state="submitted")
    decided = BusinessRequest.objects.get(state="approved")
    draft = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    later = added(cast, proposal(cast, name="Returned"))
    returned = send_to_approval(actor=cast.olivia, workload=later, versions=(1, 1))
    approve(cast.priya, returned, outcome="returned", acknowledgement="")
    stood_in = delegate_approving(
        actor=cast.priya,
        delegate=cast.felix,
        first_day=today(),
        last_day=today(),
        reason="Away for a day.",
    )
    page = f"/workloads/{workload.slug}/"
    return {
        "felix": [
            "/names/",
            MERGE.format("merge", "Outside+counsel"),
            MERGE.format("undo", "Law+firms"),
            f"{page}records/",
            "/records/",
        ],
        "priya": [
            "/inbox/",
            "/settings/",
            "/approvals/",
            f"/approvals/requests/{waiting.pk}/",
            f"/approvals/requests/{waiting.pk}/comment/",
            "/approvals/workloads/unbacked/",
            "/approvals/delegations/new/",
            f"/approvals/delegations/{stood_in.pk}/take-back/",
        ],
        "olivia": [
            "/requests/",
            "/requests/new/",
            f"/requests/{decided.pk}/",
            f"/requests/{draft.pk}/edit/",
            f"/requests/{returned.pk}/submit-again/",
            "/workloads/unbacked/send/",
            f"{page}estimate/",
            f"{page}case/",
            f"{page}case/retract/",
        ],
    }


def empty(_cast: Cast) -> dict[str, list[str]]:
    return {"felix": ["/requests/", "/names/"], "sam": ["/requests/new/", "/inbox/"]}
