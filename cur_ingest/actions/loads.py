"""Running loads: a month of an export from its files to attributed lines, or a clear end."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.models import User
from cur_ingest.actions.asking import ask_by_schedule, defer_run, due_periods, make_load
from cur_ingest.actions.exports import export_at, settle
from cur_ingest.attribution import ai_signals, signals_in_force
from cur_ingest.closing import closing_in_force
from cur_ingest.dating import Span
from cur_ingest.engines import File, reads_in_place
from cur_ingest.loading import (
    Loaded,
    Outcome,
    grain_of,
    load_period,
    refuse_left_out,
    refuse_rewritten,
    unchanged,
)
from cur_ingest.models import TRIES, Export, Load, SignalVersion, TagKey
from cur_ingest.reading import aggregated
from cur_ingest.reports import counting_runs
from cur_ingest.sources import (
    Fetched,
    Manifest,
    NeedsRateError,
    NotTakenError,
    PassingError,
    Source,
    SourceError,
    open_source,
)
from records.clock import now

logger = logging.getLogger(__name__)
LOADS_LOCK = 7_236_103
# Before the second and the third try.
WAITS = (timedelta(seconds=15), timedelta(minutes=2))
# How often a running load says how far it is.
EVERY_SECONDS = 0.5
DIED = (
    f"Whoever loaded it ended {TRIES} times without a word: out of memory, or stopped. Look at the "
    "worker's log and memory, then load it again."
)
STATES: dict[type[SourceError], Load.State] = {
    NeedsRateError: Load.State.NEEDS_RATE,
    NotTakenError: Load.State.REFUSED,
}
# The connection is gone: nothing can be written down. The sweep finds the load afterwards.
LOST = (OperationalError, InterfaceError)
# Hears of a load that runs in this process: its row as it is now.
Tell = Callable[[Load], None]


@dataclass(frozen=True, slots=True)
class Month:
    """What came of one month: its load, what was loaded, or why not."""

    load: Load
    loaded: Loaded | None
    error: SourceError | None


# --- by the worker --------------------------------------------------------------------------------


def run_load(*, load_id: int) -> None:
    """Try a load once, unless somebody runs it or it is over; what may pass is queued again."""
    load = Load.objects.filter(pk=load_id).first()
    if load is None:
        return
    with _alone(load.export_id, load.period, waits=False) as alone:
        if alone and (begun := _begin(load_id)):
            try:
                with suppress(SourceError):  # the row has it
                    _try(begun, None, _tell_nobody)
            except LOST:
                raise
            except Exception as error:
                logger.exception("Load %s failed", load_id)
                _end_badly(begun, _unforeseen(error))
            if begun.state == Load.State.WAITING:
                defer_run(begun, WAITS[begun.tries - 1])


# --- by the command line --------------------------------------------------------------------------


def load_deliveries(
    *, actor: User | None, location: str, periods: Collection[date] = ()
) -> list[Loaded]:
    """Load the latest delivery of the given periods, of all that are there without any.

    Each month is replaced in a transaction of its own, and one that can't be loaded keeps no other
    out. Raise SourceError, which says what is wrong and how to mend it, after the last one.
    """
    source = patiently(lambda: open_source(location))
    export = export_at(actor=actor, source=source)
    months = list(load_months(actor=actor, export=export, source=source, periods=periods))
    errors = [month.error for month in months if month.error]
    if len(errors) > 1:
        message = "\n".join(str(error) for error in errors)
        raise type(errors[0])(message) from errors[0]
    if errors:
        raise errors[0]
    return [month.loaded for month in months if month.loaded]


def load_months(
    *,
    actor: User | None,
    export: Export,
    source: Source,
    periods: Collection[date] = (),
    tell: Tell | None = None,
) -> Iterator[Month]:
    """Load months in this process, three tries each; yield what came of each of them."""
    for period in sorted(set(periods)) or source.periods:
        with _alone(export.pk, period, waits=True):
            yield _run_here(actor, export, source, period, tell or _tell_nobody)


def patiently(work: Callable[[], Source]) -> Source:
    """Do what may fail in passing, up to three times."""
    for pause in WAITS:
        try:
            return work()
        except PassingError:
            time.sleep(pause.total_seconds())
    return work()


def _run_here(
    actor: User | None, export: Export, source: Source, period: date, tell: Tell
) -> Month:
    """Try a load until it is over, by whoever holds its lock."""
    origin = Load.Origin.PERSON if actor else Load.Origin.COMMAND
    begun = None
    while begun is None:
        # What waits for the worker is done here; what a dead one left may have had its tries.
        left = Load.objects.unfinished().filter(export=export, period=period).first()
        load = left or make_load(export=export, period=period, origin=origin, actor=actor)
        begun = _begin(load.pk) if load else None
    while True:
        try:
            loaded, error = _try(begun, source, tell), None
        except SourceError as wrong:
            loaded, error = None, wrong
        except LOST:
            raise
        except Exception as unforeseen:
            # Told by whoever asked, and not tried again by itself.
            _end(begun, Load.State.FAILED, error=str(_unforeseen(unforeseen)))
            raise
        tell(begun)
        if begun.state != Load.State.WAITING:
            return Month(begun, loaded, error)
        time.sleep(WAITS[begun.tries - 1].total_seconds())
        begun = _begin(begun.pk) or begun


# --- one try --------------------------------------------------------------------------------------


@contextmanager
def _alone(export: int, period: date | None, *, waits: bool) -> Iterator[bool]:
    """Hold the lock of a month of an export as long as this lasts; tell whether it was free.

    PostgreSQL lets go of it when the process or its connection dies: that is how a load is known
    to be left behind, and not slow.
    """
    key = f"{LOADS_LOCK}:{export}:{period or ''}"
    took = True
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
            took = bool(cursor.fetchone()[0])
    try:
        yield took
    finally:
        if took and connection.connection and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


@transaction.atomic
def _begin(load_id: int) -> Load | None:
    """Write down that a try begins; None for a load that is over, or has had its tries."""
    load = Load.objects.select_for_update().filter(pk=load_id).first()
    if load is None or not load.is_unfinished:
        return None
    if load.tries >= TRIES:
        _end(load, Load.State.FAILED, error=DIED)
        return None
    load.state, load.phase = Load.State.RUNNING, Load.Phase.FINDING
    load.tries += 1
    load.started_at = load.started_at or now()
    load.try_again_at, load.error, load.lacking = None, "", []
    load.files = load.files_done = load.bytes = load.bytes_done = load.rows_done = 0
    load.save()
    return Load.objects.select_related("export", "asked_by").get(pk=load_id)


def _try(load: Load, source: Source | None, tell: Tell) -> Loaded | None:
    """Try a load: up to its end, or back to waiting, which is written down before it raises."""
    try:
        export = load.export
        source = source or open_source(export.location, export.credentials)
        settle(export=export, source=source)
        if load.period is None:
            _look(load, source)
            return None
        loaded = _load(load, source, tell)
    except SourceError as error:
        _end_badly(load, error)
        raise
    state = Load.State.UNCHANGED if loaded.outcome == Outcome.UNCHANGED else Load.State.LOADED
    load.delivery, load.rows_done = loaded.delivery, loaded.delivery.source_rows
    _end(load, state)
    return loaded


def _look(load: Load, source: Source) -> None:
    with transaction.atomic():
        for period in due_periods(load.export, source.periods, now()):
            ask_by_schedule(export=load.export, period=period)
        _end(load, Load.State.LOOKED)


def _load(load: Load, source: Source, tell: Tell) -> Loaded:
    assert load.period  # noqa: S101 - a look has none
    refuse_left_out(load.export, load.period)
    manifest = source.manifest(load.period)
    signals = ai_signals(_signals_for(load.export, load.period))
    tag_keys = sorted(TagKey.objects.values_list("key", flat=True))
    grain = grain_of(tag_keys, signals)
    if (same := unchanged(load.export, manifest, grain)) is not None:
        return same
    refuse_rewritten(load.export, manifest)
    load.files, load.bytes = len(manifest.data_files), sum(f.size for f in manifest.data_files)
    progress = _Progress(load, tell)
    progress.enter(Load.Phase.FETCHING)
    with ExitStack() as held:
        with _files(source, manifest, progress) as files:
            progress.enter(Load.Phase.ADDING_UP)
            lines = aggregated(files, manifest, tag_keys=tag_keys, signals=signals)
            aggregate = held.enter_context(lines)
        progress.enter(Load.Phase.WRITING)
        return load_period(
            actor=load.asked_by,
            export=load.export,
            manifest=manifest,
            aggregate=aggregate,
            grain=grain,
        )


def _signals_for(export: Export, period: date) -> list[Span[SignalVersion]]:
    """Return the signals that lines are kept fine for: in a closed month those of its rules too."""
    signals = signals_in_force()
    if closing_in_force(period) is not None:
        closed = counting_runs(now()).filter(export=export, period=period)
        signals += [span for run in closed for span in signals_in_force(run.ruled_at)]
    return signals


def _files(
    source: Source, manifest: Manifest, progress: "_Progress"
) -> AbstractContextManager[Sequence[File]]:
    return (
        source.in_place(manifest) if reads_in_place() else source.fetched(manifest, progress.watch)
    )


class _Progress:
    """Writes how far a load is, in statements of their own, which readers see at once."""

    def __init__(self, load: Load, tell: Tell) -> None:
        self.load, self.tell, self.written = load, tell, 0.0

    def enter(self, phase: Load.Phase) -> None:
        """Begin with the next thing."""
        self.load.phase = phase
        self._write()

    def watch(self, here: Fetched) -> None:
        """Hear of what is here by now."""
        load = self.load
        load.files_done, load.bytes_done, load.rows_done = here.files, here.bytes, here.rows
        if time.monotonic() > self.written + EVERY_SECONDS:
            self._write()

    def _write(self) -> None:
        names = ("phase", "files", "files_done", "bytes", "bytes_done", "rows_done")
        self.load.save(update_fields=names)
        self.written = time.monotonic()
        self.tell(self.load)


def _end_badly(load: Load, error: SourceError) -> None:
    """Write down why a try failed: back to waiting for what may pass, else it is over."""
    if isinstance(error, PassingError) and load.tries < TRIES:
        load.state, load.phase, load.error = Load.State.WAITING, Load.Phase.NONE, str(error)
        load.try_again_at = now() + WAITS[load.tries - 1]
        load.save()
        return
    kinds = (state for kind, state in STATES.items() if isinstance(error, kind))
    load.lacking = list(error.currencies) if isinstance(error, NeedsRateError) else []
    _end(load, next(kinds, Load.State.FAILED), error=str(error))


@transaction.atomic
def _end(load: Load, state: Load.State, *, error: str = "") -> None:
    """Write down that a load is over.

    What it says in the words of the one before takes that one's place, unless a person asked for
    it: so looking at the same delivery every hour leaves one row.
    """
    load.state, load.phase, load.error = state, Load.Phase.NONE, error
    load.try_again_at, load.finished_at = None, now()
    load.save()
    earlier = Load.objects.filter(export=load.export_id, period=load.period, pk__lt=load.pk)
    last = earlier.order_by("-pk").first()
    if (
        last is not None
        and last.origin != Load.Origin.PERSON
        and state != Load.State.LOADED
        and (last.state, last.error, last.delivery_id) == (state, error, load.delivery_id)
    ):
        last.delete()


def _unforeseen(error: Exception) -> PassingError:
    return PassingError(
        f"An error of ValueBoard itself ({type(error).__name__}): its log says more. If it stays "
        "so, tell whoever runs it."
    )


def _tell_nobody(_load: Load) -> None:
    """Tell nobody how far it is."""
