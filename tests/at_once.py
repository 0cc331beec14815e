"""Doing things at the same moment, in threads with a database connection of their own."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import connection

T = TypeVar("T")


def _hang_up() -> None:
    """Close this thread's connection; `connection.close` would be bound to the caller's."""
    connection.close()


class Crowd:
    """Threads that keep their connections from one round to the next, and close them at the end.

    A thread that waits for the others takes no second act, so each act of a round has its own.
    """

    def __init__(self, size: int) -> None:
        """Take as many threads as will act in one round."""
        self.size = size
        self.threads = ThreadPoolExecutor(size)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close every connection and end the threads."""
        self.do(*[_hang_up] * self.size)
        self.threads.shutdown()

    def do(self, *acts: Callable[[], T]) -> list[T]:
        """Do all acts at once; return what came of each, in order."""
        start = Barrier(len(acts))

        def run(act: Callable[[], T]) -> T:
            start.wait(timeout=120)
            return act()

        return list(self.threads.map(run, acts))


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do all acts at the same time, one round."""
    with Crowd(len(acts)) as crowd:
        return crowd.do(*acts)


def waits(begun: Future[Any]) -> bool:
    """Whether what has begun waits for a lock in this database; no, where it ends instead.

    Who waits for a row waits for a transaction, which is of no database; other locks tell of which.
    """
    asked = """
        SELECT EXISTS (SELECT FROM pg_locks waiting JOIN pg_locks other USING (pid)
                       JOIN pg_database d ON d.oid = other.database
                       WHERE NOT waiting.granted AND d.datname = current_database())
    """
    until = time.monotonic() + 60
    while not begun.done():
        with connection.cursor() as cursor:
            cursor.execute(asked)
            if cursor.fetchone() == (True,):
                return True
        assert time.monotonic() < until, "neither waits nor ends"
        time.sleep(0.02)
    return False
