"""The conversation on a request: who says something, who reads it, and in which order it stands."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Role, RoleGrant
from approvals.actions import comment_on_request
from approvals.conversation import conversation
from business_cases.actions import save_draft, submit_request, withdraw_request
from business_cases.models import BusinessRequest, Comment
from notices.models import Message
from records.clock import now
from spaces.models import Membership
from tests.approvals.pages import text_of
from tests.approvals.test_deciding import approve
from tests.cast import Cast, proposal, submitted
from valueboard.lib.errors import RefusedError


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("olivia", True),
        ("mona", True),
        ("priya", True),
        ("felix", True),
        ("erin", True),
        ("adam", False),
        ("oscar", False),
        ("sam", False),
    ],
)
def test_whoever_reads_a_request_comments_on_it(
    client: Client, cast: Cast, *, name: str, may: bool
) -> None:
    request = submitted(cast)
    client.force_login(getattr(cast, name))
    answer = client.post(
        f"/approvals/requests/{request.pk}/comment/",
        {"text": "Why so dear?", "back": "request"},
    )
    assert answer.status_code == (302 if may else 404)
    assert Comment.objects.count() == int(may)
    if may:
        assert answer["Location"] == f"/requests/{request.pk}/#conversation"
        page = text_of(client.get(f"/requests/{request.pk}/"))
        assert "Why so dear?" in page


def test_the_action_asks_who_reads_too(cast: Cast) -> None:
    request = submitted(cast)
    with pytest.raises(PermissionDenied):
        comment_on_request(actor=cast.sam, request=request, text="Hello?")


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * 5001])
def test_a_comment_says_something_in_5000_characters(client: Client, cast: Cast, text: str) -> None:
    request = submitted(cast)
    with pytest.raises(ValidationError):
        comment_on_request(actor=cast.mona, request=request, text=text)
    client.force_login(cast.mona)
    answer = client.post(f"/approvals/requests/{request.pk}/comment/", {"text": text})
    assert answer.status_code == 422
    assert text.strip() in text_of(answer)
    assert not Comment.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Comment.objects.create(request=request, text=text, recorded_by=cast.mona)


def test_the_longest_comment_is_kept(cast: Cast) -> None:
    comment_on_request(actor=cast.mona, request=submitted(cast), text="ü" * 5000)


def test_html_is_harmless_on_both_pages(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    comment_on_request(
        actor=cast.mona, request=request, text="<script>alert(1)</script> {{ 7 }} =1+1"
    )
    client.force_login(cast.priya)
    for page in (f"/requests/{request.pk}/", f"/approvals/requests/{request.pk}/"):
        shown = client.get(page).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 }}" in shown
        assert "<script>alert" not in shown


def test_nobody_comments_on_what_nobody_reads(cast: Cast) -> None:
    draft = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    with pytest.raises(RefusedError, match="submit it first"):
        comment_on_request(actor=cast.olivia, request=draft, text="To myself.")


def test_steps_decisions_and_comments_stand_in_the_order_of_time(cast: Cast) -> None:
    request = submitted(cast)
    comment_on_request(actor=cast.mona, request=request, text="Is the pilot over?")
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Which pilot?")
    request.refresh_from_db()
    comment_on_request(actor=cast.olivia, request=request, text="The one of May.")
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=proposal(cast, name="Renamed"),
        reason="Named the pilot.",
    )
    request.refresh_from_db()
    withdraw_request(actor=cast.olivia, request=request, seen=request.revision, note="Not now.")
    request.refresh_from_db()
    told = [(e.kind, e.title, e.who, e.text) for e in conversation(request, now())]
    assert told == [
        ("step", "Submitted", "Olivia Example", ""),
        ("comment", "Commented", "Mona Example", "Is the pilot over?"),
        ("decision", "Returned for changes", "Priya Example", "Which pilot?"),
        ("comment", "Commented", "Olivia Example", "The one of May."),
        ("step", "Submitted again", "Olivia Example", "Named the pilot."),
        ("step", "Withdrawn", "Olivia Example", "Not now."),
    ]


def commented(request: BusinessRequest) -> set[str]:
    return {m.recipient.name.split()[0] for m in Message.objects.filter(kind="commented")}


def test_mail_goes_to_who_has_a_part_in_it_and_not_to_oneself(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    request = submitted(cast)
    comment_on_request(actor=cast.mona, request=request, text="One.")
    # Neither Priya nor Felix took part yet: they were told of the request.
    assert commented(request) == {"Olivia"}
    approve(cast.priya, request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    submit_request(
        actor=cast.olivia, request=request, seen=request.revision, proposal=proposal(cast)
    )
    request.refresh_from_db()
    Message.objects.all().delete()
    comment_on_request(actor=cast.olivia, request=request, text="Two.")
    assert commented(request) == {"Mona", "Priya"}


def test_an_author_who_left_the_space_is_told_no_more_of_the_request(cast: Cast) -> None:
    """They read it no more; what a mail says of it would be all the same."""
    Membership.objects.create(
        space=cast.commerce, user=cast.oscar, role=Membership.Role.PRODUCT_OWNER
    )
    request = submitted(cast, proposal(cast, owner=cast.oscar))
    Membership.objects.filter(space=cast.commerce, user=cast.olivia).delete()
    Message.objects.all().delete()
    approve(cast.priya, request)
    assert {message.recipient for message in Message.objects.all()} == {cast.oscar}


def test_the_list_counts_the_comments(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    for text in ("One.", "Two."):
        comment_on_request(actor=cast.mona, request=request, text=text)
    client.force_login(cast.olivia)
    page = text_of(client.get("/requests/"))
    assert "2 comments" in page
    assert f"/requests/{request.pk}/#conversation" in page
