"""Every change to deliveries, attribution rules and AI signals."""

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from cur_ingest.access import may_edit
from cur_ingest.attribution import ai_signals, attribute, lock_rules, signals_in_force
from cur_ingest.engines import Aggregate, aggregated
from cur_ingest.loading import Loaded, grain_of, load_period, unchanged
from cur_ingest.models import (
    AttributionRun,
    Delivery,
    Rule,
    RuleVersion,
    Signal,
    SignalVersion,
    TagKey,
)
from cur_ingest.reports import closed_periods
from cur_ingest.sources import Manifest, open_source
from cur_ingest.tag_keys import spell
from records.clock import now
from spaces.models import Workload
from valueboard.lib.errors import RefusedError, StaleError

AnyVersion = TypeVar("AnyVersion", RuleVersion, SignalVersion)


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a rule says: its place among the rules, conditions (globs, '' for any), target.

    `tag_key` is in the one spelling of `tag_keys`, without AWS's prefix.
    """

    priority: int
    workload: Workload
    account: str = ""
    service: str = ""
    tag_key: str = ""
    tag_value: str = ""


@dataclass(frozen=True, slots=True)
class SignalTerms:
    """What a signal says: a glob over one field, and what a line is that matches."""

    field: str
    pattern: str
    is_ai: bool
    active: bool
    note: str = ""


# --- deliveries -----------------------------------------------------------------------------------


def load_deliveries(
    *, actor: User | None, location: str, periods: Collection[date] = ()
) -> list[Loaded]:
    """Load the latest delivery of the given periods, of all that are there without any.

    Every file is read and added up before the first month changes, so that a delivery that can't
    be read leaves everything as it was. Then each month is replaced in a transaction of its own.
    Raise SourceError, which says what is wrong and how to mend it.
    """
    source = open_source(location)
    manifests = [source.manifest(period) for period in sorted(set(periods)) or source.periods]
    signals = ai_signals(signals_in_force())
    tag_keys = sorted(TagKey.objects.values_list("key", flat=True))
    grain = grain_of(tag_keys, signals)
    with ExitStack() as held:
        read: list[tuple[Manifest, Loaded | Aggregate]] = []
        for manifest in manifests:
            same = unchanged(source, manifest, grain)
            if same is not None:
                read.append((manifest, same))
                continue
            with source.fetched(manifest) as paths:
                lines = aggregated(paths, manifest, tag_keys=tag_keys, signals=signals)
                read.append((manifest, held.enter_context(lines)))
        return [
            result
            if isinstance(result, Loaded)
            else load_period(
                actor=actor, source=source, manifest=manifest, aggregate=result, grain=grain
            )
            for manifest, result in read
        ]


@transaction.atomic
def reattribute(
    *, actor: User | None, reason: str, include_closed: bool = False
) -> list[AttributionRun]:
    """Attribute the open months by the rules and signals in force; with `include_closed` all.

    What was known on a past date stays as it was recorded then. Nothing is read from S3.
    """
    if actor is not None:
        _must_edit(actor)
    lock_rules(exclusive=True)
    return _reattribute(actor, reason, include_closed=include_closed)


def _reattribute(actor: User | None, reason: str, *, include_closed: bool) -> list[AttributionRun]:
    closed = set(closed_periods(now()))
    latest = Delivery.objects.order_by("export", "period", "-version").distinct("export", "period")
    return [
        attribute(
            actor=actor,
            delivery=delivery,
            cause=AttributionRun.Cause.CLOSED
            if delivery.period in closed
            else AttributionRun.Cause.RULES,
            reason=reason,
        )
        for delivery in latest
        if include_closed or delivery.period not in closed
    ]


# --- rules ----------------------------------------------------------------------------------------


@transaction.atomic
def add_rule(
    *, actor: User, terms: RuleTerms, reason: str, include_closed: bool = False
) -> RuleVersion:
    """Record a new rule and attribute the open months by it; with `include_closed` all months."""
    _must_edit(actor)
    lock_rules(exclusive=True)
    version = _record_rule(actor, Rule.objects.create(), terms, reason, active=True)
    _reattribute(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def change_rule(
    *,
    actor: User,
    rule: Rule,
    seen: int,
    terms: RuleTerms,
    reason: str,
    include_closed: bool = False,
) -> RuleVersion:
    """Record the next version of a rule; `seen` is the version that the form was made from."""
    _must_edit(actor)
    lock_rules(exclusive=True)
    _refuse_stale(RuleVersion.objects.filter(rule=rule).order_by("version").last(), seen, "rule")
    version = _record_rule(actor, rule, terms, reason, active=True)
    _reattribute(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def retire_rule(
    *, actor: User, rule: Rule, seen: int, reason: str, include_closed: bool = False
) -> RuleVersion:
    """Record that a rule no longer counts."""
    _must_edit(actor)
    lock_rules(exclusive=True)
    last = RuleVersion.objects.filter(rule=rule).order_by("version").last()
    last = _refuse_stale(last, seen, "rule")
    if not last.active:
        message = "This rule was retired already."
        raise RefusedError(message)
    terms = RuleTerms(
        last.priority, last.workload, last.account, last.service, last.tag_key, last.tag_value
    )
    version = _record_rule(actor, rule, terms, reason, active=False)
    _reattribute(actor, reason, include_closed=include_closed)
    return version


def _record_rule(
    actor: User, rule: Rule, terms: RuleTerms, reason: str, *, active: bool
) -> RuleVersion:
    tag_key = spell(terms.tag_key)
    version = RuleVersion(
        rule=rule,
        priority=terms.priority,
        account=terms.account.strip(),
        service=terms.service.strip(),
        tag_key=tag_key,
        tag_value=terms.tag_value.strip(),
        workload=terms.workload,
        active=active,
        reason=reason.strip(),
        recorded_by=actor,
    )
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    if tag_key:
        # From the next load on the lines keep this tag; a load of the same delivery reads it again.
        TagKey.objects.get_or_create(key=tag_key)
    return version


# --- signals --------------------------------------------------------------------------------------


@transaction.atomic
def add_signal(
    *, actor: User, terms: SignalTerms, reason: str, include_closed: bool = False
) -> SignalVersion:
    """Record a new signal and attribute the open months by it; with `include_closed` all."""
    _must_edit(actor)
    lock_rules(exclusive=True)
    version = _record_signal(actor, Signal.objects.create(), terms, reason)
    _reattribute(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def change_signal(
    *,
    actor: User,
    signal: Signal,
    seen: int,
    terms: SignalTerms,
    reason: str,
    include_closed: bool = False,
) -> SignalVersion:
    """Record the next version of a signal, switched on or off included."""
    _must_edit(actor)
    lock_rules(exclusive=True)
    last = SignalVersion.objects.filter(signal=signal).order_by("version").last()
    _refuse_stale(last, seen, "signal")
    version = _record_signal(actor, signal, terms, reason)
    _reattribute(actor, reason, include_closed=include_closed)
    return version


def _record_signal(actor: User, signal: Signal, terms: SignalTerms, reason: str) -> SignalVersion:
    version = SignalVersion(
        signal=signal,
        field=terms.field,
        pattern=terms.pattern.strip(),
        is_ai=terms.is_ai,
        active=terms.active,
        note=terms.note.strip(),
        reason=reason.strip(),
        recorded_by=actor,
    )
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    return version


def _must_edit(actor: User) -> None:
    if not may_edit(actor):
        message = "Only Finance makes and changes rules and signals."
        raise PermissionDenied(message)


def _refuse_stale(last: AnyVersion | None, seen: int, what: str) -> AnyVersion:
    if last is None or last.version != seen:
        message = f"Somebody changed this {what} meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    return last
