"""What is mailed, to whom, and in which form."""

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant
from approvals.actions import confirm_pending_estimate
from notices.models import Kind, Message
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import Cast, added, proposal, submitted


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
