"""What was delivered and what loads do about it: per export and month, with differences."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from cur_ingest.bases import BASES, BASIS_WORDS, amount_in
from cur_ingest.models import AttributionRun, Delivery, Export, Load
from cur_ingest.reports import left_out_runs, waiting_runs
from records.clock import now
from valueboard.lib.figure import Figure, Kind, Source

# Months that a page shows of each export; older ones are asked for.
SHOWN = 6
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Total:
    """What a delivery adds up to in one basis, and by how much more than the one before."""

    basis: str
    amount: Figure
    change: Figure | None

    @property
    def words(self) -> str:
        """Return what the basis means."""
        return BASIS_WORDS[self.basis]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery that was loaded, and how it differs from the one before."""

    delivery: Delivery
    before: Delivery | None
    totals: tuple[Total, ...]

    @property
    def rows_change(self) -> int | None:
        """Return how many rows more it has; None for the first delivery of a month."""
        if self.before is None:
            return None
        return self.delivery.source_rows - self.before.source_rows

    @property
    def rows_words(self) -> str:
        """Return the difference in rows with its sign, '' where there is nothing to compare."""
        change = self.rows_change
        if change is None:
            return ""
        return "the same number" if change == 0 else f"{change:+,}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class MonthOfExport:
    """One month of an export: its latest load, and the delivery that was loaded last.

    `beside` is the attribution run that says what this delivery would change, where it came after
    its month was closed and nobody has taken it over; `left_out` the one by which finance has
    nothing of it count.
    """

    export: Export
    period: date
    load: Load | None
    delivered: Delivered | None
    beside: int | None = None
    left_out: AttributionRun | None = None

    @property
    def key(self) -> str:
        """Return what tells it apart on a page."""
        return f"{self.export.pk}-{self.period:%Y-%m}"


@dataclass(frozen=True, slots=True)
class ExportDeliveries:
    """An export, the latest look at it, and its months, the latest first."""

    export: Export
    look: Load | None
    months: tuple[MonthOfExport, ...]
    more: int

    @property
    def is_under_way(self) -> bool:
        """Tell whether the worker looks at it or loads one of its months."""
        loads = (self.look, *(month.load for month in self.months))
        return any(load is not None and load.is_unfinished for load in loads)


def percent_of(load: Load) -> int:
    """Return how much of a load's bytes are here, 0 to 100."""
    return min(HUNDRED, HUNDRED * load.bytes_done // load.bytes) if load.bytes else 0


def read_deliveries(*, amounts: bool, shown: int = SHOWN) -> list[ExportDeliveries]:
    """Return every export with its months; a constant number of queries.

    Without `amounts` for whoever doesn't read the organisation's spend.
    """
    loads = Load.objects.order_by("export", "period", "-pk").distinct("export", "period")
    latest = {
        (load.export_id, load.period): load
        for load in loads.select_related("asked_by", "export").defer("delivery")
    }
    deliveries = _latest_two(amounts=amounts)
    beside = {(run.export_id, run.period): run.pk for run in waiting_runs(now())}
    left_out = {(run.export_id, run.period): run for run in left_out_runs(now())}
    periods: dict[int, set[date]] = defaultdict(set)
    for export_id, period in (*latest, *deliveries):
        if period is not None:
            periods[export_id].add(period)
    found = []
    for export in Export.objects.order_by("-active", "name"):
        months = [
            MonthOfExport(
                export,
                period,
                latest.get((export.pk, period)),
                deliveries.get((export.pk, period)),
                beside.get((export.pk, period)),
                left_out.get((export.pk, period)),
            )
            for period in sorted(periods[export.pk], reverse=True)
        ]
        kept = [month for at, month in enumerate(months) if at < shown or _asks_for_eyes(month)]
        look = latest.get((export.pk, None))
        found.append(ExportDeliveries(export, look, tuple(kept), len(months) - len(kept)))
    return found


def read_history(export: Export, period: date, *, amounts: bool) -> list[Delivered]:
    """Return every delivery of a month that was loaded, the latest first."""
    rows = (
        Delivery.objects.filter(export=export, period=period)
        .select_related("recorded_by")
        .defer("files")
        .order_by("version")
    )
    pairs = zip(rows, [None, *rows], strict=False)
    return [_delivered(row, before, amounts=amounts) for row, before in pairs][::-1]


def loads_of(export: Export, period: date) -> Iterable[Load]:
    """Return the loads of a month that are kept, the latest first."""
    loads = Load.objects.filter(export=export, period=period).order_by("-pk")
    return loads.select_related("asked_by", "delivery")[:HUNDRED]


def not_loaded(period: date) -> list[Load]:
    """Return the latest load of each export that has ended without a month's delivery.

    Of an export that is paused and never delivered that month nothing is expected.
    """
    latest = Load.objects.filter(period=period).order_by("export", "-pk").distinct("export")
    ended = (Load.State.NEEDS_RATE, Load.State.REFUSED, Load.State.FAILED)
    delivered = set(Delivery.objects.filter(period=period).values_list("export", flat=True))
    return [
        load
        for load in latest.select_related("export")
        if load.state in ended and (load.export.active or load.export_id in delivered)
    ]


def needing_rates() -> list[Load]:
    """Return the latest load of each export and month that waits for an exchange rate."""
    latest = Load.objects.order_by("export", "period", "-pk").distinct("export", "period")
    loads = latest.select_related("export")
    return [load for load in loads if load.state == Load.State.NEEDS_RATE]


def _asks_for_eyes(month: MonthOfExport) -> bool:
    fine = (Load.State.LOADED, Load.State.UNCHANGED)
    return bool(month.beside) or (month.load is not None and month.load.state not in fine)


def _latest_two(*, amounts: bool) -> dict[tuple[int, date], Delivered]:
    """Return the latest delivery of each month, compared with the one before it."""
    newest_first = Window(
        RowNumber(), partition_by=[F("export_id"), F("period")], order_by=F("version").desc()
    )
    rows = Delivery.objects.annotate(place=newest_first).filter(place__lte=2).defer("files")
    by_month: dict[tuple[int, date], list[Delivery]] = defaultdict(list)
    for row in rows.order_by("-version"):
        by_month[row.export_id, row.period].append(row)
    return {
        month: _delivered(found[0], found[1] if len(found) > 1 else None, amounts=amounts)
        for month, found in by_month.items()
    }


def _delivered(delivery: Delivery, before: Delivery | None, *, amounts: bool) -> Delivered:
    bases: Sequence[str] = BASES if amounts else ()
    return Delivered(delivery, before, tuple(_total(delivery, before, basis) for basis in bases))


def _total(delivery: Delivery, before: Delivery | None, basis: str) -> Total:
    amount = amount_in(delivery, basis)
    source = Source("Delivery", f"{delivery.execution}, version {delivery.version}")
    figure = Figure(amount, delivery.currency, Kind.ACTUAL, sources=(source,))
    if before is None or before.currency != delivery.currency:
        return Total(basis, figure, None)
    earlier = amount_in(before, basis)
    with localcontext(prec=76):  # Python's 28 digits would round
        difference: Decimal = amount - earlier
    change = Figure(
        difference,
        delivery.currency,
        Kind.DERIVED,
        formula="This delivery less the one before",
        sources=(source, Source("Delivery before", f"{before.execution}, {before.version}")),
    )
    return Total(basis, figure, change)
