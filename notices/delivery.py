"""Making a mail of its messages, and handing it to the mail server."""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime

from notices.letter import one_line, plain_text, section
from notices.models import Kind, Mail, MailPreference, Message
from records.clock import database_kind
from valueboard.lib import formats

ERROR_LENGTH = 500
REASONS = {
    Kind.SUBMITTED: "you may decide on Business Requests",
    Kind.SECOND_APPROVAL: "you may decide on Business Requests",
    Kind.ESTIMATE_WAITING: "you may confirm estimates",
    Kind.DECIDED: "you wrote the request or own the workload",
    Kind.RETURNED: "you wrote the request or own the workload",
    Kind.COMMENTED: "you take part in this request",
    Kind.DELEGATED: "it is about approving in your name or by you",
    Kind.CASE_REQUESTED: "you own the workload",
    Kind.ESTIMATE_REQUESTED: "you own the workload",
    Kind.GAP_REMINDER: "you were asked about a gap and it is still open",
    Kind.GAP_ASSIGNED: "the gap was assigned to you",
    Kind.GAP_RECALLED: "you had been asked about the gap",
    Kind.APPROVAL_REQUESTED: "you own the workload",
    Kind.REVISION_REQUESTED: "you own the workload",
    Kind.RENEWAL_REQUESTED: "you own the workload",
    Kind.OWNER_WANTED: "you answer for workloads of the Space",
    Kind.PACK_READY: "you asked for the file",
    Kind.REVIEW_CLOSED: "the review is about workloads that you own or review",
    Kind.CASE_REVISED: "you approved this workload, or decide now that who approved it does not",
}


def base_url() -> str:
    """Return the address of the product, without a slash at its end."""
    return settings.BASE_URL.rstrip("/")


def new_message_id() -> str:
    """Return a Message-ID that no other mail has, of this deployment or of another."""
    return f"<{uuid4().hex}@{_host()}>"


def why_not_send(mail: Mail) -> str:
    """Say why a mail must not leave, whatever was right when it was written; empty if it may."""
    if not mail.recipient.is_active:
        return "The recipient was deactivated."
    unwanted = MailPreference.objects.filter(
        person=mail.recipient_id, choice=MailPreference.Choice.NONE
    )
    if unwanted.exists():
        return "The recipient chose no mail."
    if database_kind() == "demo" and settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        return "A demonstration database sends nothing through a mail server."
    return ""


def deliver(mail: Mail) -> None:
    """Hand a mail to the mail server; raise what that raises."""
    compose(mail, list(Message.objects.filter(mail=mail).order_by("pk"))).send()


def compose(mail: Mail, messages: Sequence[Message]) -> EmailMultiAlternatives:
    """Return a mail with a plain and an HTML part, both made of the same messages."""
    with formats.using(mail.recipient.locale):
        return _compose(mail, messages)


def _compose(mail: Mail, messages: Sequence[Message]) -> EmailMultiAlternatives:
    base = base_url()
    if mail.digest_of:
        count = f"{len(messages)} message{'s' if len(messages) != 1 else ''}"
        day = formats.long_day(mail.digest_of)
        subject = f"{count} from ValueBoard, {day}"
        reason = "You get this because you chose one mail a day."
        sections = [
            section(m.body, base, m.subject, formats.day_time(localtime(m.written_at)))
            for m in messages
        ]
    else:
        (message,) = messages
        subject = message.subject
        reason = f"You get this because {REASONS[Kind(message.kind)]}."
        sections = [section(message.body, base)]
    greeting = f"{one_line(mail.recipient.name)},"
    settings_url = base + reverse("settings")
    context = {
        "subject": subject,
        "greeting": greeting,
        "sections": sections,
        "reason": reason,
        "settings_url": settings_url,
    }
    footer = (reason, "Change how you get mail:", settings_url)
    made = EmailMultiAlternatives(
        subject=subject,
        body=plain_text(greeting, sections, footer),
        to=[mail.recipient.email],
        headers={
            "Message-ID": mail.message_id,
            # So that absence notes and other machines don't answer (RFC 3834, and Exchange's own).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"ValueBoard <notices.{_host()}>",
        },
    )
    made.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return made


def error_text(error: Exception) -> str:
    """Return an error as the Administrator reads it: one line, and without the password."""
    text = f"{type(error).__name__}: {error}"
    if settings.EMAIL_HOST_PASSWORD:
        text = text.replace(settings.EMAIL_HOST_PASSWORD, "…")
    return one_line(text, ERROR_LENGTH)


def _host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"
