"""What could not be delivered: seen by Administrators, without what it says, and sent again."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from notices.actions import choose_mail, send_again, write_digest
from notices.models import Mail, MailPreference, SentAgain
from records.clock import now, today
from tests.cast import Cast, proposal, submitted

PAGE = "/mail/undelivered/"


def dead(**fields: str) -> Mail:
    """Give the latest mail up, as its last attempt does."""
    mail = Mail.objects.latest("pk")
    mail.state, mail.attempts, mail.tried_at = Mail.State.DEAD, 12, now()
    mail.last_error = "SMTPRecipientsRefused: <b>550</b> no such user"
    mail.save()
    return mail


def test_the_page_names_what_to_whom_and_why_not_what_it_says(cast: Cast, client: Client) -> None:
    submitted(cast)
    dead()
    client.force_login(cast.adam)
    page = client.get(PAGE).content.decode()
    for said in (
        "priya@example.com",
        "Request to decide",
        ">12<",
        "SMTPRecipientsRefused: &lt;b&gt;550&lt;/b&gt; no such user",
    ):
        assert said in page.replace("\n", "").replace("  ", ""), said
    assert "Contract review" not in page
    assert '1 <span class="visually-hidden">open</span>' in page


def test_a_digest_counts_its_messages(cast: Cast, client: Client) -> None:
    choose_mail(actor=cast.priya, choice=MailPreference.Choice.DAILY)
    submitted(cast)
    submitted(cast, proposal(cast, name="Another"))
    write_digest(cast.priya, today())
    dead()
    client.force_login(cast.adam)
    assert "Daily mail, 2 messages" in client.get(PAGE).content.decode()


def test_it_is_for_administrators(cast: Cast, client: Client) -> None:
    submitted(cast)
    mail = dead()
    for person in (cast.priya, cast.felix, cast.erin, cast.olivia, cast.sam):
        client.force_login(person)
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}again/", {"mail": mail.pk}).status_code == 403
        assert PAGE not in client.get("/").content.decode()
        with pytest.raises(PermissionDenied):
            send_again(actor=person)
    mail.refresh_from_db()
    assert mail.state == Mail.State.DEAD


def test_one_is_sent_again_and_that_is_recorded(cast: Cast, client: Client) -> None:
    submitted(cast)
    first = dead()
    submitted(cast, proposal(cast, name="Another"))
    second = dead()
    client.force_login(cast.adam)
    page = client.post(f"{PAGE}again/", {"mail": second.pk}, follow=True).content.decode()
    assert "1 mail is being sent again." in page
    assert dict(Mail.objects.values_list("pk", "state")) == {first.pk: "dead", second.pk: "waiting"}
    dead()
    page = client.get(PAGE).content.decode()
    assert "and 12 before" in page
    assert "Adam Example sent it again" in " ".join(page.split())
    assert SentAgain.objects.get().mail == second


def test_all_are_sent_again_once(cast: Cast, client: Client) -> None:
    for name in ("One", "Two"):
        submitted(cast, proposal(cast, name=name))
        dead()
    client.force_login(cast.adam)
    for said in ("2 mails are being sent again.", "Nothing was left to send again."):
        assert said in client.post(f"{PAGE}again/", follow=True).content.decode()
    assert "No mail was given up" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("odd", ["x", "-1", "0", "9" * 40, "²"])
def test_an_odd_number_sends_nothing_again(cast: Cast, client: Client, odd: str) -> None:
    submitted(cast)
    dead()
    client.force_login(cast.adam)
    client.post(f"{PAGE}again/", {"mail": odd})
    assert Mail.objects.get().state == Mail.State.DEAD


def test_it_fits_a_narrow_screen(
    cast: Cast, page: Page, sign_in: Callable[[User], None], axe: Callable[[Page], None]
) -> None:
    submitted(cast)
    dead()
    sign_in(cast.adam)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(PAGE)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Send again to Priya Example").click()
    page.get_by_text("No mail was given up").wait_for()
    axe(page)
