"""What a load balancer and an orchestrator ask: is the process alive, is it ready to serve."""

from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.policy import public
from notices.reports import warnings
from records.reports import known_alarm


@public
@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process serves; asks nobody else."""
    return HttpResponse("alive\n", content_type="text/plain")


@public
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and has all migrations that the code wants, else 503.

    What is wrong with the worker or with checkpoints is a warning below it: pages serve without.
    """
    try:
        missing = wanted_migrations() - MigrationRecorder(connection).applied_migrations().keys()
        warned = [] if missing else [*warnings(), *_unchecked()]
    except DatabaseError:
        return HttpResponse("database does not answer\n", content_type="text/plain", status=503)
    if missing:
        return HttpResponse("migrations are missing\n", content_type="text/plain", status=503)
    lines = ["ready", *(f"warning: {each}" for each in warned)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def _unchecked() -> Iterator[str]:
    """Say what production should have and does without, and what the last look found."""
    if settings.PRODUCTION and not (settings.CHECKPOINT_KEY and settings.CHECKPOINT_LOCATION):
        yield "no checkpoints are taken: CHECKPOINT_KEY or CHECKPOINT_LOCATION is empty"
    # What exactly is for those who sign in.
    if known_alarm():
        yield "records: the database is not what its last checkpoint saw"


@cache
def wanted_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of each app, as the code has them."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
