"""What the worker does about gaps; it alone imports this (settings.py)."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from allocation_gaps import actions
from allocation_gaps.models import GapOpening

KEEP = "maturity.keep"


@app.task(queue="gaps", name="gaps.look", queueing_lock="gaps.look")
def look() -> None:
    """Find the gaps that opened and those that are gone; `facts_changed` asks for it."""
    actions.look_for_gaps()
    # By name: the score lies above. At most one waits, and the next one sees it all.
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(KEEP, queue="gaps", queueing_lock=KEEP).defer()


@app.periodic(cron="15 3 * * *")
@app.task(queue="gaps", name="gaps.nightly", queueing_lock="gaps.nightly")
def nightly(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Look once a night, whatever was missed, and remind of what is due by then."""
    actions.look_for_gaps(found_by=GapOpening.FoundBy.NIGHTLY)
    actions.send_reminders()
