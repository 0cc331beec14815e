"""The outbox: mails written in the transaction of what they tell about."""

from typing import ClassVar

from django.db import models

from accounts.models import User


class Kind(models.TextChoices):
    """What a message tells; its label heads the inbox's filter."""

    SUBMITTED = "submitted", "Request to decide"
    SECOND_APPROVAL = "second_approval", "Second approval wanted"
    ESTIMATE_WAITING = "estimate_waiting", "Estimate to confirm"
    DECIDED = "decided", "Decided"
    RETURNED = "returned", "Returned for changes"
    COMMENTED = "commented", "Comment"
    DELEGATED = "delegated", "Delegation"
    CASE_REQUESTED = "case_requested", "Business case requested"
    ESTIMATE_REQUESTED = "estimate_requested", "Estimate requested"
    CASE_REVISED = "case_revised", "Case revised after approval"


class Message(models.Model):
    """One mail to one person. The worker sends it and marks it sent."""

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """A message is of a kind that the product knows."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="message_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        """Return the subject."""
        return self.subject
