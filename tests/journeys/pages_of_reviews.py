"""Pages of budget reviews and packs, full and empty."""

from packs.actions import ask_for_pack
from records.clock import now, today
from reviews.actions import close_review, open_review, take_note
from reviews.reports import open_sheet
from spaces.models import Workload
from tests.cast import Cast


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    """A closed review, an open one that follows it, and a pack that waits."""
    first = open_review(actor=cast.felix, name="Third quarter", query="", as_of=today())
    take_note(
        actor=cast.felix,
        review=first,
        workload=workload,
        seen=0,
        notes="Grows fast.",
        direction="watch",
    )
    first.refresh_from_db()
    seen = open_sheet(cast.felix, first, now()).seen
    close_review(actor=cast.felix, review=first, seen=seen, summary="Two go on.")
    second = open_review(
        actor=cast.felix, name="Fourth quarter", query="", as_of=today(), previous=first
    )
    ask_for_pack(actor=cast.felix, query="")
    return {
        "felix": [
            "/reviews/",
            "/reviews/new/?band=strong",
            f"/reviews/{second.pk}/",
            f"/reviews/{second.pk}/edit/",
            f"/reviews/{second.pk}/close/",
            f"/reviews/{second.pk}/workloads/{workload.slug}/",
            f"/reviews/{first.pk}/workloads/{workload.slug}/",
            f"/reviews/{first.pk}/",
            "/packs/",
            "/board/print/",
        ]
    }


def empty(cast: Cast) -> dict[str, list[str]]:
    """Nothing yet."""
    return {"felix": ["/reviews/", "/packs/"]}
