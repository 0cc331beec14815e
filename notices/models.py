"""The outbox: mails written in the transaction of what they tell about."""

from django.db import models

from accounts.models import User


class Message(models.Model):
    """One mail to one person. The worker sends it and marks it sent."""

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return the subject."""
        return self.subject
