"""Moments: the end of a day, and reading several things as they were at one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils.timezone import localtime, make_aware


@contextmanager
def one_moment() -> Iterator[None]:
    """Have all queries see the same moment, as long as this lasts; nothing can be written then.

    Within a transaction that is under way nothing can be promised: there it changes nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def end_of(day: date) -> datetime:
    """Return the last moment of a day in the organisation's time zone (METHOD 6, "as of D")."""
    midnight = make_aware(datetime.combine(day + timedelta(days=1), time.min))
    # Of the hour before a midnight that clocks put back there are two; by the clock it were the
    # first that ends the day.
    return localtime(midnight.astimezone(UTC) - timedelta(microseconds=1))
