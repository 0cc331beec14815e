"""What happened, in order: each record with the one before it of the same subject."""

from collections.abc import Sequence
from dataclasses import replace

from approvals.models import Decision, DecisionItem
from business_cases.models import (
    Comment,
    Confirmation,
    Decline,
    RequestStep,
)
from cur_ingest.models import MonthClosing, MonthTotal
from records.models import FrozenRecord
from valueboard.timeline.records import Record
from valueboard.timeline.telling import TOLD, Event, Heard, Told, tell_any

__all__ = ["Event", "Told", "events_of"]


def events_of(records: Sequence[Record], told: Told) -> list[Event]:
    """Tell what happened, the latest first, from records in that order."""
    before = _before(records)
    items: dict[str, list[Record]] = {}
    for record in records:
        if record.model is DecisionItem:
            items.setdefault(record.text("decision_id"), []).append(record)
    events = []
    for record in records:
        if record.model is DecisionItem:
            continue
        tell = TOLD.get(record.model, tell_any)
        event = tell(Heard(record, before.get((record.model, record.pk)), told))
        if event is not None and record.model is Decision:
            named = sorted(items.get(str(record.pk), ()), key=lambda item: item.text("record"))
            saw = " and ".join(
                f"version {i.text('record_version')} of the {i.text('record')}" for i in named
            )
            event = replace(event, mark=f"saw {saw or 'no version'}")
        if event is not None:
            events.append(event)
    return events


def _before(records: Sequence[Record]) -> dict[tuple[type[FrozenRecord], int], Record]:
    """Return the record before each of the same subject."""
    latest: dict[tuple[type[FrozenRecord], tuple[str, ...]], Record] = {}
    found = {}
    for record in reversed(records):
        subject = (record.model, tuple(record.text(name) for name in _subject(record.model)))
        if subject in latest:
            found[record.model, record.pk] = latest[subject]
        latest[subject] = record
    return found


def _subject(model: type[FrozenRecord]) -> tuple[str, ...]:
    """Return what makes the subject, of records that several subjects of a workload have."""
    own = {
        RequestStep: ("request_id",),
        Comment: ("request_id",),
        Confirmation: ("estimate_id",),
        Decline: ("estimate_id",),
        MonthClosing: ("period",),
        MonthTotal: ("run__period", "run__export"),
    }
    fields = {field.attname for field in model._meta.concrete_fields}
    return own.get(model) or tuple(name for name in ("kind", "key") if {"kind", "key"} <= fields)
