"""A worker that is killed while it sends loses no mail, and what comes twice says so."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from notices.actions import post
from notices.models import Kind, Mail
from records.clock import today
from tests.cast import Cast
from tests.database import TestDatabase, url
from tests.notices.smtp import MailServer, Moment
from tests.soak import SOAK, rounds
from valueboard.tasks import SILENT_SECONDS

A_ROUND = 6
SEED = 20_261_121
START_SECONDS = 180
# Half a minute until a worker counts as dead, and 20 seconds between sweeps; the machine is busy.
REST_SECONDS = 120


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server, for as long as this lasts."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def worker(server: MailServer, database: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The worker of the product, sending through `server`; killed at the end unless it ended."""
    environment = os.environ | {
        "DATABASE_URL": url("DATABASE_URL", database),
        "DATABASE_OWNER_URL": url("DATABASE_OWNER_URL", database),
        "EMAIL_URL": server.url,
    }
    command = [sys.executable, "manage.py", "worker", "--skip-checks"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def kill_at(
    server: MailServer, process: subprocess.Popen[bytes], moment: Moment, mails: int
) -> threading.Event:
    """Have the worker killed at a moment of the sending of its `mails`th mail."""
    killed, lock, seen = threading.Event(), threading.Lock(), 0

    def notice(now: Moment) -> None:
        nonlocal seen
        with lock:
            seen += now == moment
            if seen == mails and not killed.is_set():
                process.kill()
                killed.set()

    server.notice = notice
    return killed


def let_silence_pass() -> None:
    """Have the dead workers be silent for as long as it takes to count as dead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - %s * interval '1s'",
            [SILENT_SECONDS],
        )


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_no_mail(
    cast: Cast, test_database: TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same choices in every run
    log, moments = tmp_path / "worker.log", Counter[Moment]()
    kills = rounds(3, 50)
    with mail_server() as server:
        for number in range(kills):
            for each in range(A_ROUND):
                post(
                    recipient=cast.priya,
                    kind=Kind.COMMENTED,
                    subject=f"Mail {number * A_ROUND + each}",
                    template="allocation_gaps/request.txt",
                    context={
                        "address": "/workloads/x/case/",
                        "action": {"due": today()},
                        "gap": {"since": today()},
                    },
                )
            moment = list(Moment)[number % len(Moment)]
            with worker(server, test_database.name, log) as process:
                killed = kill_at(server, process, moment, chance.randint(1, 3))
                assert killed.wait(START_SECONDS), log.read_text()[-5000:]
                assert process.wait() == -9
            moments[moment] += 1
        server.notice = lambda _moment: None
        last_kill = time.monotonic()
        if not SOAK:
            let_silence_pass()
        with worker(server, test_database.name, log) as process:
            while Mail.objects.filter(state=Mail.State.WAITING).exists():
                assert process.poll() is None, log.read_text()[-5000:]
                assert time.monotonic() < last_kill + REST_SECONDS, log.read_text()[-5000:]
                time.sleep(0.2)
        took = time.monotonic() - last_kill

    ids: dict[str, list[str]] = defaultdict(list)
    for mail in server.arrived:
        ids[str(mail["Subject"])].append(str(mail["Message-ID"]))
    written = kills * A_ROUND
    twice = sum(len(each) - 1 for each in ids.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kills} kills ({', '.join(f'{n} × {moment}' for moment, n in moments.items())}): "
            f"{written} mails written, {len(ids)} arrived, 0 lost, {twice} more than once; "
            f"all sent {took:.0f} s after the last kill\n"
        )
    assert len(ids) == written
    assert all(len(set(each)) == 1 for each in ids.values())
    assert {each[0] for each in ids.values()} == set(
        Mail.objects.values_list("message_id", flat=True)
    )
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.SENT}
    # The worker died before it could note what the server had: it must have sent that again.
    assert twice >= moments[Moment.ARRIVED]
