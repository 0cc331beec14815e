"""Acting on gaps: asking one or many, giving, taking back, reminding; and what that records."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.models import User
from allocation_gaps.actions import (
    assign_gap,
    look_for_gaps,
    recall_request,
    request_from_owner,
    request_many,
    send_reminders,
)
from allocation_gaps.actions.holding import GoneError
from allocation_gaps.gap import Gap
from allocation_gaps.models import GapAction, GapKind, GapOpening
from allocation_gaps.reports import get_gap, owed_by
from allocation_gaps.states import GapState
from business_cases.actions import revise_case
from notices.models import Kind, Message
from records.clock import now, today
from spaces.actions import remove_member
from spaces.models import Membership, Workload
from tests.allocation_gaps.looked import gap_of, gaps_now
from tests.business_cases.typed import fields_of
from tests.cast import PASSWORD, SAVING, Cast, added, proposal
from tests.spend import bedrock, load
from valueboard.lib.errors import RefusedError, StaleError

Travel = Callable[[datetime], None]
Act = GapAction.Act


@pytest.fixture
def unbacked(cast: Cast) -> Workload:
    """Contract review, without a case."""
    return added(cast, proposal(cast, case=None))


@pytest.fixture
def gap(cast: Cast, unbacked: Workload) -> Gap:
    """Its gap, found."""
    return gap_of(cast.felix, unbacked, GapKind.UNBACKED)


def now_of(gap: Gap) -> Gap:
    return get_gap(gap.opening, now())


def told(kind: Kind) -> list[str]:
    return [m.recipient.name for m in Message.objects.filter(kind=kind).order_by("pk")]


def ask(cast: Cast, gap: Gap, due: date | None = None) -> GapAction:
    return request_from_owner(
        actor=cast.felix,
        opening=gap.opening,
        seen=now_of(gap).acts.seen,
        rationale="For the review.",
        due=due,
    )


def test_nobody_is_asked_for_what_is_there_by_now(cast: Cast, unbacked: Workload, gap: Gap) -> None:
    """Between a fact and the look that follows it."""
    revise_case(actor=cast.olivia, workload=unbacked, seen=0, case=SAVING, reason="")
    with pytest.raises(StaleError, match="resolved meanwhile"):
        ask(cast, gap)
    assert not GapAction.objects.exists()


def test_of_two_who_act_on_one_gap_the_second_is_told(cast: Cast, gap: Gap) -> None:
    ask(cast, gap)
    with pytest.raises(StaleError, match="by Felix Example meanwhile"):
        assign_gap(
            actor=cast.priya, opening=gap.opening, seen=0, assignee=cast.mona, rationale="See."
        )
    assert GapAction.objects.count() == 1


def test_a_recalled_request_counts_as_open(cast: Cast, gap: Gap) -> None:
    asked = ask(cast, gap)
    assert now_of(gap).state is GapState.ACTIONED
    for seen, rationale, wrong in (
        (asked.version, " ", ValidationError),
        (0, "Wrong.", StaleError),
    ):
        with pytest.raises(wrong):
            recall_request(actor=cast.priya, opening=gap.opening, seen=seen, rationale=rationale)
    back = recall_request(
        actor=cast.priya, opening=gap.opening, seen=asked.version, rationale="Wrong workload."
    )
    assert (back.takes_back, back.recorded_by) == (asked, cast.priya)
    assert now_of(gap).state is GapState.RECALLED
    assert now_of(gap).is_open
    assert [g.state for g in gaps_now(cast.felix)] == [GapState.RECALLED]
    assert told(Kind.GAP_RECALLED) == ["Olivia Example"]
    with pytest.raises(RefusedError, match="Nothing was requested"):
        recall_request(actor=cast.priya, opening=gap.opening, seen=back.version, rationale="Again.")
    ask(cast, gap)
    assert now_of(gap).state is GapState.ACTIONED


def test_resolved_is_found_straight_from_active_too(
    cast: Cast, unbacked: Workload, gap: Gap
) -> None:
    revise_case(actor=cast.olivia, workload=unbacked, seen=0, case=SAVING, reason="")
    look_for_gaps()
    assert now_of(gap).state is GapState.RESOLVED
    assert [row.act for row in now_of(gap).acts.rows] == [Act.RESOLVED]
    with pytest.raises(GoneError):
        recall_request(actor=cast.felix, opening=gap.opening, seen=0, rationale="Too late.")


def test_many_are_asked_with_one_rationale_and_what_can_not_be_is_named(cast: Cast) -> None:
    workloads = [added(cast, proposal(cast, name=f"W{n}", case=None)) for n in range(4)]
    gaps = [gap_of(cast.felix, each, GapKind.UNBACKED) for each in workloads]
    revise_case(actor=cast.olivia, workload=workloads[1], seen=0, case=SAVING, reason="")
    ask(cast, gaps[2])
    outcome = request_many(
        actor=cast.felix, asked={g.id: 0 for g in gaps}, rationale="Friday's review."
    )
    assert [action.workload for action in outcome.done] == [workloads[0], workloads[3]]
    left = {opening.workload: why for opening, why in outcome.left}
    assert "resolved meanwhile" in left[workloads[1]]
    assert "Felix Example meanwhile" in left[workloads[2]]
    assert len(told(Kind.CASE_REQUESTED)) == 3


def test_the_bulk_page_sends_and_names(client: Client, cast: Cast) -> None:
    workloads = [added(cast, proposal(cast, name=f"W{n}", case=None)) for n in range(3)]
    ids = [str(gap_of(cast.felix, each, GapKind.UNBACKED).id) for each in workloads]
    client.force_login(cast.felix)
    page = client.get("/gaps/request/", {"gap": ids})
    typed = fields_of(page) | {"gap": ids, "rationale": "Friday's review."}
    revise_case(actor=cast.olivia, workload=workloads[0], seen=0, case=SAVING, reason="")
    answer = client.post("/gaps/request/", typed, follow=True)
    said = " ".join(answer.content.decode().split())
    assert "2 requests sent" in said
    assert "Not asked: Unbacked AI workload: W0. The gap was resolved meanwhile." in said
    again = client.post("/gaps/request/", typed, follow=True)
    assert "Business case requested by Felix Example meanwhile" in again.content.decode()
    assert len(told(Kind.CASE_REQUESTED)) == 2


def test_without_gaps_chosen_the_bulk_page_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)
    assert "Choose gaps" in client.get("/gaps/request/", follow=True).content.decode()


def test_unclaimed_spend_has_nobody_to_ask_but_somebody_to_see_to_it(
    client: Client, cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))
    load(tmp_path, bedrock("lost", 100.0))
    gap = gap_of(cast.felix, None, GapKind.UNCLAIMED)
    with pytest.raises(ValidationError):
        ask(cast, gap)
    client.force_login(cast.felix)
    assert client.get(f"/gaps/{gap.id}/request/").status_code == 404
    assign_gap(
        actor=cast.felix, opening=gap.opening, seen=0, assignee=cast.priya, rationale="Yours?"
    )
    assert [g.id for g in owed_by(cast.priya, now())] == [gap.id]
    with pytest.raises(ValidationError, match="doesn't read"):
        assign_gap(
            actor=cast.felix, opening=gap.opening, seen=1, assignee=cast.olivia, rationale="You?"
        )


def test_assigning_leaves_the_state_and_tells_who_gets_it(cast: Cast, gap: Gap) -> None:
    assign_gap(
        actor=cast.felix,
        opening=gap.opening,
        seen=0,
        assignee=cast.mona,
        rationale="Ask the lawyers.",
        due=today() + timedelta(days=3),
    )
    assert (now_of(gap).state, now_of(gap).assignee) == (GapState.ACTIVE, "Mona Example")
    assert told(Kind.GAP_ASSIGNED) == ["Mona Example"]
    assert [g.id for g in owed_by(cast.mona, now())] == [gap.id]


def test_an_answer_is_expected_on_a_day_to_come(cast: Cast, gap: Gap) -> None:
    with pytest.raises(ValidationError, match="a day to come"):
        ask(cast, gap, today())
    with pytest.raises(ValidationError, match="a day to come"):
        assign_gap(
            actor=cast.felix,
            opening=gap.opening,
            seen=0,
            assignee=cast.mona,
            rationale="See to it.",
            due=today(),
        )
    assert ask(cast, gap).due == today() + timedelta(days=7)


def test_reminders_come_on_their_day_and_again_until_it_is_answered(
    cast: Cast, travel: Travel, unbacked: Workload, gap: Gap
) -> None:
    asked = ask(cast, gap, today() + timedelta(days=3))
    start = now()
    assert send_reminders() == 0
    travel(start + timedelta(days=3))
    assert (send_reminders(), send_reminders()) == (1, 0)
    reminder = GapAction.objects.get(act=Act.REMINDED)
    assert (reminder.recorded_by, reminder.due) == (None, today() + timedelta(days=7))
    assert told(Kind.GAP_REMINDER) == ["Olivia Example"]
    # A reminder makes no form out of date.
    assert now_of(gap).acts.seen == asked.version
    travel(start + timedelta(days=9))
    assert send_reminders() == 0
    travel(start + timedelta(days=10))
    assert send_reminders() == 1
    revise_case(actor=cast.olivia, workload=unbacked, seen=0, case=SAVING, reason="")
    look_for_gaps()
    travel(start + timedelta(days=30))
    assert send_reminders() == 0


def test_a_recalled_request_reminds_nobody(cast: Cast, travel: Travel, gap: Gap) -> None:
    asked = ask(cast, gap)
    recall_request(
        actor=cast.felix, opening=gap.opening, seen=asked.version, rationale="Not needed."
    )
    travel(now() + timedelta(days=60))
    assert send_reminders() == 0


def test_a_reminder_waits_for_somebody_to_be_told(cast: Cast, travel: Travel, gap: Gap) -> None:
    ask(cast, gap)
    User.objects.filter(pk=cast.olivia.pk).update(is_active=False)
    travel(now() + timedelta(days=30))
    assert send_reminders() == 0
    assert not GapAction.objects.filter(act=Act.REMINDED).exists()
    User.objects.filter(pk=cast.olivia.pk).update(is_active=True)
    assert send_reminders() == 1
    # The next is counted from the day on which this one came, late as it is.
    assert GapAction.objects.get(act=Act.REMINDED).due == today() + timedelta(days=7)
    assert told(Kind.GAP_REMINDER) == ["Olivia Example"]


def test_a_second_request_reminds_on_its_own_day(cast: Cast, travel: Travel, gap: Gap) -> None:
    start, first = now(), ask(cast, gap, today() + timedelta(days=3))
    travel(start + timedelta(days=3))
    assert send_reminders() == 1
    recall_request(actor=cast.felix, opening=gap.opening, seen=first.version, rationale="Too soon.")
    ask(cast, gap, today() + timedelta(days=2))
    travel(start + timedelta(days=5))
    assert send_reminders() == 1


def test_a_workload_without_its_owner_is_asked_of_who_may_name_one(cast: Cast) -> None:
    workload = added(cast)
    membership = Membership.objects.get(user=cast.olivia)
    remove_member(actor=cast.adam, membership=membership, reason="She moved on.")
    gap = gap_of(cast.felix, workload, GapKind.NO_OWNER)
    with pytest.raises(RefusedError, match="Nobody is product owner of Commerce"):
        ask(cast, gap)
    Membership.objects.create(space=cast.commerce, user=cast.oscar, role="product_owner")
    ask(cast, gap)
    assert told(Kind.OWNER_WANTED) == ["Oscar Example"]


def test_every_product_owner_of_the_space_owes_an_owner_and_can_name_one(
    client: Client, cast: Cast
) -> None:
    """The workload's own owner is gone: whoever may name another one has the form."""
    workload = added(cast)
    for person in (cast.oscar, cast.sam):
        Membership.objects.create(space=cast.commerce, user=person, role="product_owner")
    Membership.objects.filter(space=cast.commerce, user=cast.olivia).delete()
    gap = gap_of(cast.felix, workload, GapKind.NO_OWNER)
    asked = ask(cast, gap)
    for person in (cast.oscar, cast.sam):
        assert [g.id for g in owed_by(person, now())] == [gap.id]
        client.force_login(person)
        page = client.get("/owed/").content.decode()
        assert f'href="/workloads/{workload.slug}/edit/"' in page
    assert [g for g in owed_by(cast.mona, now()) if g.kind is GapKind.NO_OWNER] == []
    recall_request(
        actor=cast.felix, opening=gap.opening, seen=asked.version, rationale="She is back."
    )
    assert told(Kind.GAP_RECALLED) == ["Oscar Example", "Sam Example"]


