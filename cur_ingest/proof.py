"""The spend of a month and its proof: every dollar of a delivery stands in exactly one part.

The parts add up to the total of the delivery, per export and in every basis, to the last digit.
Read from the frozen month totals; which services stand under *other* from the lines.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Sum

from cur_ingest.adjustments import read_adjustments
from cur_ingest.attribution import SETTLEMENTS
from cur_ingest.bases import BASES, amount_in
from cur_ingest.closing import MonthState, has_ended, month_states
from cur_ingest.models import (
    AI_USAGE,
    DailyLine,
    Delivery,
    MonthTotal,
    Part,
)
from cur_ingest.reports import chosen_basis, counting_runs, left_out_runs, month_totals
from cur_ingest.statements import (
    CURRENCY,
    PART_WORDS,
    MonthInBrief,
    OtherSpend,
    PartSpend,
    Proof,
    SpendMonth,
    Statement,
    WorkloadSpend,
    actual,
    add_up,
)
from spaces.models import Workload
from valueboard.lib import formats
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.moment import one_moment
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months

SETTLEMENT_WORDS = {
    "Tax": "Tax",
    "Credit": "Credits",
    "Refund": "Refunds",
    "SavingsPlanNegation": "Savings Plans: offset of covered usage",
    "SavingsPlanRecurringFee": "Savings Plans: unused commitment",
    "SavingsPlanUpfrontFee": "Savings Plans: upfront fees",
    "RIFee": "Reservations: unused commitment",
}


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


def _proof(basis: str, totals: Sequence[MonthTotal], deliveries: Sequence[Delivery]) -> Proof:
    amounts: dict[Part, list[Decimal]] = {part: [] for part in Part}
    for total in totals:
        amounts[Part.of(total.spend_class, total.workload_id)].append(amount_in(total, basis))
    parts = tuple(
        PartSpend(part, actual(add_up(found), basis, PART_WORDS[part]))
        for part, found in amounts.items()
    )
    sources = (
        Source(f"{d.export} v{d.version}", f"{formats.number(d.source_rows)} rows")
        for d in deliveries
    )
    return Proof(
        basis=basis,
        parts=parts,
        total=actual(add_up(each.amount.amount for each in parts), basis, "Sum of the parts"),
        delivered=actual(
            add_up(amount_in(delivery, basis) for delivery in deliveries),
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
    attributed = add_up(now.values())
    rows = []
    for pk, workload in known.items():
        amount = now.get(pk, Decimal(0))
        change = to_cents(amount) - to_cents(then[pk]) if pk in then else None
        share = amount * 100 / attributed if attributed > 0 else None
        rows.append(
            WorkloadSpend(
                workload,
                actual(amount, basis, "Usage charges of the month"),
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
    now, then = (to_cents(add_up(_by_workload(each, basis).values())) for each in (totals, before))
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
    return {pk: add_up(amounts) for pk, amounts in found.items()}


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
        OtherSpend(label, actual(to_cents(add_up(amounts)), basis, "Sum of the month's lines"))
        for label, amounts in found.items()
    ]
    return tuple(sorted(other, key=lambda row: (-abs(row.amount.amount), row.label)))
