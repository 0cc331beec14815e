"""How one wants pages: the locale they are written in, and single keys; nobody else's change."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import choose_display
from accounts.models import Preference, User
from notices.models import Message
from tests.cast import Cast, submitted
from valueboard.lib import formats


def footer(client: Client) -> str:
    page = client.get("/settings/").content.decode()
    return page[page.index('class="colophon"') :]


@pytest.mark.parametrize(
    ("locale", "written"),
    [("", "3 Sep 2026"), ("en-US", "Sep 3, 2026"), ("en-001", "2026-09-03")],
)
@pytest.mark.django_db(transaction=True)
def test_a_page_is_written_in_its_readers_locale(
    cast: Cast, client: Client, travel: Callable[[datetime], None], locale: str, written: str
) -> None:
    travel(datetime.fromisoformat("2026-09-03T12:00:00Z"))
    client.force_login(cast.olivia)
    answer = client.post("/settings/display/", {"locale": locale}, follow=True)
    assert "Your settings were saved." in answer.content.decode()
    assert f"As of {written}." in footer(client)
    assert f'<html lang="{locale or "en-GB"}"' in client.get("/").content.decode()
    client.force_login(cast.sam)
    assert "As of 3 Sep 2026." in footer(client)


def test_who_never_chose_reads_as_the_organisation_does(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LOCALE", "en-US")
    client.force_login(cast.sam)
    page = client.get("/settings/").content.decode()
    assert '<html lang="en-US"' in page
    assert "As the organisation: English (United States)" in page


def test_the_page_shows_what_each_choice_writes(cast: Cast, client: Client) -> None:
    client.force_login(cast.sam)
    page = client.get("/settings/").content.decode()
    for sample in (
        "31 Oct 2026, 14:05 UTC; $1,234,567.50",
        "Oct 31, 2026, 2:05 PM UTC; $1,234,567.50",
        "2026-10-31 14:05 UTC; $1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567.50",
    ):
        assert sample in page


def test_a_locale_that_nobody_knows_is_refused(cast: Cast, client: Client) -> None:
    client.force_login(cast.sam)
    answer = client.post("/settings/display/", {"locale": "xx"})
    assert answer.status_code == 422
    assert not Preference.objects.exists()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Preference.objects.create(person=cast.sam, locale="xx")
    assert "preference_locale_is_known" in str(refused.value)


def test_preferences_come_with_the_person(cast: Cast) -> None:
    choose_display(actor=cast.sam, locale="en-US", shortcuts=True)
    with CaptureQueriesContext(connection) as asked:
        person = User.objects.with_roles().get(pk=cast.sam.pk)
        assert person.preference.locale == "en-US"
        assert person.preference.shortcuts
        assert not person.preference.checklist_dismissed
    assert len(asked) == 1
    assert not User.objects.with_roles().get(pk=cast.erin.pk).preference.shortcuts


def test_everybody_has_one_preference(cast: Cast) -> None:
    Preference.objects.create(person=cast.sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(person=cast.sam)


def test_a_message_is_written_as_its_recipient_reads(cast: Cast, client: Client) -> None:
    """Not as the person reads who caused it."""
    choose_display(actor=cast.priya, locale="en-001", shortcuts=False)
    choose_display(actor=cast.olivia, locale="en-US", shortcuts=False)
    with formats.using("en-US"):
        submitted(cast)
    body = Message.objects.get(recipient=User.objects.get(pk=cast.priya.pk)).body
    assert "159\N{NO-BREAK SPACE}171.27" in body
