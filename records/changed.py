"""Telling the worker that facts changed, so that it looks what follows from them."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# By name: the app that looks lies above those that record.
LOOK, QUEUE = "gaps.look", "gaps"


def facts_changed() -> None:
    """Have the worker look for gaps once the caller's transaction is committed.

    However much is recorded, at most one look waits: the next one sees it all. Not inside the
    transaction, where two who record at once would wait for each other at the queue's lock. A look
    that is lost in between is made up for at night.
    """
    transaction.on_commit(_defer)


def _defer() -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(LOOK, queue=QUEUE, queueing_lock=LOOK).defer()
