"""What the tests of the decision pages post, and how they read an answer."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from business_cases.actions import revise_case
from business_cases.models import BusinessRequest
from spaces.models import Workload
from tests.approvals.test_deciding import seen_of
from tests.cast import SAVING, Cast


def posted(workload: Workload, **changes: str) -> dict[str, str]:
    """What a Financial Admin posts who just opened the page and agrees."""
    seen = seen_of(workload)
    asked = BusinessRequest.objects.filter(workload=workload).first()
    return {
        "request_seen": str(asked.revision) if asked else "",
        "outcome": "approved",
        "acknowledgement": "agreed",
        "rationale": "The pilot convinced us.",
        "estimate_seen": seen.estimate,
        "case_seen": seen.case,
        "workload_seen": workload.seen,
    } | changes


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def lower(cast: Cast, workload: Workload) -> None:
    """Olivia lowers her case to 10 %."""
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        case=replace(SAVING, percent=Decimal(10)),
        reason="The pilot was smaller than we thought.",
    )
