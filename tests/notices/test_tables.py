"""What the tables of messages and mails refuse by themselves, past every check in Python."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from notices.models import Mail, MailPreference, Message
from records.clock import now
from tests.cast import Cast


def mail(cast: Cast, **wrong: Any) -> Mail:
    """Write a mail that is right but for what is `wrong`."""
    right = {"recipient": cast.sam, "message_id": "<1@x>", "written_at": now()}
    return Mail.objects.create(**right | wrong)


def message(cast: Cast, **wrong: Any) -> Message:
    """Write a message that is right but for what is `wrong`."""
    right = {
        "recipient": cast.sam,
        "kind": "commented",
        "subject": "x",
        "body": "x",
        "link": "/spaces/",
        "written_at": now(),
    }
    return Message.objects.create(**right | wrong)


def twice(make: Callable[..., object], cast: Cast, **fields: Any) -> None:
    make(cast, **fields)
    make(cast, **fields)


def prefers(cast: Cast, choice: str = "daily") -> None:
    MailPreference.objects.create(person=cast.sam, choice=choice)


BREAKING: dict[str, Callable[[Cast], object]] = {
    "mail_preference_is_known": lambda c: prefers(c, choice="hourly"),
    "notices_mailpreference_person_id_key": lambda c: twice(prefers, c),
    "notices_mail_message_id_key": lambda c: twice(mail, c),
    "digest_once_a_day": lambda c: [
        mail(c, message_id=each, digest_of=date(2026, 1, 1)) for each in ("<1@x>", "<2@x>")
    ],
    "mail_is_sent_or_not": lambda c: mail(c, state="sent"),
    "message_kind_is_known": lambda c: message(c, kind="gossip"),
    "message_is_mailed_once": lambda c: message(c, mail=mail(c), for_digest=True),
    "message_links_inside": lambda c: message(c, link="//elsewhere.example/"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_the_database_refuses_what_breaks(cast: Cast, name: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BREAKING[name](cast)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == name


@pytest.mark.parametrize("link", ["https://elsewhere.example/", "/\\elsewhere", "javascript:x"])
def test_no_message_leads_out_of_the_product(cast: Cast, link: str) -> None:
    with pytest.raises(IntegrityError, match="message_links_inside"), transaction.atomic():
        message(cast, link=link)
    assert message(cast, link="").link == ""
