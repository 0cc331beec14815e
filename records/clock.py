"""The time of the product is the database's: `vb_clock()`.

A live database's clock is `clock_timestamp()`. One created as demo or test runs ahead of it by an
interval that only the owner can set; every page of such a database says so and production
refuses it.
"""

from datetime import date, datetime
from functools import cache

from django.db import connection
from django.utils.timezone import localdate

from valueboard.lib.clock import DatabaseNow

# The first is named by migrations.
__all__ = ["DatabaseNow", "asked_at", "database_kind", "now", "today"]


def now() -> datetime:
    """Return the database's time, aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT vb_clock()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def asked_at(user: object) -> datetime:
    """Return when somebody asked for a page, which was read together with the person.

    For pages that only show. What is recorded after it is on the next page.
    """
    moment: datetime | None = getattr(user, "read_at", None)
    return moment or now()


def today() -> date:
    """Return the database's date in the organisation's time zone."""
    return localdate(now())


@cache
def database_kind() -> str:
    """Return what this database was created as: `live`, `demo` or `test`. It never changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM records_clock")
        kind: str = cursor.fetchone()[0]
    return kind
