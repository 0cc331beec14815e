"""The spend of a month and its proof: every dollar of a delivery stands in exactly one part.

The parts add up to the total of the delivery, per export and in every basis, to the last digit.
Read from the frozen month totals; which services stand under *other* from the lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.conf import settings
from django.db.models import Max, Sum

from cur_ingest.adjustments import Adjustment, read_adjustments
from cur_ingest.attribution import SETTLEMENTS
from cur_ingest.bases import BASES, BASIS_WORDS, amount_in, named
from cur_ingest.closing import MonthState, has_ended, month_states
from cur_ingest.currencies import CurrencyTotal, totals_by_currency
from cur_ingest.models import (
    AI_USAGE,
    AttributionRun,
    DailyLine,
    Delivery,
    MonthTotal,
    Part,
)
from cur_ingest.reports import chosen_basis, counting_runs, left_out_runs, month_totals
from spaces.models import Workload
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.moment import one_moment
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months

CURRENCY: str = settings.REPORTING_CURRENCY
# What stands in each part.
PART_WORDS = {
    Part.ATTRIBUTED: "AI usage charges given to workloads",
    Part.SHARED: "AI usage charges that several workloads share, not yet split",
    Part.UNCLAIMED: "AI usage charges that no rule gives to a workload",
    Part.UNCLASSIFIED: "Marketplace rows that no signal knows",
    Part.OTHER: "Usage charges of services that are not AI",
    Part.TAX: "Tax on the whole bill",
    Part.CREDIT: "Credits to the whole bill",
    Part.REFUND: "Refunds to the whole bill",
    Part.COMMITMENT: "Fees and offsets of Savings Plans and reservations",
}
SETTLING = (Part.TAX, Part.CREDIT, Part.REFUND, Part.COMMITMENT)
# The parts as they stand where months are compared.
IN_BRIEF = {
    "Attributed to workloads": (Part.ATTRIBUTED,),
    "Shared, unclaimed, unclassified": (Part.SHARED, Part.UNCLAIMED, Part.UNCLASSIFIED),
    "Other services": (Part.OTHER,),
    "Tax, credits, refunds, commitments": SETTLING,
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
class PartSpend:
    """One part of the proof, in one basis."""

    part: Part
    amount: Figure


@dataclass(frozen=True, slots=True)
class Proof:
    """The parts of a month in one basis, their sum, and what the deliveries add up to."""

    basis: str
    parts: tuple[PartSpend, ...]
    total: Figure
    delivered: Figure

    @property
    def holds(self) -> bool:
        """Tell whether sum and deliveries agree to the last digit."""
        return self.total.amount == self.delivered.amount

    @property
    def difference(self) -> Figure:
        """Return what the parts lack, or have too much, against the deliveries."""
        with localcontext(prec=76):
            amount = self.delivered.amount - self.total.amount
        return Figure(amount, CURRENCY, Kind.DERIVED, None, "Delivered less the sum of the parts")

    @property
    def name(self) -> str:
        """Return the name of the basis."""
        return named(self.basis)

    @property
    def words(self) -> str:
        """Return what the basis means."""
        return BASIS_WORDS[self.basis]

    @property
    def by_part(self) -> dict[str, Figure]:
        """Return the amount of each part, by the part's name."""
        return {each.part.value: each.amount for each in self.parts}

    @property
    def beside_ai(self) -> Figure:
        """Return what isn't AI usage: other services, and what settles the whole bill."""
        return self.sum_of((Part.OTHER, *SETTLING))

    def sum_of(self, parts: Sequence[Part]) -> Figure:
        """Return what several parts come to."""
        words = "; ".join(PART_WORDS[part] for part in parts)
        return _actual(_add(self.of(part).amount for part in parts), self.basis, words)

    def of(self, part: Part) -> Figure:
        """Return the amount of one part."""
        return next(each.amount for each in self.parts if each.part is part)


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One row of the proof as a table: a part, and its amount in every basis, by its name."""

    part: Part
    amounts: dict[str, Figure]

    @property
    def words(self) -> str:
        """Return what stands in the part."""
        return PART_WORDS[self.part]

    @property
    def is_same(self) -> bool:
        """Tell whether it is one amount in every basis."""
        return len({figure.amount for figure in self.amounts.values()}) == 1


@dataclass(frozen=True, slots=True)
class Statement:
    """What an export delivered, and where it stands: one proof for each of `BASES`."""

    run: AttributionRun
    proofs: tuple[Proof, ...]

    @property
    def currencies(self) -> Sequence[CurrencyTotal]:
        """Return what was charged in which currency; nothing where all was in one."""
        return totals_by_currency(self.run.delivery)

    @property
    def holds(self) -> bool:
        """Tell whether every basis agrees to the last digit."""
        return all(proof.holds for proof in self.proofs)

    @property
    def rows(self) -> list[ProofRow]:
        """Return the proofs as a table."""
        return _rows(self.proofs)


@dataclass(frozen=True, slots=True)
class MonthInBrief:
    """A month of the bill beside others, in the basis that pages show."""

    state: MonthState
    proof: Proof

    @property
    def columns(self) -> list[tuple[str, Figure]]:
        """Return what it comes to by column; together they are the whole bill."""
        return [(label, self.proof.sum_of(parts)) for label, parts in IN_BRIEF.items()]


@dataclass(frozen=True, slots=True)
class SpendMonth:
    """One month of the organisation's bill; without what finance `left_out`, export by export.

    `last_day` is the last day that an open month has lines of; `months` are all of them, in brief,
    the latest first.
    """

    period: date
    state: MonthState
    basis: str
    last_day: date | None
    months: tuple[MonthInBrief, ...]
    change: Figure | None
    may_close: bool
    adjustments: tuple[Adjustment, ...]
    workloads: tuple[WorkloadSpend, ...]
    proofs: tuple[Proof, ...]
    exports: tuple[Statement, ...]
    other: tuple[OtherSpend, ...]
    left_out: tuple[AttributionRun, ...]

    @property
    def shown(self) -> Proof:
        """Return the proof in the basis that pages show."""
        return next(proof for proof in self.proofs if proof.basis == self.basis)

    @property
    def before(self) -> date:
        """Return the month before."""
        return add_months(self.period, -1)

    @property
    def holds(self) -> bool:
        """Tell whether every export agrees in every basis."""
        return all(each.holds for each in self.exports)

    @property
    def currencies(self) -> Sequence[CurrencyTotal]:
        """Return what was charged in which currency, where there is but one export to say it of."""
        return self.exports[0].currencies if len(self.exports) == 1 else ()

    @property
    def rows(self) -> list[ProofRow]:
        """Return the proofs as a table."""
        return _rows(self.proofs)


def periods_with_spend(known_at: datetime) -> list[date]:
    """Return the months that were delivered, the latest first (one query)."""
    found = Delivery.objects.filter(recorded_at__lte=known_at).values_list("period", flat=True)
    return list(found.distinct().order_by("-period"))


@one_moment()
def read_month(period: date, known_at: datetime) -> SpendMonth:
    """Return one month with its proof; a constant number of queries."""
    totals = month_totals(known_at)
    mine = [total for total in totals if total.run.period == period]
    states, basis = month_states(known_at), chosen_basis(known_at)
    state = states[period]
    # A month to date is not compared with a whole month.
    before = [t for t in totals if state.closed and t.run.period == add_months(period, -1)]
    exports = tuple(_statements(period, known_at, mine))
    deliveries = [each.run.delivery for each in exports]
    return SpendMonth(
        period=period,
        state=state,
        basis=basis,
        last_day=None if state.closed else _last_day(deliveries),
        months=_in_brief(totals, states, basis),
        change=_change(mine, before, basis),
        may_close=state.closing is None and has_ended(period, known_at),
        adjustments=tuple(read_adjustments(period, known_at)),
        workloads=_workloads(mine, before, basis),
        proofs=_proofs(mine, deliveries),
        exports=exports,
        other=_other(period, basis),
        left_out=tuple(left_out_runs(known_at).filter(period=period)),
    )


@one_moment()
def read_statements(period: date, known_at: datetime) -> list[Statement]:
    """Return the proof of each export of a month (two queries)."""
    totals = [total for total in month_totals(known_at) if total.run.period == period]
    return _statements(period, known_at, totals)


def _statements(period: date, known_at: datetime, totals: Sequence[MonthTotal]) -> list[Statement]:
    return [
        Statement(run, _proofs([t for t in totals if t.run_id == run.pk], [run.delivery]))
        for run in counting_runs(known_at).filter(period=period)
    ]


def _proofs(totals: Sequence[MonthTotal], deliveries: Sequence[Delivery]) -> tuple[Proof, ...]:
    return tuple(_proof(basis, totals, deliveries) for basis in BASES)


def _rows(proofs: Sequence[Proof]) -> list[ProofRow]:
    return [ProofRow(part, {proof.basis: proof.of(part) for proof in proofs}) for part in Part]


def _add(amounts: Iterable[Decimal]) -> Decimal:
    # Python rounds to 28 digits unless told otherwise; these have up to 38.
    with localcontext(prec=76):
        return sum(amounts, Decimal(0))


def _actual(amount: Decimal, basis: str, formula: str, *sources: Source) -> Figure:
    return Figure(amount, CURRENCY, Kind.ACTUAL, None, f"{formula}, {named(basis)}", sources)


def _proof(basis: str, totals: Sequence[MonthTotal], deliveries: Sequence[Delivery]) -> Proof:
    amounts: dict[Part, list[Decimal]] = {part: [] for part in Part}
    for total in totals:
        amounts[Part.of(total.spend_class, total.workload_id)].append(amount_in(total, basis))
    parts = tuple(
        PartSpend(part, _actual(_add(found), basis, PART_WORDS[part]))
        for part, found in amounts.items()
    )
    sources = (Source(f"{d.export} v{d.version}", f"{d.source_rows:,} rows") for d in deliveries)
    return Proof(
        basis=basis,
        parts=parts,
        total=_actual(_add(each.amount.amount for each in parts), basis, "Sum of the parts"),
        delivered=_actual(
            _add(amount_in(delivery, basis) for delivery in deliveries),
            basis,
            "Sum of all rows of the deliveries",
            *sources,
        ),
    )


def _workloads(
    totals: Sequence[MonthTotal], before: Sequence[MonthTotal], basis: str
) -> tuple[WorkloadSpend, ...]:
    now, then = _by_workload(totals, basis), _by_workload(before, basis)
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
                _actual(amount, basis, "Usage charges of the month"),
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


def _change(
    totals: Sequence[MonthTotal], before: Sequence[MonthTotal], basis: str
) -> Figure | None:
    """Return by how much more is attributed than in the month before; None without one."""
    if not before:
        return None
    now, then = (to_cents(_add(_by_workload(each, basis).values())) for each in (totals, before))
    formula = "This month less the month before, new workloads included"
    return Figure(now - then, CURRENCY, Kind.DERIVED, None, formula)


def _last_day(deliveries: Sequence[Delivery]) -> date | None:
    lines = DailyLine.objects.filter(delivery__in=deliveries)
    last: date | None = lines.aggregate(last=Max("day"))["last"]
    return last


def _in_brief(
    totals: Sequence[MonthTotal], states: dict[date, MonthState], basis: str
) -> tuple[MonthInBrief, ...]:
    """Return all months, the latest first, each from its totals."""
    found: dict[date, list[MonthTotal]] = defaultdict(list)
    for total in totals:
        found[total.run.period].append(total)
    return tuple(
        MonthInBrief(states[period], _proof(basis, found[period], ()))
        for period in sorted(found, reverse=True)
    )


def _by_workload(totals: Sequence[MonthTotal], basis: str) -> dict[int, Decimal]:
    found: dict[int, list[Decimal]] = defaultdict(list)
    for total in totals:
        if total.workload_id is not None:
            found[total.workload_id].append(amount_in(total, basis))
    return {pk: _add(amounts) for pk, amounts in found.items()}


def _other(period: date, basis: str) -> tuple[OtherSpend, ...]:
    """Return what stands under *other* now, dearest first: settlements by kind, then services."""
    rows = (
        DailyLine.objects.counting()
        .filter(period=period)
        .exclude(spend_class__in=AI_USAGE)
        .values_list("charge_type", "product_name", "service")
        .annotate(amount=Sum(basis))
    )
    found: dict[str, list[Decimal]] = defaultdict(list)
    for charge_type, product_name, service, amount in rows:
        settles = charge_type in SETTLEMENTS
        found[SETTLEMENT_WORDS[charge_type] if settles else product_name or service].append(amount)
    other = [
        OtherSpend(label, _actual(to_cents(_add(amounts)), basis, "Sum of the month's lines"))
        for label, amounts in found.items()
    ]
    return tuple(sorted(other, key=lambda row: (-abs(row.amount.amount), row.label)))
