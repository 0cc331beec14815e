"""Leaving a month of an export out of all figures, where another one delivers the same bill."""

from datetime import date

from django.db import transaction

from accounts.models import User
from cur_ingest.access import TO_LEAVE_OUT, must_be_finance
from cur_ingest.attribution import attribute, lock_rules
from cur_ingest.closing import closing_in_force, lock_closing
from cur_ingest.models import AttributionRun, Export
from cur_ingest.reports import deciding_runs, seen_of_run
from records.changed import facts_changed
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def leave_out(
    *, actor: User, export: Export, period: date, seen: str, reason: str
) -> AttributionRun:
    """Have a month of an export count nowhere, from now on; its deliveries and lines are kept.

    `seen` says what the page showed (`seen_of_run`); StaleError if that is no longer so.
    """
    run = _held(actor, export, period, seen)
    if run.is_left_out:
        message = f"{formats.month(period)} of {export} is left out already."
        raise RefusedError(message)
    facts_changed()
    return AttributionRun.objects.create(
        export=export,
        period=period,
        delivery=run.delivery,
        cause=AttributionRun.Cause.LEFT_OUT,
        reason=reason.strip(),
        recorded_by=actor,
    )


@transaction.atomic
def count_again(
    *, actor: User, export: Export, period: date, seen: str, reason: str
) -> AttributionRun:
    """Have a month of an export count that was left out, under the rules in force now."""
    run = _held(actor, export, period, seen)
    if not run.is_left_out:
        message = f"{formats.month(period)} of {export} counts already."
        raise RefusedError(message)
    cause = AttributionRun.Cause.COUNTED
    return attribute(actor=actor, delivery=run.delivery, cause=cause, reason=reason.strip())


def _held(actor: User, export: Export, period: date, seen: str) -> AttributionRun:
    """Return the run that decides about a month, which stays so until the transaction ends."""
    must_be_finance(actor, TO_LEAVE_OUT)
    lock_rules(exclusive=False)
    lock_closing(period, exclusive=True)
    if closing_in_force(period) is not None:
        message = f"{formats.month(period)} is closed. Open it again first; nothing was done."
        raise RefusedError(message)
    run = deciding_runs(now()).filter(export=export, period=period).first()
    if run is None or seen != seen_of_run(run):
        message = (
            f"{formats.month(period)} of {export} changed meanwhile. Look again; nothing was done."
        )
        raise StaleError(message)
    return run
