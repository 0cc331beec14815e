"""A dry run says which gaps of workloads a draft opens and closes, and publishing it does so."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allocation_gaps.models import GapKind
from allocation_gaps.trying import TriedGap, TriedGaps, tried_gaps
from approvals.actions import confirm_pending_estimate
from cur_ingest.actions import RuleTerms, Since, draft_rule, publish_draft
from cur_ingest.drafting import changes_of, draft_of, seen_of_rules
from cur_ingest.dry_run import run_dry
from cur_ingest.models import Rule
from records.clock import now
from spaces.models import Workload
from tests.allocation_gaps.looked import gaps_now
from tests.approvals.test_deciding import seen_of
from tests.cast import Cast, added, proposal, submitted
from tests.spend import bedrock, load, rule_for

UNBACKED, NO_ESTIMATE = GapKind.UNBACKED, GapKind.NO_ESTIMATE
NOT_APPROVED = GapKind.NOT_APPROVED


@pytest.fixture(autouse=True)
def _september(travel: Callable[[datetime], None]) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast, tmp_path: Path) -> Workload:
    """It has all spend, and its estimate waits; half of the spend has a tag of its own."""
    workload = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, workload, "*")
    load(tmp_path, bedrock("chat", 4.0), bedrock("pilot", 6.0), bedrock("", 1.0))
    return workload


def draft(cast: Cast, workload: Workload, tag: str, rule: Rule | None = None) -> None:
    terms = RuleTerms(5, workload, tag_key="workload", tag_value=tag)
    revision = draft_of(cast.felix).revision
    seen = 1 if rule else 0
    draft_rule(actor=cast.felix, revision=revision, terms=terms, rule=rule, seen=seen)


def tried(cast: Cast) -> TriedGaps:
    return tried_gaps(run_dry(changes_of(draft_of(cast.felix)), 3, now()))


def gaps_of_workloads(cast: Cast) -> set[tuple[GapKind, int]]:
    return {(g.kind, g.workload.pk) for g in gaps_now(cast.felix) if g.workload}


def publish(cast: Cast) -> None:
    publish_draft(
        actor=cast.felix,
        seen=seen_of_rules(draft_of(cast.felix)),
        since=Since(date(2026, 9, 1), on_purpose=True),
        reason="Tried.",
    )


def named(gaps: tuple[TriedGap, ...]) -> list[tuple[GapKind, str, bool]]:
    return [(gap.kind, gap.workload.name, gap.claims) for gap in gaps]


def test_first_spend_claims_a_proposed_workload_and_opens_its_gaps(
    client: Client, cast: Cast, chat: Workload
) -> None:
    pilot = submitted(cast, proposal(cast, name="Pilot", case=None)).workload
    assert pilot is not None
    draft(cast, pilot, "pilot")
    found = tried(cast)
    assert named(found.opens) == [
        (kind, "Pilot", True) for kind in (UNBACKED, NO_ESTIMATE, NOT_APPROVED)
    ]
    assert found.closes == ()
    client.force_login(cast.felix)
    page = " ".join(client.get("/spend/rules/draft/run/").content.decode().split())
    assert "Unbacked AI workload" in page
    assert "proposed until now, its first spend would claim it" in page
    pilot.refresh_from_db()
    assert pilot.state == "proposed"


def test_all_spend_lost_closes_what_was_open_for_it_alone(cast: Cast, chat: Workload) -> None:
    search = added(cast, proposal(cast, name="Search", case=None))
    confirm_pending_estimate(
        actor=cast.priya, workload=search, seen=seen_of(search), rationale="Plausible."
    )
    draft(cast, search, "*", Rule.objects.get())
    found = tried(cast)
    # Search was unbacked before, by its estimate, and stays so.
    assert named(found.opens) == [(NOT_APPROVED, "Search", False)]
    assert named(found.closes) == [(NO_ESTIMATE, "Chat", False), (NOT_APPROVED, "Chat", False)]


def test_some_spend_lost_closes_nothing(client: Client, cast: Cast, chat: Workload) -> None:
    search = added(cast, proposal(cast, name="Search"))
    draft(cast, search, "pilot")
    assert named(tried(cast).opens) == [
        (NO_ESTIMATE, "Search", False),
        (NOT_APPROVED, "Search", False),
    ]
    assert tried(cast).closes == ()


@pytest.mark.parametrize("tag", ["pilot", "chat", "*", "nothing"])
def test_publishing_opens_and_closes_what_was_said(cast: Cast, chat: Workload, tag: str) -> None:
    pilot = submitted(cast, proposal(cast, name="Pilot", case=None)).workload
    assert pilot is not None
    draft(cast, pilot, tag, Rule.objects.get() if tag in {"*", "nothing"} else None)
    found, before = tried(cast), gaps_of_workloads(cast)
    publish(cast)
    opens, closes = (
        {(gap.kind, gap.workload.pk) for gap in gaps} for gaps in (found.opens, found.closes)
    )
    assert gaps_of_workloads(cast) == before - closes | opens
    assert bool(opens) == (tag != "nothing")
    assert bool(closes) == (tag in {"*", "nothing"})


def test_queries_do_not_grow_with_workloads(client: Client, cast: Cast, chat: Workload) -> None:
    client.force_login(cast.felix)

    def queries(numbers: range) -> int:
        for number in numbers:
            draft(cast, added(cast, proposal(cast, name=f"W{number}", case=None)), f"w{number}")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/spend/rules/draft/run/").status_code == 200
        return len(asked)

    draft(cast, chat, "pilot")
    few = queries(range(2))
    assert queries(range(2, 9)) <= few
