"""What every test stands on: the database, the clock, the browser.

Importing this file starts the embedded PostgreSQL (or finds it running) and sets up Django, so that
`pytest tests/spaces` works by itself. With DATABASE_URL and DATABASE_OWNER_URL in the environment
the tests use that server instead; they make databases of their own there.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO

import django
import psycopg
import pytest
from django.test import TransactionTestCase

from devtools import postgres
from tests.guards.removal import asked_for, remove_from_source
from tests.guards.table import guard_named

# Nothing but in the runs of tests/guards: without the guard that these tests must miss.
remove_from_source(guard_named(asked_for()))

_in_use: IO[str] | None = None
if not (os.environ.get("DATABASE_URL") and os.environ.get("DATABASE_OWNER_URL")):
    _server = postgres.server("test")
    _in_use = _server.use()
    os.environ["DATABASE_URL"] = _server.url(postgres.APPLICATION, "postgres")
    os.environ["DATABASE_OWNER_URL"] = _server.url(postgres.OWNER, "postgres")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "valueboard.settings",
    "VALUEBOARD_ENVIRONMENT": "test",
    "VALUEBOARD_DATABASE_KIND": "test",
    # No test is the one during which the worker looks for deliveries by itself, on no day.
    "SPEND_POLL": f"{datetime.now(UTC) + timedelta(days=180):0 0 %-d %-m *}",
    # Playwright's sync API runs an event loop in the test's thread.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
django.setup()

# Below, since they need Django set up.
from devtools.test import NO_BROWSER  # noqa: E402
from tests.browser import address, axe, browser, console_errors, page, sign_in  # noqa: E402
from tests.clock import Travel, clock_of  # noqa: E402
from tests.database import TestDatabase, connect_as_owner  # noqa: E402

__all__ = ["address", "axe", "browser", "console_errors", "page", "sign_in"]  # fixtures

pytest_plugins = [
    "tests.standing",
    "tests.cast",
    "tests.records.frozen",
    "tests.records.owner",
    "tests.soak",
]


@pytest.fixture(scope="session")
def test_database(django_test_environment: None) -> Iterator[TestDatabase]:
    """The database of this test process."""
    database = TestDatabase(guard_named(asked_for()))
    yield database
    database.close()


@pytest.fixture(scope="session")
def django_db_setup(test_database: TestDatabase) -> Iterator[None]:
    """Put our databases in the place of pytest-django's, which one role would make and truncate."""
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: test_database.renew())
    yield
    patch.undo()


@pytest.fixture
def owner_cursor(transactional_db: None, test_database: TestDatabase) -> Iterator[psycopg.Cursor]:
    """A cursor of the role that owns the tables, each statement committed; see what it must see."""
    with connect_as_owner(test_database.name) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def travel(db: None, test_database: TestDatabase) -> Iterator[Travel]:
    """Set the database's clock; see tests/clock.py."""
    with clock_of(test_database.name) as travel:
        yield travel


def pytest_unconfigure() -> None:
    """Stop using the embedded PostgreSQL; the next run within a minute finds it running."""
    if _in_use:
        _in_use.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly, once each, when journeys or the real cost files were skipped."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if any(NO_BROWSER in reason for reason in reasons):
        terminalreporter.write_line(NO_BROWSER, red=True, bold=True)
    if count := sum("NO COST DATA" in reason for reason in reasons):
        line = f"!!! NO COST DATA: {count} TESTS AGAINST REAL COST FILES ARE SKIPPED. !!!"
        terminalreporter.write_line(line, red=True, bold=True)
