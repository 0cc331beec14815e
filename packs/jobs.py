"""What the worker does with packs by the clock; making one needs what lies above (valueboard)."""

from procrastinate.contrib.django import app

from packs import actions


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
