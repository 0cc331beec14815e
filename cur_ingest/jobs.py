"""What the worker does with exports; it alone imports this (settings.py)."""

from django.conf import settings
from procrastinate.contrib.django import app

from cur_ingest import actions


@app.task(queue="spend", name="cur_ingest.run_load")
def run_load(load_id: int) -> None:
    """Try a load once; what may pass is tried again by a job of its own."""
    actions.run_load(load_id=load_id)


@app.periodic(cron=settings.SPEND_POLL)
@app.task(queue="spend", name="cur_ingest.look", queueing_lock="cur_ingest.look")
def look(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Look at every active export."""
    actions.look_at_exports()


@app.periodic(cron="* * * * *")
@app.task(queue="spend", name="cur_ingest.sweep", queueing_lock="cur_ingest.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Find the loads whose worker died."""
    actions.sweep_loads()
