"""Pages about gaps, for the walk over every page."""

from datetime import timedelta

from allocation_gaps.actions import assign_gap, look_for_gaps, recall_request, request_from_owner
from allocation_gaps.models import GapOpening
from records.clock import today
from spaces.models import Workload
from tests.cast import Cast, added, proposal


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    """Ask about one gap, give another to somebody, take a request back."""
    added(cast, proposal(cast, name="Backlog", case=None))
    added(cast, proposal(cast, name="Letters to come", case=None, space=cast.search))
    look_for_gaps()
    gaps = list(GapOpening.objects.filter(workload__isnull=False).order_by("pk"))
    *_, asked, recalled = gaps
    due = today() + timedelta(days=3)
    for gap in (asked, recalled):
        request_from_owner(
            actor=cast.felix, opening=gap, seen=0, rationale="For the review.", due=due
        )
    recall_request(actor=cast.felix, opening=recalled, seen=1, rationale="Not this one.")
    assign_gap(
        actor=cast.felix, opening=asked, seen=1, assignee=cast.felix, rationale="I see to it."
    )
    return {
        "felix": [
            "/gaps/",
            "/gaps/?group=owner&state=actioned",
            f"/gaps/{asked.pk}/",
            f"/gaps/{asked.pk}/request/",
            f"/gaps/{asked.pk}/assign/",
            f"/gaps/{asked.pk}/recall/",
            f"/gaps/request/?gap={asked.pk}&gap={recalled.pk}",
            "/owed/",
        ],
        "olivia": ["/owed/", f"/workloads/{workload.slug}/stop/"],
    }


def empty(_cast: Cast) -> dict[str, list[str]]:
    """Nothing is open, and nobody owes anything."""
    return {"felix": ["/gaps/", "/gaps/?kind=over_plan", "/owed/"]}
