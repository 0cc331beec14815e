"""What the worker does with the outbox."""

from contextlib import suppress
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from notices.models import Message
from records.clock import now

UNSENT_AFTER = timedelta(minutes=10)
# After 4, 16, 64 and 256 seconds; what is unsent then is for the sweep.
RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(queue="notices", name="notices.send", retry=RETRY)
def send(message_id: int) -> None:
    """Send one message of the outbox, unless it was sent already.

    The row is locked while it is sent, so that two workers never send it at once. Sent at least
    once: a worker killed between the mail server's yes and the commit sends it again, with the
    same Message-ID.
    """
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("recipient")
            .filter(pk=message_id, sent_at=None)
            .first()
        )
        if message is None:
            return
        EmailMessage(
            subject=message.subject,
            body=message.body,
            to=[message.recipient.email],
            headers={"Message-ID": f"<notice-{message.pk}@valueboard>"},
        ).send()
        message.sent_at = now()
        message.save(update_fields=["sent_at"])


def defer_sending(message: Message) -> None:
    """Put the sending of a message into the queue, once; on the connection of the caller."""
    send.configure(queueing_lock=f"notice-{message.pk}").defer(message_id=message.pk)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="notices", name="notices.sweep", queueing_lock="notices.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Put unsent messages into the queue again: their jobs failed for good, or were lost."""
    for message in Message.objects.filter(sent_at=None, written_at__lt=now() - UNSENT_AFTER):
        with suppress(AlreadyEnqueued):
            defer_sending(message)
