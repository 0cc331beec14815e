"""What looks record: when a gap of each kind opens, and why it is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from allocation_gaps.actions import look_for_gaps, stop_from_gap
from allocation_gaps.jobs import look, nightly
from allocation_gaps.models import GapAction, GapKind, GapOpening, GapStake
from allocation_gaps.reports import get_gap, open_gaps
from allocation_gaps.states import GapState
from approvals.actions import confirm_pending_estimate
from business_cases.actions import change_workload, retract_case, revise_case, revise_estimate
from business_cases.models import BusinessRequest, RequestState
from records.actions import set_threshold
from records.clock import now, today
from spaces.actions import remove_member
from spaces.models import Membership, Workload
from tests.allocation_gaps.looked import gap_of, gaps_now, kinds_now
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.at_once import at_once
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.spend import bedrock, load, load_months, rule_for
from tests.standing import living

Travel = Callable[[datetime], None]
Act = GapAction.Act


def why_resolved(opening: GapOpening) -> str:
    return GapAction.objects.get(opening=opening, act=Act.RESOLVED).rationale


def spend(folder: Path, travel: Travel, year: int, month: int, amount: str) -> None:
    """Deliver a whole month of spend on the tag `review`, on the 20th of the next one."""
    period = date(year, month, 1)
    load_months(folder / f"{period}", travel, {period: {"review": amount}})


def set_to(cast: Cast, key: str, value: Decimal, *, seen: int = 1) -> None:
    set_threshold(
        actor=cast.adam, key=key, seen=seen, value=value, effective_from=today(), reason="So it is."
    )


def live(cast: Cast, travel: Travel, _folder: Path) -> Workload:
    """Contract review, approved in January for 10,000 growing 5 % over 12 months."""
    travel(datetime(2026, 1, 10, 12, tzinfo=UTC))
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    rule_for(cast.felix, workload, "review")
    return workload


approved = living("approved", live)


def test_a_gap_that_comes_back_is_a_new_one_that_names_the_old(cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    first = gap_of(cast.felix, workload, GapKind.UNBACKED)
    assert (first.state, first.previous) == (GapState.ACTIVE, 0)
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    assert gaps_now(cast.felix) == []
    assert why_resolved(first.opening) == "A business case is declared, v1."
    assert GapAction.objects.get().recorded_by is None
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    again = gap_of(cast.felix, workload, GapKind.UNBACKED)
    assert (again.opening.version, again.previous) == (2, first.id)
    assert again.detail == "Its case was retracted"
    assert not again.acts.rows
    assert gap_of(cast.felix, workload, GapKind.UNBACKED).id == again.id, "as long as it stays"


def test_answered_and_taken_back_between_two_looks_is_another_gap(cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    first = gap_of(cast.felix, workload, GapKind.UNBACKED)
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    again = gap_of(cast.felix, workload, GapKind.UNBACKED)
    assert again.previous == first.id
    assert "taken back" in why_resolved(first.opening)


def test_a_look_that_finds_nothing_new_records_nothing(cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    look()
    before = GapOpening.objects.count(), GapAction.objects.count()
    look()
    assert (GapOpening.objects.count(), GapAction.objects.count()) == before
    assert GapStake.objects.count() == 1


def test_the_nightly_look_finds_what_was_missed(cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    nightly(timestamp=0)
    assert GapOpening.objects.get().found_by == GapOpening.FoundBy.NIGHTLY


@pytest.mark.django_db(transaction=True)
def test_looks_at_once_open_a_gap_once(cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    at_once(*[look_for_gaps] * 8)
    assert GapOpening.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_recording_a_fact_asks_for_a_look(cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'gaps.look'")
        assert cursor.fetchone() == (1,)


def test_spend_without_an_approving_decision(cast: Cast, travel: Travel, tmp_path: Path) -> None:
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))
    workload = added(cast)
    load(tmp_path, bedrock("review", 100.0))
    rule_for(cast.felix, workload, "review")
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    gap = gap_of(cast.felix, workload, GapKind.NOT_APPROVED)
    assert gap.detail == "Spend since 5 Sep 2026, and no decision approved its funding"
    assert gap.actual.amount == 100


def test_an_approval_resolves_it(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend(tmp_path, travel, 2026, 1, "9000")
    assert kinds_now(cast.felix) == set()


def test_a_closed_month_over_its_estimate_until_the_next_one_within(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    """January was planned at 10,000.00, February at 10,500.00, March at 11,025.00."""
    spend(tmp_path, travel, 2026, 1, "12000")
    assert kinds_now(cast.felix) == set()  # exactly 20 % is within
    spend(tmp_path, travel, 2026, 2, "12600.01")
    gap = gap_of(cast.felix, approved, GapKind.OVER_PLAN)
    assert gap.detail == (
        "February 2026 came to $12,600.01; its estimate was $10,500.00, 20% above it"
    )
    assert gap.excess
    assert gap.excess.amount == Decimal("2100.01")
    assert gap.since == date(2026, 3, 1)
    spend(tmp_path, travel, 2026, 3, "11000")
    assert kinds_now(cast.felix) == set()
    assert "within its estimate" in why_resolved(gap.opening)


def test_a_revision_in_force_answers_an_overrun(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend(tmp_path, travel, 2026, 1, "15000")
    assert kinds_now(cast.felix) == {("over_plan", "Contract review")}
    terms = replace(TERMS, monthly=Decimal(10_100), effective=date(2026, 2, 1))
    revise_estimate(
        actor=cast.olivia, workload=approved, seen=1, terms=terms, reason="More contracts."
    )
    assert kinds_now(cast.felix) == set()


def test_a_revision_for_later_months_answers_though_it_came_before_the_month_was_over(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    terms = replace(TERMS, monthly=Decimal(10_100), effective=date(2026, 2, 1))
    revise_estimate(actor=cast.olivia, workload=approved, seen=1, terms=terms, reason="More.")
    spend(tmp_path, travel, 2026, 1, "15000")
    assert kinds_now(cast.felix) == set()


def test_a_revision_of_the_month_answers_when_it_is_approved_after_it(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    """On the first day after it: January is above this one, too, and somebody looked at it."""
    terms = replace(TERMS, monthly=Decimal(12_000), effective=date(2026, 1, 1))
    revise_estimate(actor=cast.olivia, workload=approved, seen=1, terms=terms, reason="More.")
    travel(datetime(2026, 2, 1, 12, tzinfo=UTC))
    approve(cast.priya, BusinessRequest.objects.get(state=RequestState.SUBMITTED))
    spend(tmp_path, travel, 2026, 1, "15000")
    assert kinds_now(cast.felix) == set()


def test_a_month_is_compared_with_the_estimate_that_counts_for_it(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    """The revision of February doubles nothing that January was planned at."""
    terms = replace(TERMS, monthly=Decimal(10_900), effective=date(2026, 1, 1))
    revise_estimate(
        actor=cast.olivia, workload=approved, seen=1, terms=terms, reason="More contracts."
    )
    spend(tmp_path, travel, 2026, 1, "12500")  # 25 % above the first, 14.7 % above this one
    assert kinds_now(cast.felix) == set()


def test_the_threshold_of_the_day_counts(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend(tmp_path, travel, 2026, 1, "11500")
    assert kinds_now(cast.felix) == set()
    set_to(cast, "gap.over_plan_percent", Decimal(10))
    assert kinds_now(cast.felix) == {("over_plan", "Contract review")}


def test_below_the_minimum_of_its_kind_there_is_no_gap(cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    gap = gap_of(cast.felix, workload, GapKind.UNBACKED)
    assert gap.projected
    set_to(cast, "gap.minimum.unbacked", gap.projected.amount + 1)
    assert kinds_now(cast.felix) == set()
    assert "least one" in why_resolved(gap.opening)


def test_the_minimum_is_compared_with_what_the_gap_is_about(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    """The excess of a month; spend without approval; without a case the larger of two amounts."""
    small = replace(TERMS, monthly=Decimal(100))
    for asked in (
        proposal(cast, name="Dear"),
        proposal(cast, name="Bare", case=None, estimate=small),
    ):
        workload = added(cast, asked)
        confirm_pending_estimate(
            actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
        )
        rule_for(cast.felix, workload, workload.slug)
    # 5,000 above its estimate, and 10,800 and 12,000 a year.
    january = {"review": "15000", "dear": "900", "bare": "1000"}
    load_months(tmp_path, travel, {date(2026, 1, 1): january})
    every = {("over_plan", "Contract review"), ("not_approved", "Dear"), ("unbacked", "Bare")}
    least = {"over_plan": "5000", "not_approved": "10800", "unbacked": "12000"}
    others = {("not_approved", "Bare"), ("over_plan", "Bare")}
    for key, amount in least.items():
        set_to(cast, f"gap.minimum.{key}", Decimal(amount))
    assert kinds_now(cast.felix) - others == every
    (bare,) = (gap for gap in gaps_now(cast.felix) if gap.kind is GapKind.UNBACKED)
    assert bare.since == date(2026, 1, 1), "of spend and estimate what came first"
    for key, amount in least.items():
        set_to(cast, f"gap.minimum.{key}", Decimal(amount) + 1, seen=2)
    assert kinds_now(cast.felix) - others == set()


def test_spend_after_the_last_funded_month_until_it_is_renewed(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend(tmp_path, travel, 2026, 12, "9000")
    assert kinds_now(cast.felix) == set()
    spend(tmp_path, travel, 2027, 1, "9000")
    gap = gap_of(cast.felix, approved, GapKind.FUNDING_ENDED)
    assert gap.detail == "Spend in January 2027; its last funded month was December 2026"
    assert gap.since == date(2027, 1, 1)
    assert kinds_now(cast.felix) == {("funding_ended", "Contract review")}
    spent = {date(2027, month, 1): {"other": "1"} for month in (2, 3, 4)}
    load_months(tmp_path / "other", travel, spent)
    assert kinds_now(cast.felix) == {("unclaimed", "workload = other")}
    assert why_resolved(gap.opening).startswith("The workload ended: ")


def test_an_owner_who_left_the_space_or_was_deactivated(cast: Cast) -> None:
    workload = added(cast)
    assert kinds_now(cast.felix) == set()
    membership = Membership.objects.get(user=cast.olivia)
    remove_member(actor=cast.adam, membership=membership, reason="She moved on.")
    gap = gap_of(cast.felix, workload, GapKind.NO_OWNER)
    assert gap.detail == "Olivia Example left Commerce"
    Membership.objects.create(space=cast.commerce, user=cast.oscar, role="product_owner")
    workload.refresh_from_db()
    change_workload(
        actor=cast.oscar,
        workload=workload,
        seen=workload.seen,
        name=workload.name,
        purpose=workload.purpose,
        space=workload.space,
        owner=cast.oscar,
        reason="I take it.",
    )
    assert kinds_now(cast.felix) == set()
    assert why_resolved(gap.opening) == "Its product owner is there."
    cast.oscar.is_active = False
    cast.oscar.save()
    assert gap_of(cast.felix, workload, GapKind.NO_OWNER).detail == "Oscar Example was deactivated"


def test_stopping_resolves_what_was_open_and_hides_no_spend(
    cast: Cast, approved: Workload, travel: Travel, tmp_path: Path
) -> None:
    spend(tmp_path, travel, 2026, 1, "15000")
    gap = gap_of(cast.felix, approved, GapKind.OVER_PLAN)
    (act,) = stop_from_gap(
        actor=cast.olivia, workload=approved, seen=approved.seen, reason="It did not pay."
    )
    assert (act.act, act.rationale, act.opening) == (Act.STOPPED, "It did not pay.", gap.opening)
    assert kinds_now(cast.felix) == set()
    assert why_resolved(gap.opening) == "The workload was stopped on 20 Feb 2026."
    spend(tmp_path, travel, 2026, 2, "9000")
    assert kinds_now(cast.felix) == set(), "the month in which it was stopped is still its own"
    spend(tmp_path, travel, 2026, 3, "200")
    again = gap_of(cast.felix, approved, GapKind.FUNDING_ENDED)
    assert again.detail == "Spend in March 2026; it was stopped on 20 Feb 2026"
    travel(datetime(2026, 7, 2, tzinfo=UTC))
    assert kinds_now(cast.felix) == set()
    assert why_resolved(again.opening).endswith("or there is no spend after its end.")


def test_a_long_group_of_unclaimed_spend_has_a_key_of_its_own(
    cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))
    long = "x" * 250
    load(tmp_path, bedrock(f"{long}1", 5.0), bedrock(f"{long}2", 7.0))
    gaps = gaps_now(cast.felix)
    assert {gap.opening.group for gap in gaps} == {f"tag:workload={long}{n}" for n in (1, 2)}
    assert len({gap.opening.key for gap in gaps}) == 2


def test_a_past_date_shows_the_gaps_of_then(cast: Cast, travel: Travel) -> None:
    travel(datetime(2026, 3, 1, 12, tzinfo=UTC))
    workload = added(cast, proposal(cast, case=None))
    look_for_gaps()
    march = now()
    travel(datetime(2026, 4, 1, 12, tzinfo=UTC))
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    look_for_gaps()
    assert open_gaps(cast.felix, now()) == []
    (gap,) = open_gaps(cast.felix, march)
    assert (gap.name, gap.state) == ("Contract review", GapState.ACTIVE)
    assert get_gap(gap.opening, now()).state is GapState.RESOLVED
