"""The inbox holds what one was told, and nobody sees another's."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from accounts.models import User
from notices.actions import choose_mail
from notices.models import Kind, MailPreference, Message
from records.clock import now
from tests.approvals.test_deciding import approve
from tests.cast import Cast, proposal, submitted
from tests.test_frame import DARK, expect_background


def tell(person: User, count: int = 1, *, kind: Kind = Kind.COMMENTED, link: str = "") -> None:
    """Write messages past the outbox."""
    Message.objects.bulk_create(
        Message(
            recipient=person,
            kind=kind,
            subject=f"{kind.label} {number}",
            body="Said <b>so</b>.\n\nLook:\nhttp://127.0.0.1:8000/gaps/\n",
            link=link,
            written_at=now(),
        )
        for number in range(count)
    )


def listed(client: Client, query: str = "") -> str:
    answer = client.get(f"/inbox/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_inbox_says_what_belongs_there(cast: Cast, client: Client) -> None:
    client.force_login(cast.sam)
    assert "Nothing has come yet" in listed(client)


def test_messages_are_there_whatever_is_mailed(cast: Cast, client: Client) -> None:
    for choice in MailPreference.Choice:
        choose_mail(actor=cast.priya, choice=choice)
        submitted(cast, proposal(cast, name=f"With {choice.label}"))
    client.force_login(cast.priya)
    page = listed(client)
    at = [page.index(f"To decide: With {choice.label}") for choice in MailPreference.Choice]
    assert at == sorted(at, reverse=True)  # the newest first
    assert "Inbox 3 unread" in " ".join(re.sub("<[^>]*>", " ", page).split())


def test_opening_a_message_goes_to_the_thing_and_reads_it(cast: Cast, client: Client) -> None:
    request = submitted(cast)
    message = Message.objects.get()
    client.force_login(cast.priya)
    assert client.get(f"/inbox/{message.pk}/open/").status_code == 405  # no GET writes
    answer = client.post(f"/inbox/{message.pk}/open/")
    assert answer.headers["Location"] == f"/approvals/requests/{request.pk}/"
    message.refresh_from_db()
    read_at = message.read_at
    assert read_at is not None
    client.post(f"/inbox/{message.pk}/open/")
    message.refresh_from_db()
    assert message.read_at == read_at  # the first time counts


def test_a_message_about_nothing_opens_the_inbox(cast: Cast, client: Client) -> None:
    tell(cast.sam)
    client.force_login(cast.sam)
    answer = client.post(f"/inbox/{Message.objects.get().pk}/open/")
    assert answer.headers["Location"] == "/inbox/"


def test_nobody_sees_or_marks_anothers_messages(cast: Cast, client: Client) -> None:
    submitted(cast)
    message = Message.objects.get()
    for person in (cast.adam, cast.erin, cast.olivia, cast.sam):
        client.force_login(person)
        assert "Contract review" not in listed(client)
        for verb in ("open", "read"):
            assert client.post(f"/inbox/{message.pk}/{verb}/").status_code == 404
        client.post("/inbox/read/", {"newest": message.pk})
    message.refresh_from_db()
    assert message.read_at is None


def test_all_are_marked_that_the_page_showed_and_no_later_one(cast: Cast, client: Client) -> None:
    tell(cast.sam, 3)
    newest = Message.objects.latest("pk").pk
    tell(cast.sam)
    client.force_login(cast.sam)
    answer = client.post("/inbox/read/", {"newest": newest, "kind": "commented"}, follow=True)
    assert answer.redirect_chain == [("/inbox/?kind=commented", 302)]
    assert "3 messages marked as read." in answer.content.decode()
    assert Message.objects.unread().count() == 1
    for odd in ("", "x", "-1", "²", "9" * 40):
        assert client.post("/inbox/read/", {"newest": odd}).status_code == 302


def test_the_list_is_filtered_and_paged(cast: Cast, client: Client) -> None:
    tell(cast.sam, 30)
    tell(cast.sam, kind=Kind.CASE_REQUESTED)
    client.force_login(cast.sam)
    assert listed(client).count("Mark as read<") == 25
    second = listed(client, "?page=2")
    assert second.count("Mark as read<") == 6
    assert 'name="page" value="2"' in second
    only = listed(client, "?kind=case_requested")
    assert only.count("Mark as read<") == 1
    assert "Delegation" not in only  # a kind that never came is no choice
    client.post(f"/inbox/{Message.objects.latest('pk').pk}/read/")
    assert "Nothing of this kind" in listed(client, "?kind=case_requested&unread=1")
    for odd in ("?kind=x", "?page=x", "?unread=%00", "?kind=%00"):
        assert "Comment 29" in listed(client, odd)


def test_what_people_wrote_stays_text(cast: Cast, client: Client) -> None:
    tell(cast.sam)
    client.force_login(cast.sam)
    page = listed(client)
    assert "Said &lt;b&gt;so&lt;/b&gt;." in page
    assert "Look" not in page  # the subject is the link


@pytest.mark.parametrize(("unread", "shown"), [(0, ""), (1, "1"), (99, "99"), (150, "99+")])
def test_the_header_counts_what_is_unread(
    cast: Cast, client: Client, unread: int, shown: str
) -> None:
    tell(cast.sam, unread)
    tell(cast.erin, 5)
    client.force_login(cast.sam)
    page = client.get("/spaces/").content.decode()
    assert (f'{shown} <span class="visually-hidden">unread</span>' in page) is bool(shown)
    assert page.count(">unread</span>") == bool(shown)


def test_the_inbox_asks_the_same_number_of_queries_at_any_length(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.sam)
    tell(cast.sam)
    listed(client)
    counts = []
    for more in (2, 300):
        tell(cast.sam, more)
        with CaptureQueriesContext(connection) as queries:
            listed(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_the_count_of_the_header_reads_an_index(cast: Cast) -> None:
    tell(cast.sam, 500)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Message.objects.visible_to(cast.sam).unread()[:100].explain()
    assert "message_unread" in plan


def test_by_keyboard_and_on_a_narrow_dark_screen(
    cast: Cast, page: Page, sign_in: Callable[[User], None], axe: Callable[[Page], None]
) -> None:
    approve(cast.priya, submitted(cast), rationale="Plausible, and the pilot ran well.")
    sign_in(cast.olivia)
    page.goto("/")
    page.get_by_role("link", name="Inbox 1 unread").click()
    axe(page)
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark")
    expect_background(page, DARK)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("What it says").click()
    assert page.get_by_text("the pilot ran well").is_visible()
    axe(page)
    page.locator("#kind").select_option("Decided")
    page.wait_for_url("**/inbox/?kind=decided**")
    subject = page.get_by_role("button", name="Unread: Approved: Contract review")
    subject.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/workloads/contract-review/")
    page.goto("/settings/")
    axe(page)
    page.goto("/inbox/")
    assert page.get_by_role("link", name="Inbox", exact=True).is_visible()
