"""A place for checkpoints, and what the owner of a database can do that nobody else can."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from records.clock import database_kind

Tamper = Callable[..., None]


@pytest.fixture
def live(owner_cursor: psycopg.Cursor) -> Iterator[None]:
    """A database that says it is live, whose times mean something."""
    owner_cursor.execute("ALTER TABLE records_clock DISABLE TRIGGER keep_kind")
    owner_cursor.execute("UPDATE records_clock SET kind = 'live', ahead = '0'")
    database_kind.cache_clear()
    yield
    database_kind.cache_clear()


@pytest.fixture
def tamper(owner_cursor: psycopg.Cursor) -> Tamper:
    """Run statements with all of our triggers off, as only the owner can."""

    def run(*statements: str) -> None:
        owner_cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text, tgenabled::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgname ~ '^[a-z]_'"
        )
        triggers = owner_cursor.fetchall()
        for table, name, _ in triggers:
            owner_cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        for statement in statements:
            owner_cursor.execute(statement)
        for table, name, enabled in triggers:
            always = "ALWAYS" if enabled == "A" else ""
            owner_cursor.execute(f"ALTER TABLE {table} ENABLE {always} TRIGGER {name}")

    return run
