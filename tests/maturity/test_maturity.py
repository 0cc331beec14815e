"""Governance Maturity over real facts: what is read, and its page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from allocation_gaps.actions import look_for_gaps, recall_request, request_from_owner
from allocation_gaps.gap import Gap
from allocation_gaps.models import GapKind
from approvals.actions import confirm_pending_estimate
from business_cases.actions import revise_case, revise_estimate
from business_cases.models import BusinessRequest, RequestState
from maturity.pages import DimensionShown, dimensions_of
from maturity.reports import read_maturity
from maturity.score import Tier
from positions.reader import Reader
from records.clock import now
from spaces.models import Workload
from tests.allocation_gaps.looked import gap_of
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import SAVING, TERMS, Cast, added, proposal
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


def test_gap_response_counts_what_was_found_acted_on_and_resolved_in_time(
    cast: Cast, travel: Travel
) -> None:
    """Two are found in July: one is answered after 20 days, one was asked for and taken back."""

    def asked(gap: Gap) -> None:
        request_from_owner(
            actor=cast.felix,
            opening=gap.opening,
            seen=gap.acts.seen,
            rationale="It has an estimate.",
        )

    travel(datetime.fromisoformat("2026-07-01T12:00:00Z"))
    answered = added(cast, proposal(cast, name="Answered", case=None))
    left = added(cast, proposal(cast, name="Left", case=None))
    asked(gap_of(cast.felix, answered, GapKind.UNBACKED))
    asked(gap_of(cast.felix, left, GapKind.UNBACKED))
    travel(datetime.fromisoformat("2026-07-05T12:00:00Z"))
    gap = gap_of(cast.felix, left, GapKind.UNBACKED)
    recall_request(
        actor=cast.felix, opening=gap.opening, seen=gap.acts.seen, rationale="Too early."
    )
    travel(datetime.fromisoformat("2026-07-21T12:00:00Z"))
    assert read(cast)[4].tier is None, "younger than 30 days"
    declare(cast, answered)
    look_for_gaps()
    travel(datetime.fromisoformat("2026-08-20T12:00:00Z"))
    response = read(cast)[4]
    assert [part.counted for part in response.parts] == ["1 of 2 gaps", "1 of 2 gaps"]
    (row,) = response.held_down
    assert "found from " in response.question
    assert (row.name, row.why) == ("Left", "Unbacked AI workload: not resolved")
    assert row.url.startswith("/gaps/")
    day = datetime.fromisoformat("2026-08-01T12:00:00Z")
    past = dimensions_of(read_maturity(Reader.of(cast.felix), day, by_group=False))
    assert past[4].percent, "as of a past day"
    travel(datetime.fromisoformat("2026-12-01T12:00:00Z"))
    assert read(cast)[4].tier is None, "older than 120 days"


def declare(cast: Cast, workload: Workload) -> None:
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="Measured.")
