"""Answering when the database could not do it in time, or is gone: 503, and what to do."""

from collections.abc import Callable
from http import HTTPStatus

import psycopg
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from psycopg import errors

from valueboard.lib.http import typed_again

# Others hold what this needs, or two of them need each other's: PostgreSQL rolled it back.
BUSY = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)
# The server was shut down or restarted, has no connection left, or broke one off (class 08). What
# psycopg itself found of a connection has no code.
GONE = ("", "57P01", "57P02", "57P03", "53300")
# A change of rules holds its lock for the seconds in which months are attributed anew; nobody waits
# longer than this to be told. Only for pages: the worker and the commands take the time they need.
LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}


class BusyMiddleware:
    """Answers with 503 where a view met a lock held too long, a deadlock, or a database gone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer if the database was busy or is gone; leave every other fault to be logged."""
        return busy_answer(request, exception)


def busy_answer(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """Return the page that says to try again; None unless the database was busy or is gone.

    It asks no query: the transaction may be broken. What was typed stands on it, to be sent again;
    where no view was reached yet, the browser still has it.
    """
    is_gone = _is_gone(exception)
    busy = isinstance(exception, OperationalError) and isinstance(exception.__cause__, BUSY)
    if not (busy or is_gone):
        return None
    # Before that is known, what was sent may be another site's: nobody is asked to send it again.
    ours = getattr(request, "csrf_processing_done", False)
    page = {
        "is_gone": is_gone,
        "path": request.get_full_path(),
        "posted": request.method == "POST",
        "typed": typed_again(request) if request.method == "POST" and ours else None,
        "csrf_token": get_token(request),
    }
    answer = HttpResponse(render_to_string("503.html", page), status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer["Retry-After"] = "5"
    return answer


def _is_gone(exception: Exception) -> bool:
    """Tell whether the connection to the database was lost, or none could be had."""
    cause = exception.__cause__
    if isinstance(exception, InterfaceError):
        return isinstance(cause, psycopg.InterfaceError)
    if not (isinstance(exception, OperationalError) and isinstance(cause, psycopg.Error)):
        return False
    code = cause.sqlstate or ""
    return code in GONE or code.startswith("08")


def limit_waiting() -> None:
    """Let no page of this process wait longer for the database; DATABASE_URL may say otherwise."""
    options = connections.databases["default"].setdefault("OPTIONS", {})
    limits = " ".join(f"-c {name}={limit}" for name, limit in LIMITS.items())
    options["options"] = f"{limits} {options.get('options', '')}".strip()
