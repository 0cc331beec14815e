"""What nobody closes a review over without having seen it, though it moves no total."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from approvals.actions import confirm_pending_estimate
from reviews.actions import close_review
from tests.approvals.test_deciding import seen_of
from tests.cast import Cast, added, proposal
from tests.reviews.test_reviewing import noted, opened, sheet
from tests.spend import bedrock, load, rule_for
from valueboard.lib.errors import StaleError


@pytest.fixture(autouse=True)
def _september(travel: Callable[[datetime], None]) -> None:
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))


def test_that_the_filters_find_a_workload_by_now(cast: Cast, tmp_path: Path) -> None:
    """What was spent in an open month stands in no total."""
    workload = added(cast, proposal(cast, case=None))
    rule_for(cast.felix, workload, "review")
    review = opened(cast, query="above=100")
    noted(cast, review, workload)
    seen = sheet(cast.felix, review).seen
    load(tmp_path, bedrock("review", 500.0))
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")


def test_that_the_estimate_of_one_they_don_t_find_came_into_force(cast: Cast) -> None:
    workload = added(cast)
    review = opened(cast, query="q=nothing")
    noted(cast, review, workload)
    seen = sheet(cast.felix, review).seen
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")
