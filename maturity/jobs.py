"""What the worker does about the maturity score; it alone imports this (settings.py)."""

from procrastinate.contrib.django import app

from maturity import actions


@app.task(queue="gaps", name="maturity.keep", queueing_lock="maturity.keep")
def keep() -> None:
    """Keep today's score; whoever looked for gaps asks for it."""
    actions.keep_scores()


@app.periodic(cron="25 1 * * *")
@app.task(queue="gaps", name="maturity.keep_past", queueing_lock="maturity.keep_past")
def keep_past(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Keep the day that is over, every night."""
    actions.keep_scores()
