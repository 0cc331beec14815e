"""A day that stands out asks early whether a workload runs over its plan (METHOD 8, 11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from django.test import Client

from allocation_gaps.actions import request_from_owner
from allocation_gaps.gap import Gap
from allocation_gaps.models import GapKind
from allocation_gaps.states import GapState
from business_cases.actions import revise_estimate
from cur_ingest.actions import load_deliveries
from spaces.models import Workload
from tests.allocation_gaps.looked import gaps_now
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import TERMS, Cast, submitted
from tests.cur_ingest.deliveries import deliver
from tests.spend import bedrock, load_months, rule_for
from tests.standing import living

Travel = Callable[[datetime], None]
SEPTEMBER_28 = datetime(2026, 9, 28, 12, tzinfo=UTC)


def over_plan(cast: Cast) -> list[Gap]:
    return [gap for gap in gaps_now(cast.felix) if gap.kind is GapKind.OVER_PLAN]


def spend_september(folder: Path, jump: float, execution: str = "e-1") -> None:
    """Spend 100 a day, 45 at weekends, and `jump` on Friday the 25th."""
    days = {day: 45.0 if day % 7 in {5, 6} else 100.0 for day in range(1, 27)} | {25: jump}
    rows = [
        bedrock("review", cost, line_item_usage_start_date=datetime(2026, 9, day, tzinfo=UTC))
        for day, cost in days.items()
    ]
    load_deliveries(actor=None, location=str(deliver(folder, rows, execution=execution)))


def live(cast: Cast, travel: Travel, folder: Path) -> Workload:
    """Contract review, approved in January, that spends about the same every day."""
    travel(datetime(2026, 1, 10, 12, tzinfo=UTC))
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    rule_for(cast.felix, workload, "review")
    months = {date(2026, month, 1): {"review": "2600"} for month in (7, 8)}
    load_months(folder / "before", travel, months)
    travel(SEPTEMBER_28)
    return workload


approved = living("approved", live)


def test_a_jump_in_an_open_month_opens_the_question(
    client: Client, cast: Cast, approved: Workload, tmp_path: Path
) -> None:
    spend_september(tmp_path / "now", 900.0)
    (gap,) = over_plan(cast)
    assert (gap.workload, gap.since, gap.state) == (approved, date(2026, 9, 25), GapState.ACTIVE)
    assert gap.detail.startswith("$900.00 on 25 Sep 2026 was above what is usual")
    assert "the last 8 Fridays had a median of $" in gap.detail
    assert "of $14,774.55 planned" in gap.detail  # 10,000 growing 5 % for 8 months
    client.force_login(cast.felix)
    assert "a revised" in client.get("/gaps/").content.decode()


def test_usual_spend_opens_nothing(cast: Cast, approved: Workload, tmp_path: Path) -> None:
    spend_september(tmp_path / "now", 100.0)
    assert not over_plan(cast)


def test_asking_for_a_revised_estimate_makes_it_actioned(
    cast: Cast, approved: Workload, tmp_path: Path
) -> None:
    spend_september(tmp_path / "now", 900.0)
    (gap,) = over_plan(cast)
    request_from_owner(
        actor=cast.felix, opening=gap.opening, seen=0, rationale="What happened on Friday?"
    )
    (gap,) = over_plan(cast)
    assert gap.state is GapState.ACTIONED


def test_a_revision_in_force_answers_it(cast: Cast, approved: Workload, tmp_path: Path) -> None:
    spend_september(tmp_path / "now", 900.0)
    revised = replace(TERMS, monthly=Decimal(10_100), effective=date(2026, 9, 1))
    revise_estimate(
        actor=cast.olivia, workload=approved, seen=1, terms=revised, reason="A test of load."
    )
    assert not over_plan(cast)


def test_a_revision_that_waits_is_to_be_decided_first(
    cast: Cast, approved: Workload, tmp_path: Path
) -> None:
    spend_september(tmp_path / "now", 900.0)
    revised = replace(TERMS, monthly=Decimal(20_000), effective=date(2026, 9, 1))
    revise_estimate(
        actor=cast.olivia, workload=approved, seen=1, terms=revised, reason="Twice the use."
    )
    (gap,) = over_plan(cast)
    assert gap.waits


def test_a_closed_month_is_asked_about_no_more(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend_september(tmp_path / "now", 900.0)
    assert over_plan(cast)
    travel(datetime(2026, 10, 2, 12, tzinfo=UTC))
    spend_september(tmp_path / "now", 900.0, "e-2")
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    assert not over_plan(cast)


def test_it_is_read_by_whoever_reads_the_workload(
    cast: Cast, approved: Workload, tmp_path: Path
) -> None:
    spend_september(tmp_path / "now", 900.0)
    kinds = {
        person.name: {gap.kind for gap in gaps_now(person)} for person in (cast.olivia, cast.oscar)
    }
    assert kinds == {"Olivia Example": {GapKind.OVER_PLAN}, "Oscar Example": set()}