def test_what_i_owe_is_what_i_was_asked_first(client: Client, cast: Cast) -> None:
    names = ("Later", "Sooner", "Not asked")
    gaps = {
        name: gap_of(
            cast.felix, added(cast, proposal(cast, name=name, case=None)), GapKind.UNBACKED
        )
        for name in names
    }
    ask(cast, gaps["Later"], today() + timedelta(days=9))
    ask(cast, gaps["Sooner"], today() + timedelta(days=2))
    assert [g.name for g in owed_by(cast.olivia, now())] == ["Sooner", "Later", "Not asked"]
    assert owed_by(cast.mona, now()) == []
    client.force_login(cast.olivia)
    page = client.get("/owed/").content.decode()
    assert page.index("Sooner") < page.index("Later") < page.index("Not asked")
    assert "/workloads/sooner/case/" in page
    client.force_login(cast.mona)
    assert "You owe nothing" in client.get("/owed/").content.decode()


def test_the_mails_link_leads_over_sign_in_to_the_form_that_says_what_it_answers(
    client: Client, cast: Cast, gap: Gap
) -> None:
    ask(cast, gap)
    link = Message.objects.get(kind=Kind.CASE_REQUESTED).link
    assert link == "/workloads/contract-review/case/"
    sign_in = client.get(link)
    assert sign_in.status_code == 302
    typed = {"login": cast.olivia.email, "password": PASSWORD}
    arrived = client.post(sign_in.headers["Location"], typed, follow=True)
    assert arrived.request["PATH_INFO"] == link
    page = " ".join(arrived.content.decode().split())
    assert "This answers the Allocation Gap" in page
    assert "Felix Example asked for the business case by" in page
    assert "“For the review.”" in page


