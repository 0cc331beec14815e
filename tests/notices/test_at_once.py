"""Several workers at once send each mail once."""

from time import sleep

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from notices.actions import choose_mail, send_mail, write_digest
from notices.models import Mail, MailPreference, Message
from records.clock import today
from tests.at_once import Crowd
from tests.cast import Cast, proposal, submitted
from tests.soak import rounds

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 8


def test_of_many_workers_one_sends_a_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    send = EmailMessage.send

    def slowly(each: EmailMessage) -> int:
        sleep(0.05)  # as a mail server takes its time
        return send(each)

    monkeypatch.setattr(EmailMessage, "send", slowly)
    with Crowd(WORKERS) as crowd:
        for number in range(rounds(3, 50)):
            submitted(cast, proposal(cast, name=f"Request {number}"))
            pk = Mail.objects.latest("pk").pk
            crowd.do(*[lambda pk=pk: send_mail(mail_id=pk)] * WORKERS)
            assert len(mail.outbox) == number + 1


def test_of_many_workers_one_writes_the_digest(cast: Cast) -> None:
    choose_mail(actor=cast.priya, choice=MailPreference.Choice.DAILY)
    day = today()
    with Crowd(WORKERS) as crowd:
        for number in range(rounds(3, 50)):
            Mail.objects.update(digest_of=None)
            submitted(cast, proposal(cast, name=f"Request {number}"))
            crowd.do(*[lambda: write_digest(cast.priya, day)] * WORKERS)
            assert Mail.objects.count() == number + 1
            assert not Message.objects.filter(mail=None).exists()
