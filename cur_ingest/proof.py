"""The spend of a month and its proof: every dollar of the delivery stands in exactly one place.

Attributed + unclaimed AI + unclassified + other = the total of the deliveries, in both bases and
to the last digit. Read from the frozen month totals; what stands under *other* from the lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.conf import settings
from django.db.models import Sum

from cur_ingest.attribution import SETTLEMENTS
from cur_ingest.models import DailyLine, Delivery, MonthTotal, SpendClass
from cur_ingest.reports import BASIS, closed_periods, month_totals
from spaces.models import Workload
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months

CURRENCY: str = settings.REPORTING_CURRENCY
BASES = ("amortised", "unblended")
# What each basis is, for the label beside its figures.
BASIS_WORDS = {
    "amortised": "commitments spread over the usage they cover",
    "unblended": "as charged on the day",
}
SETTLEMENT_WORDS = {
    "Tax": "Tax",
    "Credit": "Credits",
    "Refund": "Refunds",
    "SavingsPlanNegation": "Savings Plans: offset of covered usage",
    "SavingsPlanRecurringFee": "Savings Plans: unused commitment",
    "SavingsPlanUpfrontFee": "Savings Plans: upfront fees",
    "RIFee": "Reservations: unused commitment",
}


@dataclass(frozen=True, slots=True)
class WorkloadSpend:
    """What one workload was charged in a month, and in the month before."""

    workload: Workload
    amount: Figure
    change: Figure | None
    share: Figure | None


@dataclass(frozen=True, slots=True)
class OtherSpend:
    """Spend that isn't AI usage: a service, or what settles the whole bill."""

    label: str
    amount: Figure


@dataclass(frozen=True, slots=True)
class Proof:
    """The four parts of a month in one basis, their sum, and what the deliveries add up to."""

    basis: str
    attributed: Figure
    unclaimed: Figure
    unclassified: Figure
    other: Figure
    total: Figure
    delivered: Figure

    @property
    def holds(self) -> bool:
        """Tell whether sum and deliveries agree to the last digit."""
        return self.total.amount == self.delivered.amount

    @property
    def words(self) -> str:
        """Return what the basis means."""
        return BASIS_WORDS[self.basis]


@dataclass(frozen=True, slots=True)
class SpendMonth:
    """One month of the organisation's bill."""

    period: date
    closed: bool
    workloads: tuple[WorkloadSpend, ...]
    proofs: tuple[Proof, ...]
    other: tuple[OtherSpend, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def shown(self) -> Proof:
        """Return the proof in the basis that pages show."""
        return next(proof for proof in self.proofs if proof.basis == BASIS)


def periods_with_spend(known_at: datetime) -> list[date]:
    """Return the months that were delivered, the latest first (one query)."""
    found = Delivery.objects.filter(recorded_at__lte=known_at).values_list("period", flat=True)
    return list(found.distinct().order_by("-period"))


def read_month(period: date, known_at: datetime) -> SpendMonth:
    """Return one month with its proof; a constant number of queries."""
    totals = month_totals(known_at)
    mine = [total for total in totals if total.run.period == period]
    closed = period in closed_periods(known_at)
    # A month to date is not compared with a whole month.
    before = [t for t in totals if closed and t.run.period == add_months(period, -1)]
    deliveries = _latest_deliveries(period, known_at)
    return SpendMonth(
        period=period,
        closed=closed,
        workloads=_workloads(mine, before),
        proofs=tuple(_proof(basis, mine, deliveries) for basis in BASES),
        other=_other(period),
        deliveries=deliveries,
    )


def _latest_deliveries(period: date, known_at: datetime) -> tuple[Delivery, ...]:
    return tuple(
        Delivery.objects.filter(period=period, recorded_at__lte=known_at)
        .select_related("export")
        .order_by("export", "-version")
        .distinct("export")
    )


def _add(amounts: Iterable[Decimal]) -> Decimal:
    # Python rounds to 28 digits unless told otherwise; these have up to 38.
    with localcontext(prec=76):
        return sum(amounts, Decimal(0))


def _actual(amount: Decimal, basis: str, formula: str, *sources: Source) -> Figure:
    return Figure(amount, CURRENCY, Kind.ACTUAL, None, f"{formula}, {basis}", sources)


def _proof(basis: str, totals: Sequence[MonthTotal], deliveries: Sequence[Delivery]) -> Proof:
    def part(label: str, spend_class: SpendClass, *, attributed: bool = False) -> Figure:
        chosen = (
            getattr(total, basis)
            for total in totals
            if total.spend_class == spend_class and (total.workload_id is not None) == attributed
        )
        return _actual(_add(chosen), basis, label)

    parts = {
        "attributed": part("Usage charges given to workloads", SpendClass.AI, attributed=True),
        "unclaimed": part("AI usage charges that no rule gives to a workload", SpendClass.AI),
        "unclassified": part("Marketplace rows that no signal knows", SpendClass.UNCLASSIFIED),
        "other": part("Other services, tax, credits and commitments", SpendClass.OTHER),
    }
    sources = (Source(f"{d.export} v{d.version}", f"{d.source_rows:,} rows") for d in deliveries)
    return Proof(
        basis=basis,
        **parts,
        total=_actual(_add(f.amount for f in parts.values()), basis, "Sum of the four parts"),
        delivered=_actual(
            _add(getattr(delivery, basis) for delivery in deliveries),
            basis,
            "Sum of all rows of the deliveries",
            *sources,
        ),
    )


def _workloads(
    totals: Sequence[MonthTotal], before: Sequence[MonthTotal]
) -> tuple[WorkloadSpend, ...]:
    now, then = _by_workload(totals), _by_workload(before)
    known = Workload.objects.select_related("space").in_bulk(list(now.keys() | then.keys()))
    attributed = _add(now.values())
    rows = []
    for pk, workload in known.items():
        amount = now.get(pk, Decimal(0))
        change = to_cents(amount) - to_cents(then[pk]) if pk in then else None
        share = amount * 100 / attributed if attributed > 0 else None
        rows.append(
            WorkloadSpend(
                workload,
                _actual(amount, BASIS, "Usage charges of the month"),
                None
                if change is None
                else Figure(
                    change, CURRENCY, Kind.DERIVED, None, "This month less the month before"
                ),
                None
                if share is None
                else Figure(share, "%", Kind.DERIVED, None, "Share of all attributed spend"),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.amount.amount, row.workload.name)))


def _by_workload(totals: Sequence[MonthTotal]) -> dict[int, Decimal]:
    found: dict[int, list[Decimal]] = defaultdict(list)
    for total in totals:
        if total.workload_id is not None:
            found[total.workload_id].append(getattr(total, BASIS))
    return {pk: _add(amounts) for pk, amounts in found.items()}


def _other(period: date) -> tuple[OtherSpend, ...]:
    """Return what stands under *other* now, dearest first: settlements by kind, then services."""
    rows = (
        DailyLine.objects.counting()
        .filter(period=period, spend_class=SpendClass.OTHER)
        .values_list("charge_type", "product_name", "service")
        .annotate(amount=Sum(BASIS))
    )
    found: dict[str, list[Decimal]] = defaultdict(list)
    for charge_type, product_name, service, amount in rows:
        settles = charge_type in SETTLEMENTS
        found[SETTLEMENT_WORDS[charge_type] if settles else product_name or service].append(amount)
    other = [
        OtherSpend(label, _actual(to_cents(_add(amounts)), BASIS, "Sum of the month's lines"))
        for label, amounts in found.items()
    ]
    return tuple(sorted(other, key=lambda row: (-abs(row.amount.amount), row.label)))
