"""The worker of the product, for as long as it has something to do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections
from procrastinate.contrib.django import app


def work(queue: str = "notices") -> None:
    """Let the worker do all jobs of a queue that wait, and stop.

    In a thread of its own: the main one may have the event loop of a browser.
    """

    def close_connection(run: Callable[[], object], *_: object) -> None:
        try:
            run()
        finally:
            connections.close_all()  # the job's thread, and its connection, end with the worker

    with (
        app.replace_connector(app.connector.get_worker_connector()),  # type: ignore[attr-defined]
        ThreadPoolExecutor(1) as thread,
    ):
        thread.submit(
            app.run_worker,
            wait=False,
            install_signal_handlers=False,
            listen_notify=False,
            queues=[queue],
            delete_jobs="successful",
            task_middleware=[close_connection],
        ).result()


def let_waiting_jobs_be_due() -> None:
    """Have jobs that wait for a later attempt done at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
