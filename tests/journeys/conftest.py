"""The organisation that the pages are looked at with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from business_cases.actions import merge_names
from cur_ingest.actions import record_rate
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.cast import REVENUE, SAVING, Cast, added, proposal, submitted
from tests.spend import bedrock, close_september, load, rule_for
from valueboard.lib.figure import ValueType


def claimed_twice(cast: Cast) -> None:
    """Have a second case claim all of the first one's cost, under a name that finance merged."""
    case = replace(SAVING, anchor="Law firms", percent=Decimal(100))
    added(cast, proposal(cast, name="Letters", case=case))
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason="One contract.",
    )


@pytest.fixture
def organisation(cast: Cast, travel: Callable[[datetime], None], tmp_path: Path) -> Workload:
    """An organisation with requests, workloads and a bill, in October; and its first workload."""
    travel(datetime.fromisoformat("2026-10-20T12:00:00Z"))
    decided = submitted(cast)
    submitted(cast, proposal(cast, name="Waiting"))
    approve(cast.priya, decided)
    assert decided.workload
    added(cast, proposal(cast, name="Unbacked", case=None))
    added(cast, proposal(cast, name="Re-ranking", case=REVENUE, space=cast.search))
    claimed_twice(cast)
    load(tmp_path, bedrock("review", 900.0), bedrock("", 55.0))
    # Before the loads: recording a rate asks for those that wait for one.
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=date(2026, 9, 1),
        rate=Decimal("1.0854"),
        reason="Mean of the month.",
        seen=0,
    )
    rule_for(cast.felix, decided.workload, "review")
    close_september(cast)
    load(tmp_path, bedrock("review", 950.0), bedrock("", 55.0), execution="e-2")
    return decided.workload
