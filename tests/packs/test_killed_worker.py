"""A worker that is killed while Chromium prints a pack leaves nothing half done behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from notices.models import Message
from packs.actions import MISSED_AFTER, ask_for_pack
from packs.jobs import sweep
from packs.models import Pack
from records.clock import now
from tests.cast import Cast
from tests.database import ROOT, TestDatabase, url
from tests.jobs.test_stalled import run
from tests.notices.worker import work
from tests.packs.reading import lives, program
from valueboard.tasks import SILENT_SECONDS, retry_stalled

START_SECONDS = 180
PRINTS = 'printf "%%PDF-1.4\\n%%%%EOF\\n"'
# What Chromium does: it starts others, and writes its file at the end.
HANGS = 'printf "%%PDF-1.4\\nhalf of" > "$made"; sleep 600 & echo $! > {child}; wait'


def wait_for(what: Callable[[], object], log: Path) -> None:
    """Wait until it is so."""
    until = time.monotonic() + START_SECONDS
    while not what():
        assert time.monotonic() < until, log.read_text()[-5000:]
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_a_pack_whose_worker_is_killed_is_made_by_the_next(
    cast: Cast, settings: Settings, test_database: TestDatabase, tmp_path: Path
) -> None:
    pack, child, log = (
        ask_for_pack(actor=cast.felix, query=""),
        tmp_path / "child",
        tmp_path / "log",
    )
    hanging = program(tmp_path, HANGS.format(child=child))
    with log.open("wb") as output:
        killed = worker(test_database, hanging, output.fileno())
        try:
            wait_for(lambda: child.exists() and child.read_text().strip(), log)
            assert lives(child)
        finally:
            killed.kill()
            killed.wait()
    wait_for(lambda: not lives(child), log)
    pack.refresh_from_db()
    assert (pack.state, pack.tries, pack.content) == ("running", 1, None)
    assert not Message.objects.exists()

    settings.CHROMIUM = program(tmp_path, f'{PRINTS} > "$made"')
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - %s * interval '1s'",
            [SILENT_SECONDS],
        )
    run(retry_stalled)
    work("packs")
    pack.refresh_from_db()
    assert (pack.state, pack.tries, pack.error) == ("done", 2, "")
    assert bytes(pack.content or b"").endswith(b"%%EOF\n")
    assert Message.objects.get().subject == "Your board pack is ready"


def worker(database: TestDatabase, chromium: str, output: int) -> subprocess.Popen[bytes]:
    """Start the worker of the product with something in the place of Chromium."""
    environment = os.environ | {
        "DATABASE_URL": url("DATABASE_URL", database.name),
        "DATABASE_OWNER_URL": url("DATABASE_OWNER_URL", database.name),
        "CHROMIUM": chromium,
    }
    command = [sys.executable, "manage.py", "worker", "--skip-checks"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


@pytest.mark.django_db(transaction=True)
def test_a_pack_whose_job_was_lost_is_put_into_the_queue_again(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    lost, waiting = (ask_for_pack(actor=cast.felix, query="") for _ in range(2))
    job = ProcrastinateJob.objects.get(args__pack_id=lost.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
    sweep(timestamp=0)
    assert not ProcrastinateJob.objects.filter(args__pack_id=lost.pk).exists(), "too early"
    Pack.objects.update(asked_at=now() - MISSED_AFTER - timedelta(seconds=1))
    sweep(timestamp=0)
    for pack in (lost, waiting):
        assert ProcrastinateJob.objects.filter(args__pack_id=pack.pk).count() == 1
    settings.CHROMIUM = program(tmp_path, f'{PRINTS} > "$made"')
    work("packs")
    assert set(Pack.objects.values_list("state", flat=True)) == {"done"}
