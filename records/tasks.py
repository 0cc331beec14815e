"""What the worker does for the records."""

import logging

from django.utils.timezone import localdate
from procrastinate.contrib.django import app

from records.actions import take_checkpoint
from records.clock import today
from records.models import Checkpoint
from records.reports import look
from valueboard.lib.errors import RefusedError

log = logging.getLogger(__name__)


@app.periodic(cron="7 * * * *")
@app.task(queue="records", name="records.watch", queueing_lock="records.watch")
def watch(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Compare the database with its last checkpoint, every hour; take the one of the day.

    A worker that was away at some hour catches up at the next.
    """
    standing = look()
    if standing.missing:
        log.warning("No checkpoint is taken: %s", standing.missing)
        return
    if alarm := standing.alarm or standing.unreadable:
        log.error("Records: %s", alarm)
    if standing.last and localdate(standing.last.recorded_at) == today():
        return
    try:
        take_checkpoint(actor=None, kind=Checkpoint.Kind.DAILY)
    except RefusedError as refused:
        log.error("No checkpoint was taken: %s", refused)  # noqa: TRY400 - an answer, no fault of the program
