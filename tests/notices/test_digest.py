"""Each person chooses mail at once, once a day, or none; the inbox holds everything."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client

from notices.actions import choose_mail, last_digest_moment, send_mail, write_digests
from notices.models import Mail, MailPreference, Message
from records.clock import now
from tests.cast import Cast, proposal, submitted

Choice = MailPreference.Choice
Travel = Callable[[datetime], None]
# A digest at 7, every day; the zone of these tests is UTC.
DAY = date(2031, 3, 10)


def at(hour: int, days: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day + days, hour, tzinfo=UTC)


@pytest.fixture
def daily(cast: Cast) -> Cast:
    """Priya wants one mail a day."""
    choose_mail(actor=cast.priya, choice=Choice.DAILY)
    return cast


def ask(cast: Cast, *names: str) -> None:
    for name in names:
        submitted(cast, proposal(cast, name=name))


def digests() -> Iterator[tuple[date | None, list[str]]]:
    """The digests written so far, with what they carry."""
    for each in Mail.objects.exclude(digest_of=None).order_by("pk"):
        carried = Message.objects.filter(mail=each).order_by("pk")
        yield each.digest_of, [m.subject.removeprefix("To decide: ") for m in carried]


def test_one_mail_a_day_with_everything_that_waits(daily: Cast, travel: Travel) -> None:
    travel(at(9))
    ask(daily, "One", "Two")
    write_digests()
    assert not Mail.objects.exists()  # today's hour was before they came
    travel(at(6, 1))
    write_digests()
    assert not Mail.objects.exists()
    travel(at(8, 1))
    ask(daily, "Three")
    write_digests()
    ask(daily, "Four")
    write_digests()
    assert list(digests()) == [(date(2031, 3, 11), ["One", "Two", "Three"])]
    travel(at(7, 2))
    write_digests()
    write_digests()
    assert list(digests())[1:] == [(date(2031, 3, 12), ["Four"])]
    travel(at(7, 3))
    write_digests()
    assert len(list(digests())) == 2  # never empty
    send_mail(mail_id=Mail.objects.earliest("pk").pk)
    (sent,) = mail.outbox
    assert sent.subject == "3 messages from ValueBoard, 11 March 2031"
    for said in ("To decide: Two\n10 Mar 2031, 09:00\n\n", "$159,171.27", "one mail a day"):
        assert said in str(sent.body)
    assert sent.extra_headers["Message-ID"] == Mail.objects.earliest("pk").message_id


def test_a_worker_that_was_away_writes_the_digest_later(daily: Cast, travel: Travel) -> None:
    travel(at(9))
    ask(daily, "One")
    travel(at(15, 3))
    write_digests()
    assert list(digests()) == [(date(2031, 3, 13), ["One"])]


def test_what_was_written_before_the_hour_and_seen_after_it_comes_tomorrow(
    daily: Cast, travel: Travel
) -> None:
    travel(at(6))
    ask(daily, "One")
    travel(at(7))
    write_digests()
    ask(daily, "Late")
    # As a transaction leaves it that began before the hour and ended after the digest.
    Message.objects.filter(mail=None).update(written_at=at(6))
    write_digests()
    assert list(digests()) == [(DAY, ["One"])]
    travel(at(7, 1))
    write_digests()
    assert list(digests()) == [(DAY, ["One"]), (date(2031, 3, 11), ["Late"])]


def test_who_changes_to_mail_at_once_loses_nothing(daily: Cast, travel: Travel) -> None:
    travel(at(9))
    ask(daily, "One")
    choose_mail(actor=daily.priya, choice=Choice.AT_ONCE)
    ask(daily, "Two")
    assert [m.subject for m in Message.objects.exclude(mail=None)] == ["To decide: Two"]
    travel(at(7, 1))
    write_digests()
    assert list(digests()) == [(date(2031, 3, 11), ["One"])]


def test_who_changes_to_no_mail_gets_none_and_has_it_in_the_inbox(
    daily: Cast, client: Client, travel: Travel
) -> None:
    travel(at(9))
    ask(daily, "One")
    choose_mail(actor=daily.priya, choice=Choice.NONE)
    ask(daily, "Two")
    choose_mail(actor=daily.priya, choice=Choice.DAILY)
    travel(at(7, 1))
    write_digests()
    assert not Mail.objects.exists()
    client.force_login(daily.priya)
    page = client.get("/inbox/").content.decode()
    assert "To decide: One" in page
    assert "To decide: Two" in page


def test_who_left_gets_no_digest(daily: Cast, travel: Travel) -> None:
    travel(at(9))
    ask(daily, "One")
    daily.priya.is_active = False
    daily.priya.save()
    travel(at(7, 1))
    write_digests()
    assert not Mail.objects.exists()
    assert not Message.objects.filter(for_digest=True).exists()


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-03-28T06:30+01:00", "2026-03-27T07:00+01:00"),
        ("2026-03-29T06:30+02:00", "2026-03-28T07:00+01:00"),  # the clocks go forward that night
        ("2026-03-29T07:00+02:00", "2026-03-29T07:00+02:00"),
        ("2026-10-25T06:59+01:00", "2026-10-24T07:00+02:00"),
        ("2026-10-25T23:30+00:00", "2026-10-25T07:00+01:00"),  # half past midnight there
    ],
)
def test_the_hour_is_that_of_the_organisation(settings: Any, moment: str, due: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert str(ZoneInfo("Europe/Berlin"))
    assert last_digest_moment(datetime.fromisoformat(moment)) == datetime.fromisoformat(due)


def test_the_settings_page_says_and_keeps_the_choice(cast: Cast, client: Client) -> None:
    client.force_login(cast.sam)
    page = client.get("/settings/").content.decode()
    assert "at 07:00 (UTC)" in page
    assert client.post("/settings/", {"choice": "hourly"}).status_code == 422
    assert not MailPreference.objects.exists()
    answer = client.post("/settings/", {"choice": "daily"}, follow=True)
    assert "Your settings were saved." in answer.content.decode()
    (kept,) = MailPreference.objects.all()
    assert (kept.person, kept.choice) == (cast.sam, "daily")


def test_a_message_is_never_lost_between_two_choices(daily: Cast, travel: Travel) -> None:
    assert now() + timedelta(days=1) < at(0)
    for number, choice in enumerate([Choice.DAILY, Choice.AT_ONCE, Choice.DAILY]):
        travel(at(9 + number))
        choose_mail(actor=daily.priya, choice=choice)
        ask(daily, f"Request {number}")
    travel(at(7, 1))
    write_digests()
    assert not Message.objects.filter(mail=None).exists()
