"""Allocation Gaps: when they open, who sees them, and what acting on them records."""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.gap import Gap
from allocation_gaps.models import GapAction
from approvals.actions import confirm_pending_estimate
from business_cases.actions import retract_case, revise_case
from notices.models import Kind, Message
from notices.tasks import send_mail
from spaces.models import Workload, WorkloadState
from tests.allocation_gaps.looked import gaps_now, kinds_now
from tests.approvals.test_deciding import seen_of
from tests.business_cases.typed import fields_of
from tests.cast import SAVING, Cast, added, proposal
from tests.spend import bedrock, load, rule_for

Travel = Callable[[datetime], None]


def only_gap(user: User) -> Gap:
    (gap,) = gaps_now(user)
    return gap


def address_of(gap: Gap) -> str:
    return f"/gaps/{gap.id}/request/"


def test_a_workload_without_a_case_is_unbacked_until_it_has_one(cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    assert kinds_now(cast.felix) == {("unbacked", "Contract review")}
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    assert kinds_now(cast.felix) == set()
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    assert only_gap(cast.felix).detail == "Its case was retracted"


def test_spend_without_an_estimate_in_force_is_a_gap(
    cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-09-10T12:00:00Z"))
    workload = added(cast)
    load(tmp_path, bedrock("review", 100.0))
    assert kinds_now(cast.felix) == {("unclaimed", "workload = review")}
    rule_for(cast.felix, workload, "review")
    both = {("no_estimate", "Contract review"), ("not_approved", "Contract review")}
    assert kinds_now(cast.felix) == both
    assert {gap.since for gap in gaps_now(cast.felix)} == {date(2026, 9, 5)}
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    # Confirmed is not approved.
    assert kinds_now(cast.felix) == {("not_approved", "Contract review")}


def test_unclaimed_spend_is_grouped_by_who_caused_it(
    cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-09-10T12:00:00Z"))
    alice = {"line_item_iam_principal": "arn:aws:iam::111122223333:user/alice"}
    market = {
        "bill_billing_entity": "AWS Marketplace",
        "line_item_product_code": "abcdefghij0123456789xyz",
        "product": {"product_name": "Vector Thing"},
    }
    load(
        tmp_path,
        bedrock("", 30.0, **alice),
        bedrock("", 20.0, **alice),
        bedrock("", 5.0, line_item_iam_principal=""),
        bedrock("", 7.0, **market),
        bedrock("", 9.0, line_item_line_item_type="Tax"),
    )
    gaps = [(g.opening.key, int(g.actual.amount)) for g in gaps_now(cast.felix)]
    assert gaps == [
        ("principal:arn:aws:iam::111122223333:user/alice", 50),
        ("product:Vector Thing", 7),
        ("account:111122223333", 5),
    ]


def test_the_first_attributed_spend_claims_a_proposed_workload(
    cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-09-10T12:00:00Z"))
    workload = added(cast)
    Workload.objects.filter(pk=workload.pk).update(state=WorkloadState.PROPOSED)
    load(tmp_path, bedrock("review", 100.0))
    rule_for(cast.felix, workload, "review")
    workload.refresh_from_db()
    assert workload.state == WorkloadState.CLAIMED


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("felix", True),
        ("erin", True),
        ("olivia", True),
        ("mona", True),
        ("oscar", False),
        ("adam", False),
        ("sam", False),
    ],
)
def test_gaps_are_seen_by_who_reads_the_workload(
    client: Client, cast: Cast, name: str, *, sees: bool
) -> None:
    added(cast, proposal(cast, case=None))
    look_for_gaps()
    client.force_login(getattr(cast, name))
    assert (b"Contract review" in client.get("/gaps/").content) is sees


@pytest.mark.django_db(transaction=True)
def test_requesting_the_case_is_recorded_and_mailed(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    client.force_login(cast.felix)
    address = address_of(only_gap(cast.felix))
    assert client.get(address).status_code == 200
    empty = client.post(address, {"rationale": "  "})
    assert empty.status_code == 422
    assert not GapAction.objects.exists()
    client.post(address, {"rationale": "The budget review is on Friday."})
    action = GapAction.objects.get()
    assert (action.recorded_by, action.rationale) == (
        cast.felix,
        "The budget review is on Friday.",
    )
    assert only_gap(cast.felix).state.label == "Actioned"
    message = Message.objects.get(kind=Kind.CASE_REQUESTED)
    assert message.mail
    send_mail(message.mail.pk)
    send_mail(message.mail.pk)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [cast.olivia.email]
    assert f"/workloads/{workload.slug}/case/" in mail.outbox[0].body


def test_an_old_action_does_not_count_for_a_gap_that_came_back(
    client: Client, cast: Cast, travel: Travel
) -> None:
    travel(datetime.fromisoformat("2026-03-01T12:00:00Z"))
    workload = added(cast, proposal(cast, case=None))
    client.force_login(cast.felix)
    client.post(address_of(only_gap(cast.felix)), {"rationale": "Please."})
    assert only_gap(cast.felix).acts.rows
    travel(datetime.fromisoformat("2026-04-01T12:00:00Z"))
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    travel(datetime.fromisoformat("2026-05-01T12:00:00Z"))
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    assert not only_gap(cast.felix).acts.rows


def test_an_action_of_the_same_day_does_not_count_for_a_gap_that_came_back(
    client: Client, cast: Cast
) -> None:
    workload = added(cast, proposal(cast, case=None))
    client.force_login(cast.felix)
    address = address_of(only_gap(cast.felix))
    client.post(address, {"rationale": "Please."})
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="The pilot failed.")
    assert not only_gap(cast.felix).acts.rows
    address = address_of(only_gap(cast.felix))
    again = fields_of(client.get(address)) | {"rationale": "Please, again."}
    assert client.post(address, again).status_code == 302
    assert [done.rationale for done in only_gap(cast.felix).acts.rows] == ["Please, again."]


def test_of_two_who_ask_the_second_sees_what_the_first_asked(client: Client, cast: Cast) -> None:
    added(cast, proposal(cast, case=None))
    client.force_login(cast.felix)
    address = address_of(only_gap(cast.felix))
    opened = fields_of(client.get(address))
    client.post(address, opened | {"rationale": "For the review."})
    client.force_login(cast.priya)
    late = client.post(address, opened | {"rationale": "Priya wonders."})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Business case requested by Felix Example meanwhile: “For the review.”" in page
    assert fields_of(late).items() >= {"rationale": "Priya wonders.", "seen": "1"}.items()
    asked = Message.objects.filter(kind=Kind.CASE_REQUESTED)
    assert GapAction.objects.count() == asked.count() == 1
    assert client.post(address, fields_of(late)).status_code == 302


def test_who_asks_for_what_is_there_by_now_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    client.force_login(cast.felix)
    address = address_of(only_gap(cast.felix))
    opened = fields_of(client.get(address))
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    late = client.post(address, opened | {"rationale": "For the review."})
    assert late.status_code == 409
    assert "<dd>For the review.</dd>" in late.content.decode()
    assert not GapAction.objects.exists()


@pytest.mark.parametrize("name", ["erin", "olivia", "mona", "sam"])
def test_others_do_not_act_on_gaps(client: Client, cast: Cast, name: str) -> None:
    added(cast, proposal(cast, case=None))
    client.force_login(getattr(cast, name))
    answer = client.post(address_of(only_gap(cast.felix)), {"rationale": "Please."})
    assert answer.status_code == 403
    assert not GapAction.objects.exists()


@pytest.mark.parametrize("name", ["erin", "olivia", "mona", "sam"])
def test_the_action_itself_refuses_who_may_not_act(cast: Cast, name: str) -> None:
    added(cast, proposal(cast, case=None))
    with pytest.raises(PermissionDenied):
        request_from_owner(
            actor=getattr(cast, name),
            opening=only_gap(cast.felix).opening,
            seen=0,
            rationale="Please.",
        )
    assert not GapAction.objects.exists()


def test_a_gap_that_is_gone_is_not_acted_on(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.felix)
    assert client.get(f"/gaps/unbacked/{workload.pk}/request/").status_code == 404


def test_without_gaps_the_page_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)
    assert b"No open gaps" in client.get("/gaps/").content


def test_finance_is_led_to_a_rule_that_begins_with_the_gap(
    client: Client, cast: Cast, travel: Travel, tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-09-10T12:00:00Z"))
    load(tmp_path, bedrock("review", 100.0))
    look_for_gaps()
    client.force_login(cast.felix)
    page = client.get("/gaps/").content.decode()
    # Paper leaves the choice out of every row, or totals would stand below other columns.
    assert page.count('class="choose"') == page.count("<tr>") > 1
    (address,) = re.findall(r'href="(/spend/rules/new/\?[^"]+)"', page)
    form = client.get(address.replace("&amp;", "&")).content.decode()
    assert re.search(r"<textarea[^>]*name=\"tag_value\"[^>]*>\s*review\s*</textarea>", form)
    client.force_login(cast.priya)
    assert "/spend/rules/new/" not in client.get("/gaps/").content.decode()
