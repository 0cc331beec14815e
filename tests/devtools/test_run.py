"""`make run` as people meet it: it comes up, dies in every way, and comes up with its data."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from devtools import postgres, run, supervisor
from devtools.postgres import Server
from tests.devtools.test_supervisor import new_state, postmaster, until
from tests.soak import SOAK

SECONDS = 180
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "VALUEBOARD_ENVIRONMENT", "VALUEBOARD_DATABASE_KIND")


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A state folder that the runs have one after the other."""
    with new_state() as folder:
        yield folder


@contextmanager
def running(state: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Have `make run` up; give its process and its port."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"VALUEBOARD_STATE": str(state), "PORT": str(supervisor.free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "devtools.run"],
        cwd=postgres.CLONE, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    try:
        said = ""
        give_up = time.monotonic() + SECONDS
        while not (port := re.search(r"ValueBoard runs at http://127.0.0.1:(\d+)", said)):
            line = process.stdout.readline()
            assert line, said
            assert time.monotonic() < give_up
            said += line
        yield process, int(port[1])
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def recorded(server: Server) -> int:
    """Return how many decisions the demo holds."""
    with psycopg.connect(server.url(postgres.APPLICATION, "valueboard")) as connection:
        row = connection.execute("SELECT count(*) FROM approvals_decision").fetchone()
    assert row
    return int(row[0])


@pytest.mark.skipif(not SOAK, reason="loads the whole demo: `make soak`")
def test_comes_up_with_its_data_whatever_was_killed(state: Path) -> None:
    server = Server(state / "run")
    with running(state) as (process, port):
        assert run.answers(port)
        before = recorded(server)
        assert before
        process.kill()
        process.wait()
        # Web and worker go with their starter; the database stays for the next one.
        until(lambda: not run.answers(port))
        assert recorded(server) == before
    os.kill(postmaster(server), signal.SIGKILL)
    with running(state) as (process, port):
        assert run.answers(port)
        assert recorded(server) == before
        process.terminate()
        assert process.wait(60) == 0
        assert not run.answers(port)
    assert not postgres.processes(postgres.marker(server.folder)).all


def test_a_worker_that_ended_gets_a_successor_until_that_is_no_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ends() -> subprocess.Popen[bytes]:
        begun.append(1)
        with subprocess.Popen([sys.executable, "-c", ""]) as worker:
            return worker

    begun: list[int] = []
    monkeypatch.setattr(run, "start_worker", ends)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as web:
        with pytest.raises(run.RunError, match="worker ended, 5 times"):
            run.stay_up({"web": web, "worker": ends()})
        assert len(begun) == run.WORKER_STARTS
        web.kill()
        web.wait()
        with pytest.raises(run.RunError, match="web server ended"):
            run.stay_up({"web": web, "worker": ends()})
