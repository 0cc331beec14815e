"""What keeps the queue itself going."""

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

# A worker says every 10 seconds that it lives.
SILENT_SECONDS = 30
KEPT_HOURS = 14 * 24


@app.periodic(cron="* * * * * */20")
@app.task(
    queue="jobs",
    name="jobs.retry_stalled",
    queueing_lock="jobs.retry_stalled",
    priority=10,  # before whatever waits: it may be what they wait for
    pass_context=True,
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Give jobs back to the queue whose worker died: nobody else does.

    Found by the worker's heartbeat; where another worker has removed the dead one's row already, by
    the worker that is missing.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # The same work waits in the queue already, under the same queueing lock.
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)


@app.periodic(cron="17 3 * * *")
@app.task(queue="jobs", name="jobs.prune", queueing_lock="jobs.prune", pass_context=True)
async def prune(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - as above
    """Remove what is left of jobs that ended two weeks ago; those that did their work are gone."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
