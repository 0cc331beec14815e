"""Every change to messages and mails: writing, sending, reading, choosing."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.timezone import get_default_timezone, localtime
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import Role, User
from notices.delivery import base_url, deliver, error_text, new_message_id, why_not_send
from notices.letter import link_in, one_line, tidy
from notices.models import Kind, Mail, MailPreference, Message, MessageQuerySet, SentAgain
from records.clock import now
from valueboard.lib import formats

logger = logging.getLogger(__name__)
Choice = MailPreference.Choice
FIRST_WAIT = timedelta(seconds=30)
# After 30 s, 1 min, 2 min and so on, doubling: 17 hours from the first attempt to the last.
MAX_ATTEMPTS = 12


# --- writing --------------------------------------------------------------------------------------


@transaction.atomic
def post(
    *, recipient: User, kind: Kind, subject: str, template: str, context: dict[str, Any]
) -> Message:
    """Tell somebody something: in the inbox, and by mail as that person chose.

    Called within the transaction of what it tells about; a rollback undoes both. The template is
    text, without greeting and footer, and ends with the link; it knows `base_url`, without a slash
    at its end.
    """
    base = base_url()
    with formats.using(recipient.locale):
        body = tidy(render_to_string(template, context | {"base_url": base}))
    moment = now()
    message = Message(
        recipient=recipient,
        kind=kind,
        subject=one_line(subject),
        body=body,
        link=link_in(body, base),
        written_at=moment,
    )
    choice = choice_of(recipient)
    if recipient.is_active and choice == Choice.AT_ONCE:
        message.mail = Mail.objects.create(
            recipient=recipient, message_id=new_message_id(), written_at=moment
        )
    message.for_digest = recipient.is_active and choice == Choice.DAILY
    message.save(force_insert=True)
    if message.mail:
        defer_sending(message.mail)
    return message


def write_digests() -> None:
    """Write the daily mail of everybody for whom something waited at the hour of the digest."""
    moment = last_digest_moment(now())
    due = Message.objects.filter(for_digest=True, written_at__lt=moment)
    for person in User.objects.filter(pk__in=due.values("recipient")).order_by("pk"):
        write_digest(person, localtime(moment).date())


@transaction.atomic
def write_digest(person: User, day: date) -> None:
    """Write a person's mail of a day, with everything that waits for them; once, and never empty.

    Who left, or chose no mail meanwhile, gets none: the inbox has it all.
    """
    waiting = Message.objects.filter(recipient=person, for_digest=True)
    if not person.is_active or choice_of(person) == Choice.NONE:
        waiting.update(for_digest=False)
        return
    mail, is_new = Mail.objects.get_or_create(
        recipient=person,
        digest_of=day,
        defaults={"message_id": new_message_id(), "written_at": now()},
    )
    if not is_new:
        return  # what came too late for it waits for tomorrow's
    if waiting.update(for_digest=False, mail=mail):
        defer_sending(mail)
    else:
        transaction.set_rollback(True)


def last_digest_moment(moment: datetime) -> datetime:
    """Return when the latest digest was due: at its hour in the organisation's time zone."""
    day = localtime(moment).date()
    hour = time(settings.DIGEST_HOUR, tzinfo=get_default_timezone())
    due = datetime.combine(day, hour)
    return due if due <= moment else datetime.combine(day - timedelta(days=1), hour)


# --- sending --------------------------------------------------------------------------------------


def send_mail(*, mail_id: int) -> None:
    """Try to send one mail of the outbox, unless it was sent already.

    The row is locked while it is sent, so that two workers never send it at once. Sent at least
    once: a worker killed between the mail server's yes and the commit sends it again, with the
    same Message-ID. A failed attempt and the job of the next are one transaction.
    """
    with transaction.atomic():
        mail = (
            Mail.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("recipient")
            .filter(pk=mail_id, state=Mail.State.WAITING)
            .first()
        )
        if mail is None:
            return
        if reason := why_not_send(mail):
            mail.state, mail.last_error = Mail.State.DROPPED, reason
        else:
            _try_to_send(mail)
        mail.save()


def _try_to_send(mail: Mail) -> None:
    mail.attempts += 1
    mail.tried_at = now()
    try:
        deliver(mail)
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail must not be forgotten
        mail.last_error = error_text(error)
        logger.warning(
            "Mail %s was not sent, attempt %s of %s: %s",
            mail.pk,
            mail.attempts,
            MAX_ATTEMPTS,
            type(error).__name__,  # all of it is for Administrators: it may name people
        )
        if mail.attempts >= MAX_ATTEMPTS:
            mail.state = Mail.State.DEAD
        else:
            defer_sending(mail, after=FIRST_WAIT * 2 ** (mail.attempts - 1))
    else:
        mail.state, mail.sent_at, mail.last_error = Mail.State.SENT, now(), ""


def defer_sending(mail: Mail, after: timedelta | None = None) -> None:
    """Put the sending of a mail into the queue, on the connection of the caller; once."""
    deferrer = app.configure_task(
        "notices.send_mail",
        queue="notices",
        queueing_lock=f"mail-{mail.pk}",
        schedule_in={"seconds": int(after.total_seconds())} if after else None,
    )
    # The savepoint keeps the caller's transaction whole where the job is there already.
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(mail_id=mail.pk)


@transaction.atomic
def drop_waiting(*, reason: str) -> None:
    """Let nothing leave that waits, for the daily mail either; for the loading of a demo."""
    Mail.objects.filter(state=Mail.State.WAITING).update(
        state=Mail.State.DROPPED, last_error=reason
    )
    Message.objects.filter(for_digest=True).update(for_digest=False)


@transaction.atomic
def send_again(*, actor: User, mails: Sequence[int] | None = None) -> int:
    """Have undelivered mails tried anew, all of them unless named; return how many."""
    if Role.ADMINISTRATOR not in actor.roles:
        message = "Only an Administrator has mail sent again."
        raise PermissionDenied(message)
    dead = Mail.objects.select_for_update(of=("self",)).filter(state=Mail.State.DEAD)
    if mails is not None:
        dead = dead.filter(pk__in=mails)
    again = list(dead.order_by("pk"))
    for mail in again:
        SentAgain.objects.create(
            mail=mail, attempts=mail.attempts, recorded_by=actor, recorded_at=now()
        )
        mail.state, mail.attempts = Mail.State.WAITING, 0
        mail.save()
        defer_sending(mail)
    return len(again)


# --- reading and choosing -------------------------------------------------------------------------


def mark_read(*, actor: User, message: Message) -> None:
    """Mark a message of one's own as read; the first time counts."""
    _mine(actor).filter(pk=message.pk).update(read_at=now())


def mark_all_read(*, actor: User, newest: int) -> int:
    """Mark one's messages as read up to the newest that the page showed; return how many."""
    return _mine(actor).filter(pk__lte=newest).update(read_at=now())


@transaction.atomic
def choose_mail(*, actor: User, choice: Choice) -> None:
    """Choose when one's messages are mailed, from now on.

    What waits for a digest still comes with the next one, unless no mail is wanted.
    """
    MailPreference.objects.update_or_create(person=actor, defaults={"choice": choice})
    if choice == Choice.NONE:
        Message.objects.filter(recipient=actor, for_digest=True).update(for_digest=False)


def choice_of(person: User) -> Choice:
    """Return when a person wants mail."""
    chosen = MailPreference.objects.filter(person=person).values_list("choice", flat=True).first()
    return Choice(chosen) if chosen else Choice.AT_ONCE


def _mine(actor: User) -> MessageQuerySet:
    return Message.objects.visible_to(actor).unread()
