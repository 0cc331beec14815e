"""Budget reviews as tests make them, past every action where they attack the database."""

from typing import Any

from django.db import transaction

from records.clock import now, today
from reviews.models import Closing, Note, Review, Reviewed
from spaces.models import Workload
from tests.cast import Cast


def opened(cast: Cast, name: str = "Third quarter", **given: Any) -> Review:
    """Make an open review, as Finance."""
    right = {"as_of": today(), "created_by": cast.felix, "created_at": now()}
    return Review.objects.create(name=name, **right | given)


def noted(cast: Cast, review: Review, workload: Workload, **given: Any) -> Note:
    """Write a note."""
    right = {"notes": "Grows.", "direction": "watch", "by": cast.felix, "at": now()}
    return Note.objects.create(review=review, workload=workload, **right | given)


@transaction.atomic
def closed(cast: Cast, review: Review, *workloads: Workload, **wrong: Any) -> Closing:
    """Close a review over these workloads; right but for what is `wrong`."""
    right = {
        "name": review.name,
        "query": review.query,
        "as_of": review.as_of,
        "known_at": now(),
        "workloads": len(workloads),
        "bounds_version": 1,
        "basis": "amortised",
        "recorded_by": cast.felix,
    }
    closing = Closing.objects.create(review=review, **right | wrong)
    for position, workload in enumerate(workloads, 1):
        placed(closing, workload, position)
    return closing


def placed(closing: Closing, workload: Workload, position: int, **wrong: Any) -> Reviewed:
    """Put a workload into a closing; right but for what is `wrong`."""
    right: dict[str, Any] = {
        "name": workload.name,
        "space": str(workload.space),
        "owner": str(workload.owner),
        "band": "strong",
        "proposed": "scale",
        "direction": "watch",
        "notes": "Grows.",
    }
    return Reviewed.objects.create(
        closing=closing, workload=workload, position=position, **right | wrong
    )
