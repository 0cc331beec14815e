"""Which forms a person sent already, and what they were answered."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User

LONGEST_KEY = 255


class SentForm(models.Model):
    """A POST that was answered with a redirect: where to, and which words went with it.

    Written in the transaction of what the POST did, so that the one is there if the other is. A
    key belongs to its user. `body` is an HMAC, never the body itself: forms carry passwords.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)
    path = models.TextField()
    body = models.CharField(max_length=64)
    # Of the answer; not there yet while the first one is at work, which nobody else sees.
    status = models.PositiveSmallIntegerField(null=True)
    location = models.TextField(default="")
    flashes = models.JSONField(default=list)
    # The machine's time, also where the product's clock was set: keys are kept for real days.
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A person sends a key once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="sent_form_once")
        ]
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="sent_form_by_age")]

    def __str__(self) -> str:
        """Return where it was sent."""
        return self.path
