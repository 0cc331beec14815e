"""A job whose worker died is done by another one, within a minute."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from notices.models import Mail
from tests.cast import Cast, submitted
from tests.notices.worker import work
from valueboard.tasks import SILENT_SECONDS, prune, retry_stalled

pytestmark = pytest.mark.django_db(transaction=True)


def execute(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() if cursor.description else None


def run(task: Any) -> None:
    """Do one task of the queue itself, now; in a thread, for the main one may have a loop."""

    async def once() -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        with app.replace_connector(connector) as working:
            async with working.open_async():
                await task.func(SimpleNamespace(app=working), timestamp=0)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, once()).result()


def worker(seconds: float) -> int:
    """A worker that was last heard of so long ago."""
    heard = datetime.now(UTC) - timedelta(seconds=seconds)
    insert = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id"
    return int(execute(insert, heard)[0])


def begun_by(worker_id: int | None) -> ProcrastinateJob:
    """The sending of a mail, begun by a worker."""
    job: ProcrastinateJob = ProcrastinateJob.objects.get(task_name="notices.send_mail")
    execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
        worker_id,
        job.pk,
    )
    return job


def status(job: ProcrastinateJob) -> str:
    found = ProcrastinateJob.objects.filter(pk=job.pk).first()
    return found.status if found else "gone"


@pytest.mark.parametrize("row", ["there", "pruned"])
def test_a_job_of_a_dead_worker_is_done_by_another(cast: Cast, row: str) -> None:
    submitted(cast)
    dead = worker(SILENT_SECONDS + 1)
    job = begun_by(dead)
    if row == "pruned":
        # As a new worker does at its start with those that are silent (procrastinate #1518).
        execute("SELECT procrastinate_prune_stalled_workers_v1(%s)", SILENT_SECONDS)
        assert ProcrastinateJob.objects.get(pk=job.pk).worker is None
    work()
    assert status(job) == "doing"  # nobody takes it by itself
    run(retry_stalled)
    assert status(job) == "todo"
    work()
    assert Mail.objects.get().state == Mail.State.SENT


def test_a_job_of_a_living_worker_is_left_alone(cast: Cast) -> None:
    submitted(cast)
    job = begun_by(worker(SILENT_SECONDS / 2))
    run(retry_stalled)
    assert status(job) == "doing"


def test_a_job_whose_work_waits_in_the_queue_again_is_removed(cast: Cast) -> None:
    submitted(cast)
    job = begun_by(worker(SILENT_SECONDS + 1))
    app.configure_task("notices.send_mail", queue="notices", queueing_lock=job.queueing_lock).defer(
        mail_id=Mail.objects.get().pk
    )
    run(retry_stalled)
    assert status(job) == "gone"
    work()
    assert Mail.objects.get().state == Mail.State.SENT


def test_the_sweep_comes_three_times_a_minute() -> None:
    every = app.periodic_registry.periodic_tasks.values()
    (ticks,) = (each.croniter for each in every if each.task is retry_stalled)
    ticks.set_current(start_time=0)
    assert [ticks.get_next(float) for _ in range(4)] == [20, 40, 60, 80]


@pytest.mark.parametrize(("days", "left"), [(13, "failed"), (15, "gone")])
def test_what_failed_is_removed_after_two_weeks(cast: Cast, days: int, left: str) -> None:
    submitted(cast)
    job = ProcrastinateJob.objects.get(task_name="notices.send_mail")
    execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", job.pk)
    execute("UPDATE procrastinate_events SET at = at - make_interval(days => %s)", days)
    run(prune)
    assert status(job) == left
    mine = ProcrastinateEvent.objects.filter(job=job.pk)
    assert mine.exists() is (left != "gone")