@pytest.mark.parametrize("name", ["erin", "olivia", "mona", "sam"])
def test_only_finance_and_financial_admins_act(cast: Cast, gap: Gap, name: str) -> None:
    common = {"actor": getattr(cast, name), "rationale": "Please."}
    with pytest.raises(PermissionDenied):
        request_many(asked={gap.id: 0}, **common)
    with pytest.raises(PermissionDenied):
        assign_gap(opening=gap.opening, seen=0, assignee=cast.priya, **common)
    with pytest.raises(PermissionDenied):
        recall_request(opening=gap.opening, seen=0, **common)
    assert not GapAction.objects.exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [("felix", 200), ("olivia", 200), ("mona", 200), ("oscar", 404), ("sam", 404)],
)
def test_whoever_reads_the_workload_reads_its_gap(
    client: Client, cast: Cast, gap: Gap, name: str, status: int
) -> None:
    client.force_login(getattr(cast, name))
    assert client.get(f"/gaps/{gap.id}/").status_code == status


def test_a_resolved_gap_keeps_its_page(
    client: Client, cast: Cast, unbacked: Workload, gap: Gap
) -> None:
    ask(cast, gap)
    revise_case(actor=cast.olivia, workload=unbacked, seen=0, case=SAVING, reason="")
    look_for_gaps()
    client.force_login(cast.felix)
    page = " ".join(client.get(f"/gaps/{gap.id}/").content.decode().split())
    assert "Resolved" in page
    assert "A business case is declared, v1." in page
    assert GapOpening.objects.count() == 1
    assert client.get(f"/gaps/{gap.id}/request/").status_code == 302
