"""Mails leave with the transaction they tell about, once, and never without it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Role, RoleGrant
from notices.actions import MAX_ATTEMPTS, send_again
from notices.models import Mail, MailPreference, Message, SentAgain
from notices.tasks import send_mail, sweep
from records.clock import now
from tests.cast import Cast, proposal, submitted
from tests.notices.worker import let_waiting_jobs_be_due, work

WITH_COMMITS = pytest.mark.django_db(transaction=True)


def jobs() -> QuerySet[ProcrastinateJob]:
    """The jobs that send; the worker puts others of its own there."""
    return ProcrastinateJob.objects.filter(task_name="notices.send_mail")


def seconds_until(job: ProcrastinateJob) -> float:
    """How long a job waits yet, by the clock of the worker: the machine's."""
    assert job.scheduled_at
    return (job.scheduled_at - datetime.now(UTC)).total_seconds()


def subjects() -> list[tuple[str, str]]:
    """Who was sent what, in a fixed order."""
    return sorted((sent.to[0], str(sent.subject)) for sent in mail.outbox)


@WITH_COMMITS
def test_the_worker_sends_once(cast: Cast) -> None:
    submitted(cast)
    assert mail.outbox == []
    work()
    assert subjects() == [("priya@example.com", "To decide: Contract review")]
    assert Mail.objects.get().state == Mail.State.SENT
    work()
    send_mail(mail_id=Mail.objects.get().pk)
    sweep(timestamp=0)
    work()
    assert len(mail.outbox) == 1


@transaction.atomic
def submit_and_fail(cast: Cast) -> None:
    submitted(cast)
    assert Message.objects.exists()
    assert ProcrastinateJob.objects.filter(task_name="notices.send_mail").exists()
    message = "too late"
    raise RuntimeError(message)


@WITH_COMMITS
def test_what_is_rolled_back_sends_nothing(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="too late"):
        submit_and_fail(cast)
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="notices.send_mail").exists()
    work()
    assert mail.outbox == []


def _refuse(*_: object) -> None:
    message = "The mail server is away; hunter2 is wrong."
    raise ConnectionRefusedError(message)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A mail server that is away until it is called."""
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _refuse)
    return monkeypatch.undo


@WITH_COMMITS
def test_a_mail_that_could_not_be_sent_is_tried_again(
    cast: Cast, away: Callable[[], None], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_HOST_PASSWORD = "hunter2"
    submitted(cast)
    work()
    sent = Mail.objects.get()
    assert (sent.state, sent.attempts) == (Mail.State.WAITING, 1)
    assert sent.last_error == "ConnectionRefusedError: The mail server is away; … is wrong."
    (logged,) = caplog.messages
    assert logged == f"Mail {sent.pk} was not sent, attempt 1 of 12: ConnectionRefusedError"
    job = jobs().get()
    assert job.status == "todo"
    assert 20 < seconds_until(job) <= 30
    away()
    let_waiting_jobs_be_due()
    work()
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == sent.message_id
    sent.refresh_from_db()
    assert (sent.state, sent.attempts, sent.last_error) == (Mail.State.SENT, 2, "")


@WITH_COMMITS
def test_waits_double_until_a_mail_is_given_up_and_an_administrator_sends_it_again(
    cast: Cast, away: Callable[[], None]
) -> None:
    submitted(cast)
    waits = []
    for _ in range(MAX_ATTEMPTS):
        work()
        waits += [round(seconds_until(job) / 30) for job in jobs()]
        let_waiting_jobs_be_due()
    assert waits == [2**n for n in range(MAX_ATTEMPTS - 1)]
    dead = Mail.objects.get()
    assert (dead.state, dead.attempts) == (Mail.State.DEAD, MAX_ATTEMPTS)
    sweep(timestamp=0)
    assert not jobs().exists()
    away()
    assert send_again(actor=cast.adam) == 1
    assert send_again(actor=cast.adam) == 0
    work()
    assert subjects() == [("priya@example.com", "To decide: Contract review")]
    again = SentAgain.objects.get()
    assert (again.recorded_by, again.attempts) == (cast.adam, MAX_ATTEMPTS)
    assert mail.outbox[0].extra_headers["Message-ID"] == dead.message_id


@WITH_COMMITS
def test_who_was_deactivated_or_wants_no_mail_meanwhile_gets_none(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    submitted(cast)
    cast.priya.is_active = False
    cast.priya.save()
    MailPreference.objects.create(person=cast.felix, choice="none")
    work()
    assert mail.outbox == []
    told = dict(Mail.objects.values_list("recipient__name", "last_error"))
    assert told == {
        "Priya Example": "The recipient was deactivated.",
        "Felix Example": "The recipient chose no mail.",
    }
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.DROPPED}
    assert Message.objects.count() == 2


@WITH_COMMITS
def test_the_sweep_finds_what_lost_its_job(cast: Cast, travel: Callable[[Any], None]) -> None:
    submitted(cast)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    sweep(timestamp=0)
    assert not jobs().exists()  # it was written just now
    travel(now() + timedelta(minutes=11))
    sweep(timestamp=0)
    sweep(timestamp=0)  # it waits already
    assert jobs().count() == 1
    work()
    assert len(mail.outbox) == 1


@WITH_COMMITS
def test_the_sweep_leaves_a_mail_alone_whose_next_attempt_waits(
    cast: Cast, away: Callable[[], None], travel: Callable[[Any], None]
) -> None:
    submitted(cast)
    work()
    travel(now() + timedelta(minutes=11))
    before = jobs().get()
    sweep(timestamp=0)
    assert jobs().get().scheduled_at == before.scheduled_at


@WITH_COMMITS
def test_a_demonstration_sends_nothing_through_a_mail_server(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr("notices.delivery.database_kind", lambda: "demo")
    submitted(cast)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    work()
    assert Mail.objects.get().state == Mail.State.DROPPED
    assert mail.outbox == []


def test_mails_of_two_deployments_never_share_an_id(cast: Cast, settings: Any) -> None:
    settings.BASE_URL = "https://valueboard.example.com/at/work/"
    submitted(cast)
    host = Mail.objects.get().message_id.strip("<>").rpartition("@")[2]
    assert host == "valueboard.example.com"
    submitted(cast, proposal(cast, name="Another"))
    assert Mail.objects.values("message_id").distinct().count() == 2
