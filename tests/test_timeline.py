"""Everything that happened to a workload stands in its timeline: in words, and field by field."""

from datetime import date

from django.test import Client

from allocation_gaps.actions import look_for_gaps
from cur_ingest.actions import close_month
from cur_ingest.closing import month_states
from cur_ingest.reports import seen_of_month
from records.clock import now
from tests.figures.living import World, world
from tests.spend import rule_for
from tests.test_board import text

__all__ = ["world"]  # a fixture


def test_everything_that_happened_is_told(client: Client, world: World) -> None:
    cast, august = world.cast, date(2026, 8, 1)
    rule_for(cast.felix, world.workload, "lost")  # what its months came to is restated
    seen = seen_of_month(month_states(now())[august], now())
    close_month(actor=cast.felix, period=august, seen=seen, reason="The books are closed.")
    look_for_gaps()
    client.force_login(cast.felix)
    page = f"/workloads/{world.workload.slug}/?part=timeline"
    told = " ".join(text(client.get(f"{page}&page={n}").content.decode()) for n in (1, 2))
    for what in (
        "Business Request “Contract review”: submitted State: Draft → became Submitted",
        "Estimate recorded version 1, baseline",
        "Business case declared version 1, baseline",
        "Decision: approved saw version 1 of the case and version 1 of the estimate",
        "Business Request “Contract review”: approved State: Submitted → became Approved",
        "Version 1 of the estimate came into force",
        "Business case revised version 2 Expected percentage: 25% → became 12.5%",
        "Declared annual opportunity: $1,150,000 → became $575,000 ( −$575,000 )",
        "Estimate revised version 3 Monthly amount: $10,400.55 → became $20,000.00",
        "Attribution rule made",
        "Spend of August 2026 restated",
        "August 2026: closed",
        "Looked at in “Third quarter” budget review",
        "Business Request “Contract review”: submitted",
    ):
        assert what in told, what
    other = client.get(f"/workloads/{world.unbacked.slug}/?part=timeline").content.decode()
    assert "Allocation Gap opened: Unbacked AI workload since " in text(other)
