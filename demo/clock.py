"""Moving the clock of a demo database, which only its owner may do (docs/architecture.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

import psycopg
from django.db import connection

from accounts.models import User

LOAD_LOCK = 7_236_200


class Progress(StrEnum):
    """How far the demo of this database is."""

    NOT_BEGUN = "not begun"
    INTERRUPTED = "interrupted"
    LOADED = "loaded"


def progress() -> Progress:
    """Tell how far the demo is: its clock stands at now before the load and after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ahead = '0' FROM records_clock")
        (runs_with_now,) = cursor.fetchone()
    if not User.objects.exists():
        return Progress.NOT_BEGUN
    return Progress.LOADED if runs_with_now else Progress.INTERRUPTED


class TravellingClock:
    """The database's clock as its owner moves it: forwards only, and back to now at the end."""

    def __init__(self, owner: psycopg.Connection) -> None:
        """Take an autocommitting connection of the owner."""
        self._owner = owner
        self._latest: datetime | None = None

    def travel(self, moment: datetime) -> None:
        """Set the clock to `moment`; from there it runs on. A moment that is over stays over."""
        if self._latest is None or moment > self._latest:
            query = "UPDATE records_clock SET ahead = %s - clock_timestamp()"
            self._owner.execute(query, [moment])
            self._latest = moment

    def arrive(self) -> None:
        """Let the clock run with now."""
        self._owner.execute("UPDATE records_clock SET ahead = '0'")


@contextmanager
def owners_clock(owner_url: str) -> Iterator[TravellingClock]:
    """Hold the clock alone; raise `BlockingIOError` when another load holds it."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        taken = owner.execute("SELECT pg_try_advisory_lock(%s)", [LOAD_LOCK]).fetchone()
        if taken != (True,):
            message = "Another load of the demo is at work."
            raise BlockingIOError(message)
        yield TravellingClock(owner)
