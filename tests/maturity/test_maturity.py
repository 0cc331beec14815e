"""Governance Maturity over real facts: what is read, and its page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from approvals.actions import confirm_pending_estimate
from business_cases.actions import revise_estimate
from business_cases.models import BusinessRequest, RequestState
from maturity.pages import DimensionShown, dimensions_of
from maturity.reports import read_maturity
from maturity.score import Tier
from positions.reader import Reader
from records.clock import now
from spaces.models import Workload
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import TERMS, Cast, added, proposal
from tests.spend import bedrock, load, rule_for

Travel = Callable[[datetime], None]


def read(cast: Cast) -> list[DimensionShown]:
    return dimensions_of(read_maturity(Reader.of(cast.felix), now()))


def confirm(cast: Cast, workload: Workload) -> None:
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )


def test_an_empty_organisation_has_no_data(client: Client, cast: Cast) -> None:
    assert [d.percent for d in read(cast)] == [None] * 5
    client.force_login(cast.felix)
    answer = client.get("/maturity/")
    assert answer.status_code == 200
    assert b"no data" in answer.content.lower()


def test_coverage_of_a_closed_month(cast: Cast, travel: Travel, tmp_path: Path) -> None:
    travel(datetime.fromisoformat("2026-08-20T12:00:00Z"))
    early = added(cast, proposal(cast, name="Early"))
    confirm(cast, early)
    late = added(cast, proposal(cast, name="Late", case=None))
    travel(datetime.fromisoformat("2026-10-16T12:00:00Z"))
    load(
        tmp_path,
        bedrock("early", 60.0),
        bedrock("late", 25.0),
        bedrock("", 15.0),
        bedrock("late", -500.0, line_item_line_item_type="EdpDiscount"),
        bedrock("late", 1000.0, line_item_line_item_type="Tax"),
    )
    rule_for(cast.felix, early, "early")
    rule_for(cast.felix, late, "late")
    confirm(cast, late)
    attribution, estimates, *_ = read(cast)
    assert attribution.percent
    assert (attribution.percent.amount, attribution.tier) == (Decimal(85), Tier.WALK)
    assert [row.name for row in attribution.held_down] == ["Account 111122223333"]
    assert estimates.percent
    assert (estimates.percent.amount, estimates.tier) == (Decimal(50), Tier.CRAWL)
    (held,) = estimates.held_down
    assert held.name == "Late"
    assert "confirmed after the first cost" in held.why
    assert "no declared business case" in held.why


def test_a_late_estimate_stays_late_until_a_renewal_in_time(
    cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-10-16T12:00:00Z"))
    workload = added(cast)
    load(tmp_path, bedrock("late", 25.0))
    rule_for(cast.felix, workload, "late")
    confirm(cast, workload)
    later = replace(TERMS, effective=date(2026, 10, 1), monthly=Decimal(20000))
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=later, reason="Dearer.")
    approve(cast.priya, BusinessRequest.objects.get())
    assert read(cast)[1].parts[0].counted == "0 of 1 claimed workload"
    # The same end, begun a month later, for less: in force at once, and no renewal.
    shorter = replace(later, first=date(2026, 11, 1), months=2, effective=date(2026, 11, 1))
    revise_estimate(actor=cast.olivia, workload=workload, seen=2, terms=shorter, reason="Less.")
    assert read(cast)[1].parts[0].counted == "0 of 1 claimed workload"
    renewal = replace(TERMS, first=date(2027, 1, 1), effective=date(2027, 1, 1))
    revise_estimate(actor=cast.olivia, workload=workload, seen=3, terms=renewal, reason="2027.")
    assert read(cast)[1].parts[0].counted == "0 of 1 claimed workload", (
        "another year waits for a decision"
    )
    approve(cast.priya, BusinessRequest.objects.get(state=RequestState.SUBMITTED))
    assert read(cast)[1].parts[0].counted == "1 of 1 claimed workload"


@pytest.mark.parametrize("name", ["olivia", "mona", "adam", "sam"])
def test_the_score_is_for_who_reads_everything(client: Client, cast: Cast, name: str) -> None:
    client.force_login(getattr(cast, name))
    assert client.get("/maturity/").status_code == 403
