"""Load the aggregated lines of a delivery into PostgreSQL: a month at a time, all or nothing."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import InvalidOperation
from enum import StrEnum

from django.conf import settings
from django.db import DataError, connection, transaction
from django.db.models import Count, Sum
from psycopg.errors import NumericValueOutOfRange

from accounts.models import User
from cur_ingest.attribution import attribute, lock_rules
from cur_ingest.bases import BASES
from cur_ingest.closing import closing_in_force, lock_closing
from cur_ingest.conversion import Rates
from cur_ingest.copying import blocks
from cur_ingest.formats import FOCUS
from cur_ingest.lines import Aggregate
from cur_ingest.models import AttributionRun, DailyLine, Delivery, Export, RateVersion, SplitPart
from cur_ingest.rates import amounts, are_in_force, kept, rates_needed, too_large
from cur_ingest.reports import counting_runs, left_out_runs
from cur_ingest.signals import Signal
from cur_ingest.sources import Layout, Manifest, NotTakenError, PassingError, SourceError
from cur_ingest.staging import COPY, UNSTAGE
from records.clock import now
from valueboard.lib import formats
from valueboard.lib.history import keep

# Part of every grain: a change of what a line holds makes every delivery worth reading again.
GRAIN_VERSION = 4
TOO_LARGE = (NumericValueOutOfRange, InvalidOperation)
MONTHS_LOCK = 7_236_102
FORMATS = {Layout.LEGACY: Export.Format.LEGACY, Layout.DATA_EXPORT: Export.Format.CUR2}
# How newer assembly ids begin, and the folders of executions.
TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?-?(\d\d)?:?-?(\d\d)?")


class Outcome(StrEnum):
    """What a load did."""

    LOADED = "loaded"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One period of an export after `load_period`: its delivery and what was done."""

    outcome: Outcome
    delivery: Delivery
    lines: int


