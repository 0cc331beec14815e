"""What deliveries would change that came after their month was closed: the lines of difference.

Both sides are frozen month totals, under the same rules, so that a difference is AWS's doing; where
it may also be that of how a delivery is read by now, the adjustment says so (`beside_aws`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import TypeVar

from django.conf import settings

from cur_ingest.bases import BASES, amount_in
from cur_ingest.models import AttributionRun, Delivery, MonthTotal, Part
from cur_ingest.reports import counting_runs, waiting_runs
from spaces.models import Workload
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import format_number

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Change:
    """What an amount is in the closed month, in the later delivery, and by how much it differs."""

    closed: Figure
    delivered: Figure
    difference: Figure

    @property
    def differs(self) -> bool:
        """Tell whether the two are not the same, to the last digit."""
        return bool(self.difference.amount)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of difference: a part, a workload or the whole delivery, in every basis."""

    label: str
    changes: dict[str, Change]
    workload: Workload | None = None

    @property
    def differs(self) -> bool:
        """Tell whether any basis differs."""
        return any(change.differs for change in self.changes.values())


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A delivery that waits beside a closed month; `closed` is the run that counts there.

    None where the export had delivered nothing of that month when it was closed.
    """

    run: AttributionRun
    closed: AttributionRun | None
    parts: tuple[Difference, ...]
    workloads: tuple[Difference, ...]
    total: Difference

    @property
    def differs(self) -> bool:
        """Tell whether anything would change."""
        return any(line.differs for line in (*self.parts, *self.workloads))

    @property
    def beside_aws(self) -> tuple[str, ...]:
        """Say what else than AWS can make a difference: tags, signals and rates since."""
        if self.closed is None:
            return ()
        before, after = self.closed.delivery, self.run.delivery
        said = []
        if before.fingerprint == after.fingerprint:
            said.append("It is the delivery that was closed, read again: AWS changed nothing.")
        if before.grain != after.grain:
            said.append(
                "It was read for tags, signals or costs that were not asked for before the month "
                "was closed, so lines may stand elsewhere."
            )
        if _rates(before) != _rates(after):
            words = " and ".join(", ".join(_rates(each)) or "no rate" for each in (before, after))
            said.append(f"Exchange rates, as closed and of the later delivery: {words}.")
        return tuple(said)


def read_adjustments(period: date | None, known_at: datetime) -> list[Adjustment]:
    """Return what waits beside a closed month, one per export; beside all months for None."""
    runs = waiting_runs(known_at)
    waiting = list(runs if period is None else runs.filter(period=period))
    if not waiting:
        return []
    counting = {
        (run.export_id, run.period): run
        for run in counting_runs(known_at).filter(period__in={run.period for run in waiting})
    }
    pairs = [(run, counting.get((run.export_id, run.period))) for run in waiting]
    totals: dict[int, list[MonthTotal]] = defaultdict(list)
    for total in MonthTotal.objects.filter(
        run__in=[run.pk for pair in pairs for run in pair if run is not None]
    ).select_related("workload__space"):
        totals[total.run_id].append(total)
    return [
        _adjustment(run, closed, totals[run.pk], totals[closed.pk] if closed else [])
        for run, closed in pairs
    ]


def _rates(delivery: Delivery) -> list[str]:
    """Return the rates that a delivery was converted by, in words."""
    return sorted(
        f"1 {rate['currency']} = {format_number(Decimal(rate['rate']))} {delivery.currency} "
        f"(version {rate['version']})"
        for rate in delivery.rates.values()
    )


def _adjustment(
    run: AttributionRun,
    closed: AttributionRun | None,
    after: list[MonthTotal],
    before: list[MonthTotal],
) -> Adjustment:
    workloads = {t.workload_id: t.workload for t in (*before, *after) if t.workload is not None}
    of_workload = _lines(before, after, lambda total: total.workload_id)
    of_part = _lines(before, after, lambda total: Part.of(total.spend_class, total.workload_id))
    lines = [
        Difference(workload.name, of_workload[pk], workload) for pk, workload in workloads.items()
    ]
    return Adjustment(
        run=run,
        closed=closed,
        parts=tuple(Difference(part.label, of_part[part]) for part in Part if part in of_part),
        workloads=tuple(
            sorted((line for line in lines if line.differs), key=lambda line: line.label)
        ),
        total=Difference("Delivered", _lines(before, after, lambda _total: "")[""]),
    )


def _lines(
    before: Iterable[MonthTotal], after: Iterable[MonthTotal], key_of: Callable[[MonthTotal], Key]
) -> dict[Key, dict[str, Change]]:
    """Return the change in every basis, by what `key_of` groups the totals by."""
    sums: dict[Key, dict[str, list[Decimal]]] = defaultdict(
        lambda: {basis: [Decimal(0), Decimal(0)] for basis in BASES}
    )
    # Python rounds to 28 digits unless told otherwise; these have up to 38.
    with localcontext(prec=76):
        for side, totals in enumerate((before, after)):
            for total in totals:
                for basis in BASES:
                    sums[key_of(total)][basis][side] += amount_in(total, basis)
        return {
            key: {basis: _change(basis, *pair) for basis, pair in of_basis.items()}
            for key, of_basis in sums.items()
        }


def _change(basis: str, closed: Decimal, delivered: Decimal) -> Change:
    unit = settings.REPORTING_CURRENCY
    return Change(
        Figure(closed, unit, Kind.ACTUAL, None, f"As the month was closed, {basis}"),
        Figure(delivered, unit, Kind.ACTUAL, None, f"As delivered later, {basis}"),
        Figure(
            delivered - closed, unit, Kind.DERIVED, None, f"Delivered later less closed, {basis}"
        ),
    )
