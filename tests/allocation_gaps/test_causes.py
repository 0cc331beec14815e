"""A gap says after what the system found it: a load, a snapshot, a decision, a change, at night."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from allocation_gaps.jobs import look, nightly
from allocation_gaps.models import GapKind, GapOpening
from business_cases.actions import retract_case
from spaces.actions import remove_member
from spaces.models import Membership
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import Cast, added, proposal, submitted
from tests.spend import bedrock, load, rule_for

By = GapOpening.FoundBy


@pytest.fixture(autouse=True)
def _looked(cast: Cast, travel: Callable[[datetime], None]) -> None:
    """A first look finds an organisation without gaps."""
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))
    look()


def found(kind: GapKind) -> tuple[str, str]:
    opening = GapOpening.objects.get(kind=kind)
    return opening.found_by, opening.found_after


def test_after_a_load(cast: Cast, tmp_path: Path, client: Client) -> None:
    load(tmp_path, bedrock("review", 100.0))
    look()
    assert found(GapKind.UNCLAIMED) == (By.LOAD, "September 2026")
    client.force_login(cast.felix)
    page = client.get(GapOpening.objects.get().get_absolute_url()).content.decode()
    assert "after a load (September 2026)" in " ".join(page.split())


def test_after_a_load_where_the_gap_is_of_a_workload(cast: Cast, tmp_path: Path) -> None:
    rule_for(cast.felix, added(cast), "review")
    look()
    load(tmp_path, bedrock("review", 100.0))
    look()
    assert found(GapKind.NO_ESTIMATE) == (By.LOAD, "September 2026")


def test_after_a_snapshot(cast: Cast, tmp_path: Path) -> None:
    workload = added(cast)
    load(tmp_path, bedrock("", 100.0))
    look()
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    look()
    assert found(GapKind.UNBACKED) == (By.SNAPSHOT, "case v2")


def test_after_a_decision(cast: Cast) -> None:
    request = submitted(cast, proposal(cast, case=None))
    look()
    assert not GapOpening.objects.exists()
    approve(cast.priya, request, acknowledgement="no_value")
    look()
    decided = GapOpening.objects.get(workload=workload_of(request))
    assert decided.found_by == By.DECISION
    assert decided.found_after.endswith(": Approved")


def test_after_a_change_of_other_facts_whatever_else_was_recorded(cast: Cast) -> None:
    """That the owner left is no snapshot, though one came along."""
    added(cast)
    for membership in Membership.objects.filter(user=cast.olivia):
        remove_member(actor=cast.adam, membership=membership, reason="She left.")
    look()
    assert found(GapKind.NO_OWNER) == (By.CHANGE, "")


def test_what_another_workload_did_is_no_cause(cast: Cast, tmp_path: Path) -> None:
    """Rules are other facts: the load was seen by the look before."""
    chat, review = added(cast, proposal(cast, name="Chat")), added(cast)
    load(tmp_path, bedrock("review", 100.0))
    look()
    rule_for(cast.felix, review, "review")
    retract_case(actor=cast.olivia, workload=chat, seen=1, reason="The pilot failed.")
    look()
    assert found(GapKind.NO_ESTIMATE) == (By.CHANGE, "")
    assert found(GapKind.UNBACKED) == (By.SNAPSHOT, "case v2")


def test_at_night(cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    nightly(timestamp=0)
    assert found(GapKind.UNBACKED) == (By.NIGHTLY, "")
