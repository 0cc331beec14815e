"""What the worker does with the outbox."""

from django.core.mail import EmailMessage
from django.db import transaction
from procrastinate.contrib.django import app

from notices.models import Message
from records.clock import now


@app.task(queue="notices", name="notices.send", retry=5)
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
