"""Closing a month, opening it again, and taking over what was delivered after it was closed."""

from datetime import date

from django.db import transaction

from accounts.models import User
from cur_ingest.access import TO_CLOSE, must_be_finance
from cur_ingest.attribution import attribute, lock_rules
from cur_ingest.closing import MonthState, closing_in_force, has_ended, lock_closing, month_states
from cur_ingest.loading import drop_superseded
from cur_ingest.models import (
    AttributionRun,
    ClosedTotal,
    MonthClosing,
)
from cur_ingest.proof import read_statements
from cur_ingest.reports import counting_runs, seen_of_month, waiting_runs
from cur_ingest.ruled_by import rules_of, signals_of
from records.changed import facts_changed
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def close_month(*, actor: User, period: date, seen: str, reason: str) -> MonthClosing:
    """Close a month: what pages show of it stays, whatever is delivered later.

    `seen` says what the page showed (`seen_of_month`); StaleError if that is no longer so.
    """
    state = _held(actor, period, seen)
    if state.closing is not None:
        message = f"{formats.month(period)} was closed already."
        raise RefusedError(message)
    if not has_ended(period, now()):
        message = (
            f"{formats.month(period)} is not over; "
            "a month is closed after its end, which is by UTC."
        )
        raise RefusedError(message)
    return record_closing(actor, period, MonthClosing.Cause.CLOSED, reason)


@transaction.atomic
def reopen_month(*, actor: User, period: date, seen: str, reason: str) -> MonthClosing:
    """Open a month again: its latest deliveries count, under the rules in force now."""
    state = _held(actor, period, seen)
    if state.closing is None:
        message = f"{formats.month(period)} was not closed by finance, so there is nothing to open."
        raise RefusedError(message)
    facts_changed()
    opened = MonthClosing.objects.create(
        period=period,
        cause=MonthClosing.Cause.REOPENED,
        reason=reason.strip(),
        recorded_by=actor,
    )
    moment = now()
    waiting = {run.export_id: run for run in waiting_runs(moment).filter(period=period)}
    latest = {run.export_id: run for run in counting_runs(moment).filter(period=period)} | waiting
    for run in latest.values():
        cause = AttributionRun.Cause.REOPENED
        attribute(actor=actor, delivery=run.delivery, cause=cause, reason=reason)
        drop_superseded(run.export_id, period, keep=[run.delivery_id])
    return opened


@transaction.atomic
def take_over(*, actor: User, run: AttributionRun, reason: str) -> MonthClosing:
    """Have a delivery count that came after its month was closed; `run` is what the page showed.

    The rules are those of the closed month. The closing gets a next version, with the new totals.
    """
    must_be_finance(actor, TO_CLOSE)
    lock_rules(exclusive=False)
    lock_closing(run.period, exclusive=True)
    if closing_in_force(run.period) is None or not waiting_runs(now()).filter(pk=run.pk).exists():
        message = (
            "Meanwhile there is another delivery, or this one was taken over, or the month was "
            "opened. Look at the month again; nothing was done."
        )
        raise StaleError(message)
    attribute(
        actor=actor,
        delivery=run.delivery,
        cause=AttributionRun.Cause.TAKEN_OVER,
        reason=reason,
        rules_known_at=run.ruled_at,
    )
    drop_superseded(run.export_id, run.period, keep=[run.delivery_id])
    return record_closing(actor, run.period, MonthClosing.Cause.TAKEN_OVER, reason)


def record_closing(
    actor: User | None, period: date, cause: MonthClosing.Cause, reason: str
) -> MonthClosing:
    """Record what a month comes to now, part by part, and by which versions of rules.

    For whoever holds the month still. RefusedError where a part is missing or too much.
    """
    statements = read_statements(period, now())
    if not statements:
        message = f"Nothing was delivered of {formats.month(period)}, so there is nothing to close."
        raise RefusedError(message)
    if not all(statement.holds for statement in statements):
        message = (
            f"{formats.month(period)} does not agree with its deliveries. "
            "Load it again before closing it."
        )
        raise RefusedError(message)
    moments = {statement.run.ruled_at for statement in statements}
    facts_changed()
    closing = MonthClosing.objects.create(
        period=period,
        cause=cause,
        rules=[version.pk for version in rules_of(period, moments)],
        signals=[version.pk for version in signals_of(period, moments)],
        reason=reason.strip(),
        recorded_by=actor,
    )
    ClosedTotal.objects.bulk_create(
        ClosedTotal(
            closing=closing,
            run=statement.run,
            part=each.part,
            basis=proof.basis,
            amount=each.amount.amount,
            recorded_by=actor,
        )
        for statement in statements
        for proof in statement.proofs
        for each in proof.parts
    )
    return closing


def _held(actor: User, period: date, seen: str) -> MonthState:
    """Return the state of a month, which stays so until the transaction ends."""
    must_be_finance(actor, TO_CLOSE)
    lock_rules(exclusive=False)
    lock_closing(period, exclusive=True)
    state = month_states(now()).get(period)
    if state is None:
        message = f"Nothing was delivered of {formats.month(period)}."
        raise RefusedError(message)
    if seen != seen_of_month(state, now()):
        message = f"{formats.month(period)} changed meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    return state
