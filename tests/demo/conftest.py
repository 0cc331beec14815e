"""The demo organisation, loaded by its own command into a database of its own.

Made through the front door (`migrate`, `load_demo`), once, for tests that only read it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from accounts.models import User
from positions.rows import Row
from records.clock import database_kind, now, today
from tests.clock import clock_of
from tests.database import ROOT, TestDatabase, connect_as_owner, url
from valueboard.board.page import Board, read_board


def manage(
    database: str, *arguments: str, as_owner: bool = False, bill: str = ""
) -> subprocess.Popen[str]:
    """Start a command of manage.py on a database that is created, or was, as a demo.

    `bill` is the folder that deliveries stay in; without one they go with the load.
    """
    environment = os.environ | {
        "VALUEBOARD_AS_OWNER": "1" if as_owner else "0",
        "VALUEBOARD_DATABASE_KIND": "demo",
        "DATABASE_URL": url("DATABASE_URL", database),
        "DATABASE_OWNER_URL": url("DATABASE_OWNER_URL", database),
        "LOG_LEVEL": "WARNING",
        "SPEND_FOLDERS": bill,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcome(started: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command's end; return its code and what it printed."""
    printed, _ = started.communicate(timeout=900)
    return started.returncode, printed


@pytest.fixture(scope="module")
def empty_demo(django_db_setup: None, test_database: TestDatabase) -> Iterator[str]:
    """A migrated database that was created as a demo; the name is this process's own."""
    name = f"{test_database.name}_demo"
    test_database.drop(name)
    with connect_as_owner("postgres") as owner:
        owner.execute(f"CREATE DATABASE {name}")
    code, printed = outcome(
        manage(name, "migrate", "--verbosity=0", "--skip-checks", as_owner=True)
    )
    assert code == 0, printed
    yield name
    test_database.drop(name)


@pytest.fixture
def another_demo(empty_demo: str, test_database: TestDatabase) -> Iterator[str]:
    """A copy of the empty demo, to be loaded or spoilt."""
    name = f"{empty_demo}_2"
    test_database.drop(name)
    with connect_as_owner("postgres") as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {empty_demo}")
    yield name
    test_database.drop(name)


@contextmanager
def as_the_load_left_it(database: str) -> Iterator[None]:
    """Let the clock of the loaded demo run with now, for a while."""
    with clock_of(database), connect_as_owner(database) as owner:
        owner.execute("UPDATE records_clock SET ahead = '0'")
        yield


@dataclass(frozen=True, repr=False)
class Demo:
    """The loaded organisation, as Erin, an Executive, reads it right after the load."""

    database: str
    printed: str
    board: Board
    known_at: datetime
    today: date

    def person(self, key: str) -> User:
        """Return somebody of the demo."""
        return User.objects.get(email=f"{key}@example.com")

    def row(self, name: str) -> Row:
        """Return a workload's row on the board."""
        return next(row for row in self.board.rows.rows if row.name == name)


@pytest.fixture(scope="module")
def demo(
    empty_demo: str,
    test_database: TestDatabase,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demo]:
    """The demo after `load_demo`, its bill kept; the module's tests are connected to it."""
    name = f"{empty_demo}_1"
    test_database.drop(name)
    with connect_as_owner("postgres") as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {empty_demo}")
    with connect_as_owner(name) as owner:
        # Loaded on the day of all tests, and read on it: the load lets the clock run with now.
        owner.execute("UPDATE records_clock SET ahead = %s", [test_database.ahead])
        bill = str(tmp_path_factory.mktemp("bill"))
        code, printed = outcome(manage(name, "load_demo", bill=bill))
        assert code == 0, printed
        arrived = owner.execute("SELECT ahead = '0' FROM records_clock").fetchone()
        assert arrived == (True,)
        owner.execute("UPDATE records_clock SET ahead = %s", [test_database.ahead])
    with django_db_blocker.unblock():
        connections.close_all()
        connections.databases["default"]["NAME"] = name
        database_kind.cache_clear()
        erin = User.objects.get(email="erin@example.com")
        known_at = now()
        yield Demo(name, printed, read_board(erin, {}, known_at), known_at, today())
        connections.close_all()
        connections.databases["default"]["NAME"] = test_database.name
        database_kind.cache_clear()
    test_database.drop(name)
