"""Mails leave with the transaction they tell about, once, and never without it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, connections, transaction
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Role, RoleGrant
from approvals.actions import confirm_pending_estimate
from notices.models import Kind, Message
from notices.tasks import send, sweep
from records.clock import now
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import Cast, added, proposal, submitted

WITH_COMMITS = pytest.mark.django_db(transaction=True)


def work() -> None:
    """Let the worker do all jobs that wait, and stop.

    In a thread of its own: the main one may have the event loop of a browser.
    """

    def close_connection(run: Callable[[], object], *_: object) -> None:
        try:
            run()
        finally:
            connections.close_all()  # the job's thread, and its connection, end with the worker

    with (
        app.replace_connector(app.connector.get_worker_connector()),  # type: ignore[attr-defined]
        ThreadPoolExecutor(1) as thread,
    ):
        thread.submit(
            app.run_worker,
            wait=False,
            install_signal_handlers=False,
            listen_notify=False,
            queues=["notices"],
            delete_jobs="successful",
            task_middleware=[close_connection],
        ).result()


def subjects() -> list[tuple[str, str]]:
    """Who was sent what, in a fixed order."""
    return sorted((sent.to[0], str(sent.subject)) for sent in mail.outbox)


@WITH_COMMITS
def test_the_worker_sends_once(cast: Cast) -> None:
    submitted(cast)
    assert mail.outbox == []
    work()
    assert subjects() == [("priya@example.com", "To decide: Contract review")]
    assert Message.objects.get().sent_at is not None
    work()
    send(message_id=Message.objects.get().pk)
    sweep(timestamp=0)
    work()
    assert len(mail.outbox) == 1


@transaction.atomic
def submit_and_fail(cast: Cast) -> None:
    submitted(cast)
    assert Message.objects.exists()
    assert ProcrastinateJob.objects.exists()
    message = "too late"
    raise RuntimeError(message)


@WITH_COMMITS
def test_what_is_rolled_back_sends_nothing(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="too late"):
        submit_and_fail(cast)
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()
    work()
    assert mail.outbox == []


@WITH_COMMITS
def test_a_mail_that_could_not_be_sent_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(cast)
    monkeypatch.setattr("notices.tasks.EmailMessage.send", _refuse)
    work()
    message = Message.objects.get()
    assert message.sent_at is None
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.attempts) == ("todo", 1)
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    work()
    assert len(mail.outbox) == 1


@WITH_COMMITS
def test_the_sweep_finds_what_lost_its_job(cast: Cast, travel: Callable[[Any], None]) -> None:
    submitted(cast)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    sweep(timestamp=0)
    assert not ProcrastinateJob.objects.exists()  # it was written just now
    travel(now() + timedelta(minutes=11))
    sweep(timestamp=0)
    sweep(timestamp=0)  # it waits already
    assert ProcrastinateJob.objects.count() == 1
    work()
    assert len(mail.outbox) == 1


def _refuse(*_: object) -> None:
    message = "The mail server is away."
    raise ConnectionRefusedError(message)


def sent_to(role: str) -> list[Message]:
    return list(Message.objects.filter(recipient__email=f"{role}@example.com").order_by("pk"))


def test_a_submitted_request_is_mailed_to_whoever_may_decide(cast: Cast) -> None:
    for person in (cast.felix, cast.oscar, cast.mona):
        RoleGrant.objects.create(user=person, role=Role.FINANCIAL_ADMIN)
    cast.mona.is_active = False
    cast.mona.save()
    request = submitted(cast, proposal(cast, owner=cast.oscar))
    assert {m.recipient for m in Message.objects.all()} == {cast.priya, cast.felix}
    (message,) = sent_to("priya")
    assert message.kind == Kind.SUBMITTED
    for said in (
        "Olivia Example submitted a Business Request",
        "Projected cost of the funding year (12 funded months): $159,171.27",
        "Declared annual opportunity (Cost Saving): $1,150,000",
        "Investment Prospect, derived from these two: 7.22×, Strong Prospect",
        f"http://127.0.0.1:8000/approvals/requests/{request.pk}/",
    ):
        assert said in message.body, message.body


@pytest.mark.parametrize(
    ("outcome", "subject", "link"),
    [
        ("approved", "Approved: Contract review", "/workloads/contract-review/"),
        ("rejected", "Rejected: Contract review", "/workloads/contract-review/"),
        ("returned", "Returned for changes: Contract review", "/requests/"),
    ],
)
def test_a_decision_is_mailed_to_author_and_owner(
    cast: Cast, outcome: str, subject: str, link: str
) -> None:
    request = submitted(cast, proposal(cast, owner=cast.mona))
    approve(cast.priya, request, outcome=outcome, rationale="<b>Fine</b> & good.")
    for name in ("olivia", "mona"):
        (message,) = sent_to(name)
        assert message.subject == subject
        assert message.kind == (Kind.RETURNED if outcome == "returned" else Kind.DECIDED)
        assert "<b>Fine</b> & good." in message.body
        assert f"http://127.0.0.1:8000{link}" in message.body
        assert ("agreed" in message.body) is (outcome == "approved")


def test_who_is_author_and_owner_gets_one_mail(cast: Cast) -> None:
    approve(cast.priya, submitted(cast))
    assert len(sent_to("olivia")) == 1


def test_a_confirmed_estimate_is_mailed_to_the_owner(cast: Cast) -> None:
    workload = added(cast)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    assert [m.subject for m in sent_to("olivia")] == ["Estimate confirmed: Contract review"]


def test_a_refused_decision_mails_nobody(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    before = Message.objects.count()
    client.force_login(cast.priya)
    client.post(f"/approvals/requests/{request.pk}/", {"outcome": "approved"})
    assert Message.objects.count() == before


def test_a_line_break_in_a_name_is_no_header(cast: Cast) -> None:
    submitted(cast, proposal(cast, name="Review\r\nBcc: sam@example.com"))
    assert [m.subject for m in sent_to("priya")] == ["To decide: Review Bcc: sam@example.com"]
