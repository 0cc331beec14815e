"""What is read of messages and mails."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import IntegerField, Subquery
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateWorker

from accounts.models import User
from notices.models import Mail, Message, SentAgain
from records.clock import now

MANY = 99
SILENT_AFTER = timedelta(minutes=2)
LATE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that was given up, as an Administrator sees it: what it said is not theirs to read."""

    mail: Mail
    what: str
    again: tuple[SentAgain, ...]


class Counted(Subquery):
    """How many rows another query has, as one value of a query that asks more."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def unread(user: User) -> Counted:
    """Return an expression: how many messages a person has not read, counted no further than 100.

    The header shows it by `unread_words`.
    """
    return Counted(Message.objects.visible_to(user).unread().values("pk")[: MANY + 1])


def unread_words(count: int) -> str:
    """Return a number of unread messages for the header: "" for none, "99+"."""
    return f"{MANY}+" if count > MANY else str(count or "")


def given_up() -> Counted:
    """Return an expression: how many mails were given up."""
    return Counted(Mail.objects.filter(state=Mail.State.DEAD).values("pk"))


def undelivered() -> list[Undelivered]:
    """Return the mails that were given up, the oldest first."""
    mails = list(
        Mail.objects.filter(state=Mail.State.DEAD).select_related("recipient").order_by("pk")
    )
    kinds: dict[int | None, list[str]] = defaultdict(list)
    for message in Message.objects.filter(mail__in=mails):
        kinds[message.mail_id].append(message.get_kind_display())
    again: dict[int, list[SentAgain]] = defaultdict(list)
    repeated = SentAgain.objects.filter(mail__in=mails).select_related("recorded_by")
    for each in repeated.order_by("pk"):
        again[each.mail_id].append(each)
    return [
        Undelivered(
            mail,
            f"Daily mail, {len(kinds[mail.pk])} messages" if mail.digest_of else kinds[mail.pk][0],
            tuple(again[mail.pk]),
        )
        for mail in mails
    ]


def warnings() -> Iterator[str]:
    """Yield what is wrong with the sending of mail, for whoever operates the product."""
    if not ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - SILENT_AFTER).exists():
        yield "no worker has said for 2 minutes that it lives"
    oldest = oldest_waiting()
    if oldest and oldest < now() - LATE_AFTER:
        yield f"a mail has waited since {oldest:%Y-%m-%dT%H:%MZ}"


def oldest_waiting() -> datetime | None:
    """Return when the oldest mail that still waits was written; None where none does."""
    waiting = Mail.objects.filter(state=Mail.State.WAITING)
    return waiting.order_by("written_at").values_list("written_at", flat=True).first()
