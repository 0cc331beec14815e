"""What is mailed, to whom, and in which form."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.actions import confirm_pending_estimate
from business_cases.actions import retract_case, revise_case, revise_estimate
from notices.models import Kind, Message
from records.clock import today
from spaces.models import Workload
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from valueboard.lib.months import month_of


def sent_to(role: str) -> list[Message]:
    return list(Message.objects.filter(recipient__email=f"{role}@example.com").order_by("pk"))


def test_a_submitted_request_is_mailed_to_whoever_may_decide(cast: Cast) -> None:
    for person in (cast.felix, cast.oscar, cast.mona):
        RoleGrant.objects.create(user=person, role=Role.FINANCIAL_ADMIN)
    cast.mona.is_active = False
    cast.mona.save()
    request = submitted(cast, proposal(cast, owner=cast.oscar))
    assert {m.recipient for m in Message.objects.all()} == {cast.priya, cast.felix}
    (message,) = sent_to("priya")
    assert message.kind == Kind.SUBMITTED
    for said in (
        "Olivia Example submitted a Business Request",
        "Projected cost of the funding year (12 funded months): $159,171.27",
        "Declared annual opportunity (Cost Saving): $1,150,000",
        "Investment Prospect, derived from these two: 7.22×, Strong Prospect",
        f"http://127.0.0.1:8000/approvals/requests/{request.pk}/",
    ):
        assert said in message.body, message.body


@pytest.mark.parametrize(
    ("outcome", "subject", "link"),
    [
        ("approved", "Approved: Contract review", "/workloads/contract-review/"),
        ("rejected", "Rejected: Contract review", "/workloads/contract-review/"),
        ("returned", "Returned for changes: Contract review", "/requests/"),
    ],
)
def test_a_decision_is_mailed_to_author_and_owner(
    cast: Cast, outcome: str, subject: str, link: str
) -> None:
    request = submitted(cast, proposal(cast, owner=cast.mona))
    approve(cast.priya, request, outcome=outcome, rationale="<b>Fine</b> & good.")
    for name in ("olivia", "mona"):
        (message,) = sent_to(name)
        assert message.subject == subject
        assert message.kind == (Kind.RETURNED if outcome == "returned" else Kind.DECIDED)
        assert "<b>Fine</b> & good." in message.body
        assert f"http://127.0.0.1:8000{link}" in message.body
        assert ("agreed" in message.body) is (outcome == "approved")


def test_who_is_author_and_owner_gets_one_mail(cast: Cast) -> None:
    approve(cast.priya, submitted(cast))
    assert len(sent_to("olivia")) == 1


def test_a_confirmed_estimate_is_mailed_to_the_owner(cast: Cast) -> None:
    workload = added(cast)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    assert [m.subject for m in sent_to("olivia")] == ["Estimate confirmed: Contract review"]


def test_a_refused_decision_mails_nobody(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    before = Message.objects.count()
    client.force_login(cast.priya)
    client.post(f"/approvals/requests/{request.pk}/", {"outcome": "approved"})
    assert Message.objects.count() == before


def test_a_line_break_in_a_name_is_no_header(cast: Cast) -> None:
    submitted(cast, proposal(cast, name="Review\r\nBcc: sam@example.com"))
    assert [m.subject for m in sent_to("priya")] == ["To decide: Review Bcc: sam@example.com"]


def test_an_estimate_of_a_workload_added_in_a_space_waits_for_financial_admins(
    client: Client, cast: Cast
) -> None:
    RoleGrant.objects.create(user=cast.mona, role=Role.FINANCIAL_ADMIN)
    workload = added(cast, proposal(cast, owner=cast.mona))
    (message,) = Message.objects.all()  # not Mona, who owns it
    assert (message.recipient, message.kind) == (cast.priya, Kind.ESTIMATE_WAITING)
    assert "Projected cost of the funding year (12 funded months): $159,171.27" in message.body
    assert "Declared annual opportunity (Cost Saving): $1,150,000" in message.body
    client.force_login(cast.priya)
    page = client.post(f"/inbox/{message.pk}/open/", follow=True)
    assert page.redirect_chain == [(f"/approvals/workloads/{workload.slug}/", 302)]
    assert page.status_code == 200
    terms = replace(TERMS, monthly=Decimal(20000), effective=month_of(today()))
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=terms, reason="More users.")
    assert [m.subject for m in sent_to("priya")] == ["To confirm: Contract review"] * 2
    assert "gave Contract review (Commerce) an estimate" in sent_to("priya")[1].body


def approved(cast: Cast) -> Workload:
    """A workload that Priya approved, with nobody told yet."""
    request = submitted(cast)
    approve(cast.priya, request)
    Message.objects.all().delete()
    assert request.workload
    return request.workload


def test_a_case_revised_after_approval_is_mailed_to_who_approved_it(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    workload = approved(cast)
    lower = replace(SAVING, percent=Decimal(5))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=lower, reason="The pilot ended.")
    retract_case(actor=cast.olivia, workload=workload, seen=2, reason="No saving at all.")
    again = replace(SAVING, percent=Decimal(10))
    revise_case(actor=cast.olivia, workload=workload, seen=3, case=again, reason="Counted again.")
    assert {m.recipient for m in Message.objects.all()} == {cast.priya}
    revised, retracted, declared = sent_to("priya")
    assert revised.subject == "Business case revised after approval: Contract review"
    before, now = revised.body.split("\nNow\n")
    assert "The pilot ended." in before
    assert "Declared annual opportunity (Cost Saving): $1,150,000" in before
    assert "Declared annual opportunity (Cost Saving): $230,000" in now
    assert revised.link == "/workloads/contract-review/"
    assert "Olivia Example retracted the business case" in retracted.body
    assert "No declared value." in retracted.body.split("\nNow\n")[1]
    assert "Olivia Example declared the business case" in declared.body
    assert {m.kind for m in Message.objects.all()} == {Kind.CASE_REVISED}


@pytest.mark.parametrize("why", ["left", "lost the role"])
def test_where_who_approved_does_so_no_more_everybody_who_decides_is_told(
    cast: Cast, why: str
) -> None:
    workload = approved(cast)
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    if why == "left":
        User.objects.filter(pk=cast.priya.pk).update(is_active=False)
    else:
        RoleGrant.objects.filter(user=cast.priya).delete()
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="No saving at all.")
    assert [m.recipient for m in Message.objects.all()] == [cast.felix]


def test_a_case_revised_before_approval_is_mailed_to_nobody(cast: Cast) -> None:
    workload = added(cast)
    Message.objects.all().delete()
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="No saving at all.")
    assert not Message.objects.exists()
