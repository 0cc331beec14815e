"""What the demo's people do with their messages: read most of them, and leave the latest."""

from demo.people import Made
from demo.plan.organisation import NOOR
from notices.actions import choose_mail, drop_waiting, mark_all_read
from notices.models import MailPreference, Message


def choose_daily_mail(made: Made) -> None:
    """Have one of the two Financial Admins want one mail a day."""
    choose_mail(actor=made.people[NOOR], choice=MailPreference.Choice.DAILY)


def read_inboxes(made: Made) -> None:
    """Let everybody read what they were told so far."""
    newest = Message.objects.order_by("pk").last()
    if newest:
        for person in made.people.values():
            mark_all_read(actor=person, newest=newest.pk)


def leave_mail_unsent() -> None:
    """Let no mail leave of the fourteen months that never were."""
    drop_waiting(reason="Written while the demonstration was made.")