def grain_of(tag_keys: Sequence[str], signals: Sequence[Signal]) -> str:
    """Return the SHA-256 over everything but the files that decides what the lines hold."""
    content = [GRAIN_VERSION, sorted(tag_keys), sorted((s.field, s.pattern) for s in signals)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _keep_format(export: Export, manifest: Manifest, aggregate: Aggregate) -> None:
    """Keep what the columns say the export is: its layout alone doesn't tell FOCUS from CUR 2.0."""
    focus = aggregate.format is FOCUS
    kind = Export.Format.FOCUS if focus else FORMATS[manifest.layout]
    if export.format != kind:
        # Read again: what was changed of it while its files were fetched stays.
        current = Export.objects.select_for_update().get(pk=export.pk)
        current.format = export.format = kind
        keep(current, actor=None, reason=f"Delivery {manifest.execution[:200]} is of this format.")


def unchanged(export: Export, manifest: Manifest, grain: str) -> Loaded | None:
    """Return the latest load of this period if it was this delivery, read in the same grain.

    One that was converted by a rate that was corrected since is to be read again.
    """
    latest = (
        Delivery.objects.filter(export=export, period=manifest.period)
        .select_related("export")
        .order_by("-version")
        .first()
    )
    if latest is None or (latest.fingerprint, latest.grain) != (manifest.fingerprint, grain):
        return None
    if not are_in_force(latest):
        return None
    lines = DailyLine.objects.filter(delivery=latest).count()
    return Loaded(Outcome.UNCHANGED, latest, lines)


def refuse_rewritten(export: Export, manifest: Manifest) -> None:
    """Refuse files that were written again since they were loaded, when their manifest was not.

    Half of them may be the next delivery's, whose writer stalled; no age tells, wherever they lie.
    """
    if not manifest.is_overtaken:
        return
    loaded = Delivery.objects.filter(
        export=export, period=manifest.period, execution=manifest.execution[:200]
    )
    if loaded.exists() and not loaded.filter(fingerprint=manifest.fingerprint).exists():
        message = (
            f"{manifest.export} {manifest.period:%Y-%m}: files were written again since delivery "
            f"{manifest.execution} was loaded, and its manifest was not: a new delivery is being "
            "written. Nothing was loaded; it is read again when that is complete. If this is a "
            "copy that was made anew, copy the manifest once more, last."
        )
        raise PassingError(message)


def refuse_left_out(export: Export, period: date) -> None:
    """Refuse what finance left out: loaded anew, it would count again."""
    run = left_out_runs(now()).filter(export=export, period=period).first()
    if run is not None:
        message = (
            f"{export} {period:%Y-%m}: {run.recorded_by} left this month out on "
            f"{run.recorded_at:%Y-%m-%d}, so nothing of it is loaded. Count it again first, on its "
            "page under Deliveries."
        )
        raise NotTakenError(message)


@transaction.atomic
def load_period(
    *,
    actor: User | None,
    export: Export,
    manifest: Manifest,
    aggregate: Aggregate,
    grain: str,
) -> Loaded:
    """Replace a month of an export by the lines of a delivery, and attribute them.

    One transaction; readers see the old month until it commits. In a month that finance closed
    they see it afterwards too: the delivery is kept beside it, under the same rules.

    Raise SourceError, with nothing changed, for a delivery that is older or emptier than what was
    loaded; NeedsRateError for one in a currency that has no rate, or one that can't be right.
    """
    lock_rules(exclusive=False)
    lock_closing(manifest.period, exclusive=False)
    _keep_format(export, manifest, aggregate)
    _lock_month(export, manifest)
    refuse_left_out(export, manifest.period)
    _refuse_other_currency()
    if (same := unchanged(export, manifest, grain)) is not None:
        return same
    before = list(
        Delivery.objects.filter(export=export, period=manifest.period).order_by("version")
    )
    rates = rates_needed(
        (total.currency_code for total in aggregate.totals),
        manifest.period,
        where=f"{manifest.export} {manifest.period:%Y-%m}",
    )
    if before:
        _refuse_older(manifest, before)
        _refuse_empty(manifest, aggregate, before[-1])
        _refuse_other_payers(manifest, aggregate, before[-1])
    closed = closing_in_force(manifest.period) is not None
    shown = counting_runs(now()).filter(export=export, period=manifest.period).first()
    drop_superseded(
        export.pk, manifest.period, keep=[shown.delivery_id] if closed and shown else []
    )
    with _what_fits(manifest, rates):
        delivery = Delivery.objects.create(
            export=export,
            period=manifest.period,
            fingerprint=manifest.fingerprint,
            grain=grain,
            execution=manifest.execution[:200],
            files=[[file.key, file.etag, file.size] for file in manifest.data_files],
            source_rows=aggregate.source_rows,
            currency=settings.REPORTING_CURRENCY,
            by_currency=_by_currency(aggregate),
            remarks=[*aggregate.remarks, *_on_currency(aggregate), *_on_payers(aggregate, before)],
            payers=list(aggregate.payers),
            rates=kept(rates),
            **aggregate.total(amounts(rates)),
            recorded_by=actor,
        )
        _stage(delivery, aggregate, amounts(rates))
        cause, reason = AttributionRun.Cause.LOAD, f"Delivery {delivery.execution} was loaded."
        attribute(
            actor=actor,
            delivery=delivery,
            cause=cause,
            reason=reason,
            counts=not closed,
            rules_known_at=shown.ruled_at if closed and shown else None,
            staged=True,
        )
        with connection.cursor() as cursor:
            cursor.execute(UNSTAGE, [delivery.pk])
        _check(delivery, aggregate)
    if closed:
        return Loaded(Outcome.BESIDE, delivery, aggregate.lines)
    return Loaded(Outcome.REPLACED if before else Outcome.LOADED, delivery, aggregate.lines)


def _refuse_other_currency() -> None:
    """Refuse to add to amounts that were recorded in another currency than the setting says."""
    ours = settings.REPORTING_CURRENCY
    recorded = Delivery.objects.exclude(currency=ours).values_list("currency", flat=True).first()
    if recorded is not None:
        message = (
            f"What was loaded until now is in {recorded}, and REPORTING_CURRENCY says {ours}: they "
            f"would be added as if they were one. Nothing was loaded; set it to {recorded} again."
        )
        raise SourceError(message)


def drop_superseded(export: int, period: date, *, keep: Collection[int]) -> None:
    """Delete the lines of an export's month that are of no delivery in `keep`."""
    DailyLine.objects.filter(export=export, period=period).exclude(delivery__in=keep).delete()
    parts = SplitPart.objects.filter(delivery__export=export, period=period)
    parts.exclude(delivery__in=keep).delete()


def _on_currency(aggregate: Aggregate) -> list[str]:
    """Say so where it isn't the bill that says what currency an amount is in."""
    if all(total.currency_code for total in aggregate.totals):
        return []
    return [f"Rows without a currency were taken to be in {settings.REPORTING_CURRENCY}."]


def _on_payers(aggregate: Aggregate, before: Sequence[Delivery]) -> list[str]:
    """Say whose bill stood here and is gone: a location may have been changed to another one's."""
    gone = {payer for delivery in before for payer in delivery.payers} - set(aggregate.payers)
    if not gone or not aggregate.payers:
        return []
    said = (
        f"Earlier deliveries of this month held the bill of payer {', '.join(sorted(gone))}, which "
        "is no longer in it."
    )
    return [said]


def _by_currency(aggregate: Aggregate) -> dict[str, dict[str, str]]:
    return {
        total.currency_code: {basis: f"{getattr(total, basis):f}" for basis in BASES}
        for total in aggregate.totals
    }


def _lock_month(export: Export, manifest: Manifest) -> None:
    month = manifest.period.year * 12 + manifest.period.month
    with connection.cursor() as cursor:
        key = f"{MONTHS_LOCK}:{export.pk}:{month}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _refuse_older(manifest: Manifest, before: Sequence[Delivery]) -> None:
    """Refuse a delivery that was loaded once and replaced since, or was made at an earlier time."""
    latest = before[-1]
    # Files that were written again have another fingerprint; then the id tells.
    seen = next(
        (
            delivery
            for delivery in before
            if delivery.fingerprint == manifest.fingerprint != latest.fingerprint
            or delivery.execution == manifest.execution[:200] != latest.execution
        ),
        None,
    )
    if seen is not None:
        message = (
            f"{manifest.export} {manifest.period:%Y-%m}: this delivery was loaded on "
            f"{seen.recorded_at:%Y-%m-%d} and replaced by a newer one since. Nothing was loaded."
        )
        raise NotTakenError(message)
    loaded = _moment_of(latest.execution, [key for key, *_ in latest.files])
    found = _moment_of(manifest.execution, [file.key for file in manifest.data_files])
    if found and loaded and found < loaded:
        message = (
            f"{manifest.export} {manifest.period:%Y-%m}: delivery {manifest.execution} is older "
            f"than {latest.execution}, which is loaded. Nothing was loaded."
        )
        raise NotTakenError(message)


def _moment_of(execution: str, keys: Sequence[str]) -> str:
    """Return when AWS made a delivery, as far as its id or its files' folder begins with a time.

    As digits that sort; '' if neither says it.
    """
    folders = keys[0].split("/")[:-1] if keys else []
    matches = (TIME.match(text) for text in (execution, *folders))
    found = next(filter(None, matches), None)
    return "".join(part or "00" for part in found.groups()) if found else ""


def _refuse_empty(manifest: Manifest, aggregate: Aggregate, latest: Delivery) -> None:
    if aggregate.source_rows == 0 and latest.source_rows > 0:
        message = (
            f"{manifest.export} {manifest.period:%Y-%m}: the delivery has no rows, and "
            f"{formats.number(latest.source_rows)} are loaded. "
            "Nothing was changed; load the next delivery."
        )
        raise NotTakenError(message)


def _refuse_other_payers(manifest: Manifest, aggregate: Aggregate, latest: Delivery) -> None:
    """Refuse the bill of others alone: it would take the place of a bill that is still owed."""
    if not aggregate.payers or not latest.payers or set(aggregate.payers) & set(latest.payers):
        return
    message = (
        f"{manifest.export} {manifest.period:%Y-%m}: this is the bill of payer "
        f"{', '.join(aggregate.payers)}, and what is loaded is that of {', '.join(latest.payers)}. "
        "Nothing was changed. Give the other bill an export of its own; if what is loaded is no "
        "longer owed, leave that month out under Deliveries."
    )
    raise NotTakenError(message)


@contextmanager
def _what_fits(manifest: Manifest, rates: dict[str, RateVersion]) -> Iterator[None]:
    """Refuse a delivery with a value that the database can't keep, and say what made it so."""
    where = f"{manifest.export} {manifest.period:%Y-%m}"
    try:
        # Django translates no errors of COPY by itself.
        with connection.wrap_database_errors:
            yield
    except (DataError, InvalidOperation) as error:
        if rates and isinstance(error.__cause__ or error, TOO_LARGE):
            raise too_large(rates.values(), where=where) from error
        reason = str(error).splitlines()[0]
        message = f"{where}: a value can't be kept ({reason})."
        raise SourceError(message) from error


def _stage(delivery: Delivery, aggregate: Aggregate, rates: Rates) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for block in blocks(delivery, aggregate, rates):
            copy.write(block)


def _check(delivery: Delivery, aggregate: Aggregate) -> None:
    """Compare what PostgreSQL holds with what the engine added up, to the last digit."""
    held = DailyLine.objects.filter(delivery=delivery).aggregate(
        lines=Count("pk"), rows=Sum("source_rows"), **{basis: Sum(basis) for basis in BASES}
    )
    found = {name: amount or 0 for name, amount in held.items()}
    expected = {
        "lines": aggregate.lines,
        "rows": delivery.source_rows,
        **{basis: getattr(delivery, basis) for basis in BASES},
    }
    if found != expected:
        message = f"The lines of {delivery} do not add up: {found} held, {expected} read."
        raise SourceError(message)
