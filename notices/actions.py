"""Writing mails: into the outbox, in the transaction of what they tell about."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User
from notices.models import Kind, Message
from notices.tasks import defer_sending
from records.clock import now


@transaction.atomic
def post(
    *, recipient: User, kind: Kind, subject: str, template: str, context: dict[str, Any]
) -> Message:
    """Write a mail and put its sending into the queue; both are undone by a rollback.

    The template knows `base_url`, without a slash at its end, for its links.
    """
    body = render_to_string(template, context | {"base_url": settings.BASE_URL.rstrip("/")})
    message = Message.objects.create(
        recipient=recipient,
        kind=kind,
        # A subject is one line; a name with a line break must not become a header.
        subject=" ".join(subject.split())[:200],
        body=body.strip() + "\n",
        written_at=now(),
    )
    defer_sending(message)
    return message
