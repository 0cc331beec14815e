"""What the worker does with packs by the clock; making one needs what lies above (valueboard)."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from packs import actions, chromium
from packs.models import Pack
from records.clock import now


@app.periodic(cron="* * * * *")
@app.task(queue="packs", name="packs.say_printer", queueing_lock="packs.say_printer")
def say_printer(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Say whether this worker can make PDFs."""
    actions.say_printer()


@app.periodic(cron="41 3 * * *")
@app.task(queue="packs", name="packs.forget", queueing_lock="packs.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Remove old packs."""
    actions.forget_packs()


@app.periodic(cron="*/10 * * * *")
@app.task(queue="packs", name="packs.sweep", queueing_lock="packs.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Put packs into the queue again whose jobs failed for good, or were lost; and clear up."""
    chromium.sweep()
    queued = ProcrastinateJob.objects.filter(
        task_name=actions.MAKE, status__in=[Status.TODO.value, Status.DOING.value]
    ).values_list("args__pack_id", flat=True)
    missed = Pack.objects.unfinished().filter(asked_at__lt=now() - actions.MISSED_AFTER)
    for pack in missed.exclude(pk__in=set(queued)):
        actions.defer_making(pack)
