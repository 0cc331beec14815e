"""Asking for loads: by a person, by the schedule, and again where a worker died."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from accounts.models import User
from cur_ingest.access import may_load
from cur_ingest.delivered import needing_rates
from cur_ingest.models import Export, Load
from cur_ingest.rates import periods_behind
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError
from valueboard.lib.months import add_months, month_of

RUN = "cur_ingest.run_load"
# A load that waits or runs without a job is found after this long.
FORGOTTEN_AFTER = timedelta(minutes=1)


@transaction.atomic
def ask_load(*, actor: User, export: Export, period: date | None) -> Load:
    """Have the worker load a month of an export; without one, look at what there is.

    Raise RefusedError if that is under way already, or the month has not begun.
    """
    if not may_load(actor):
        message = "Only Finance and Administrators have deliveries loaded."
        raise PermissionDenied(message)
    if period is not None and period > month_of(now().astimezone(UTC).date()):
        message = f"{formats.month(period)} has not begun, so AWS has delivered nothing of it yet."
        raise RefusedError(message)
    load = make_load(export=export, period=period, origin=Load.Origin.PERSON, actor=actor)
    if load is None:
        month = f"{formats.month(period)} of {export}" if period else f"{export}"
        message = f"{month} is being loaded already."
        raise RefusedError(message)
    defer_run(load)
    return load


@transaction.atomic
def ask_by_schedule(*, export: Export, period: date | None) -> None:
    """Have a month of an export loaded, unless that is under way."""
    load = make_load(export=export, period=period, origin=Load.Origin.SCHEDULE, actor=None)
    if load is not None:
        defer_run(load)


def look_at_exports() -> None:
    """Look at every active export: what the worker does at each interval."""
    for export in Export.objects.filter(active=True).order_by("pk"):
        ask_by_schedule(export=export, period=None)


def due_periods(export: Export, there: list[date], moment: datetime) -> list[date]:
    """Return which months to load of those that are there, at a time.

    AWS's months are UTC's. The current and the previous one: AWS restates a month for two weeks
    after it ended. And those that wait for a rate, which may be there by now, or were converted by
    one that was corrected while they were loaded.
    """
    current = month_of(moment.astimezone(UTC).date())
    latest = Load.objects.filter(export=export).order_by("period", "-pk").distinct("period")
    waiting = {load.period for load in latest if load.state == Load.State.NEEDS_RATE}
    due = {current, add_months(current, -1)} | waiting | periods_behind(export)
    return [period for period in there if period in due]


@transaction.atomic
def load_what_needed_rates() -> None:
    """Have everything loaded again that waits for a rate: for whoever recorded one."""
    for load in needing_rates():
        ask_by_schedule(export=load.export, period=load.period)


def sweep_loads() -> None:
    """Put loads into the queue again that wait or run without a job.

    It was lost, or a command that ran one was killed. Whoever still runs one holds its lock, so
    asking again does no harm.
    """
    queued = set(
        ProcrastinateJob.objects.filter(
            task_name=RUN, status__in=[Status.TODO.value, Status.DOING.value]
        ).values_list("args__load_id", flat=True)
    )
    forgotten = Load.objects.unfinished().filter(asked_at__lt=now() - FORGOTTEN_AFTER)
    for load in forgotten.exclude(pk__in=queued):
        defer_run(load)


def make_load(
    *, export: Export, period: date | None, origin: Load.Origin, actor: User | None
) -> Load | None:
    """Write down that a load is wanted; None if one is under way."""
    try:
        with transaction.atomic():
            return Load.objects.create(
                export=export, period=period, origin=origin, asked_by=actor, asked_at=now()
            )
    except IntegrityError:
        # Of two at once the second finds the first one's row, which it can't see yet.
        return None


def defer_run(load: Load, after: timedelta | None = None) -> None:
    """Put a load into the queue, on the connection of the caller; once.

    One at a time over all workers: each takes its memory. What waits for another try goes to the
    end, so that it holds up nothing.
    """
    deferrer = app.configure_task(
        RUN,
        queue="spend",
        lock=RUN,
        queueing_lock=f"load-{load.pk}",
        priority=-1 if after else 0,
        schedule_in={"seconds": int(after.total_seconds())} if after else None,
    )
    # The savepoint keeps the caller's transaction whole where the job is there already.
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(load_id=load.pk)
