"""Messages, which everybody finds in the inbox, and the mails that carry them: the outbox."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User


class Kind(models.TextChoices):
    """What a message tells; the inbox filters by it."""

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
    GAP_REMINDER = "gap_reminder", "Reminder of a gap"
    GAP_ASSIGNED = "gap_assigned", "Gap assigned"
    GAP_RECALLED = "gap_recalled", "Gap request taken back"
    APPROVAL_REQUESTED = "approval_requested", "Approval requested"
    REVISION_REQUESTED = "revision_requested", "Revised estimate requested"
    RENEWAL_REQUESTED = "renewal_requested", "Renewal requested"
    OWNER_WANTED = "owner_wanted", "Owner wanted"
    PACK_READY = "pack_ready", "File ready"
    REVIEW_CLOSED = "review_closed", "Budget review closed"


class MailPreference(models.Model):
    """How somebody wants messages by mail; who never chose gets them at once."""

    class Choice(models.TextChoices):
        """When mail is sent."""

        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day"
        NONE = "none", "No mail"

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.AT_ONCE)

    class Meta:
        """One of the three."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(choice__in=["at_once", "daily", "none"]),
                name="mail_preference_is_known",
            )
        ]

    def __str__(self) -> str:
        """Return who wants what."""
        return f"{self.person}: {self.get_choice_display()}"


class Mail(models.Model):
    """One mail to one person: one message, or the digest of a day.

    `message_id` is the Message-ID header, made with the row and never changed, so that a mail sent
    twice carries the same one. `attempts` count since it was written or last sent again.
    """

    class State(models.TextChoices):
        """Where the mail is."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        DEAD = "dead", "Undelivered"
        DROPPED = "dropped", "Not sent, on purpose"

    message_id = models.CharField(max_length=300, unique=True)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest_of = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        """One digest per person and day."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "digest_of"], name="digest_once_a_day"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["waiting", "dead", "dropped"], sent_at=None),
                name="mail_is_sent_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["state", "written_at"],
                condition=Q(state__in=["waiting", "dead"]),
                name="mail_unsent",
            )
        ]

    def __str__(self) -> str:
        """Return whom it is for and where it is."""
        return f"To {self.recipient}: {self.get_state_display().lower()}"


class SentAgain(models.Model):
    """An Administrator had an undelivered mail sent again, after so many attempts."""

    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return who did it."""
        return f"Sent again by {self.recorded_by}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Questions about messages."""

    def visible_to(self, user: User) -> "MessageQuerySet":
        """Return the person's own messages; nobody sees another's."""
        return self.filter(recipient=user)

    def unread(self) -> "MessageQuerySet":
        """Return those that were not read."""
        return self.filter(read_at=None)


class Message(models.Model):
    """What one person is told: in the inbox at once and for good, by mail as that person chose.

    `body` is its text without greeting and footer; `link` the path of the thing that it is about,
    empty for none. `for_digest` marks it as waiting for the next digest.
    """

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    link = models.CharField(max_length=500, blank=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, null=True, related_name="+")
    for_digest = models.BooleanField(default=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        """A message waits for a digest or has its mail; the inbox is read from the newest."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="message_kind_is_known"),
            models.CheckConstraint(
                condition=Q(for_digest=False) | Q(mail=None), name="message_is_mailed_once"
            ),
            models.CheckConstraint(
                # A path of ours: "//elsewhere.example/" would lead out of the product.
                condition=Q(link="") | Q(link__regex=r"^/([^/\\]|$)"),
                name="message_links_inside",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-id"], name="message_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="message_unread"),
            models.Index(
                fields=["recipient", "written_at"],
                condition=Q(for_digest=True),
                name="message_for_digest",
            ),
        ]

    def __str__(self) -> str:
        """Return the subject."""
        return self.subject
