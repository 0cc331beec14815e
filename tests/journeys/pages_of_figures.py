"""The page behind a figure, and the parts of a workload's page, for the walk over every page."""

from spaces.models import Workload
from tests.cast import Cast


def full(_cast: Cast, workload: Workload) -> dict[str, list[str]]:
    """Look at a score, a sum, a total and a month; at everything that happened, and the days."""
    of = f"w:{workload.slug}"
    page = f"/workloads/{workload.slug}/"
    return {
        "felix": [
            f"/figures/?what=prospect&of={of}",
            f"/figures/?what=projected&of={of}",
            "/figures/?what=total_projected&of=q:",
            f"/figures/?what=month_actual&of={of}:2026-09",
            f"{page}?part=timeline",
            f"{page}?part=days",
            f"{page}?part=claims",
        ]
    }
