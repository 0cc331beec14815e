"""Reading what Governance Maturity is scored from, as it was known at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, DateField, IntegerField, JSONField, Max, Min, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from accounts.models import User
from approvals.models import Decision
from business_cases.facts import Facts
from business_cases.moment import thresholds_at
from business_cases.reading import read_facts
from cur_ingest.bases import spread
from cur_ingest.conversion import add
from cur_ingest.models import AI_USAGE, DailyLine, MonthTotal, SpendClass
from cur_ingest.unclaimed import UnclaimedGroup, groups_of_rows
from maturity.evidence import (
    Approval,
    Charged,
    Charges,
    ConfirmedEstimate,
    Evidence,
    Opening,
    Subject,
    Unclaimed,
)
from maturity.memory import GapFact
from positions.reader import Reader, Tree
from positions.rows import Row, Rows, rows_at
from valueboard.lib.money import to_cents

PREFIX = "maturity."
WHY_NOT_ATTRIBUTED = {
    SpendClass.AI: "no rule gives it to a workload",
    SpendClass.UNCLASSIFIED: "Marketplace product that no signal knows",
}
NO_WEIGHTS = "a rule splits it, and none of its workloads has anything to go by"
NO_GROUP = "no group of it is above 0 by itself"
ELSEWHERE = "claimed no more, or not yours to read"


def everybody() -> Reader:
    """Return who reads everything, for what the system does by itself."""
    return Reader(User(), None, Tree({}, None))


def read_evidence(
    reader: Reader, known_at: datetime, gaps: Iterable[GapFact] = (), *, by_group: bool = False
) -> Evidence:
    """Read what is known by a moment of what a person reads, and of all that was charged.

    Four queries; `gaps` were read before. `by_group` names the unclaimed groups of the last closed
    month, from the daily lines: as they are attributed now. Without it their sums alone are read,
    which are true of any past moment.
    """
    facts = read_facts(reader, [known_at])
    rows = rows_at(facts, known_at)
    period = rows.closed[-1] if rows.closed else None
    return Evidence(
        today=rows.today,
        limits={
            key.removeprefix(PREFIX): value
            for key, value in thresholds_at(facts, known_at, PREFIX).items()
        },
        charges=_charges(rows, facts, period, by_group=by_group) if period else None,
        subjects=tuple(_subject(row, period) for row in rows.rows if row.on_map),
        approvals=_approvals(rows),
        openings=_openings(gaps, rows, everything=reader.space_ids is None),
        period=period,
        basis=rows.basis,
    )


def _subject(row: Row, period: date | None) -> Subject:
    planned = row.schedule.cost_over([period]) if row.schedule and period else Decimal(0)
    spent = row.spent.amounts.get(period) if period else None
    moment = row.at.known_at
    return Subject(
        id=row.id,
        name=row.name,
        slug=row.slug,
        space=row.space_id,
        confirmed=tuple(
            # Spend days are UTC, so the day of confirmation is too.
            ConfirmedEstimate(
                each.confirmed_at.date(), each.terms.first, each.terms.end, each.version
            )
            for each in row.facts.estimates
            if each.confirmed_at and each.confirmed_at <= moment
        ),
        first_cost=row.spent.first_day,
        declared=row.case is not None,
        spend=to_cents(spent) if spent else None,
        planned=planned or None,
        waits="pending" in row.states,
        approved="not_approved" not in row.states,
        retracted=row.cases > 0 and row.case is None,
    )


def _approvals(rows: Rows) -> tuple[Approval, ...]:
    """Return every approval that counts, oldest first; names and Spaces are those of the moment.

    Of workloads that ended or were stopped too. Two approvers of one request give one approval: the
    second completes the first.
    """
    found = [
        (decided, row)
        for row in rows.rows
        for decided in row.facts.decisions
        if decided.outcome == Decision.Outcome.APPROVED and decided.at <= rows.known_at
    ]
    labels = dict(Decision.Acknowledgement.choices)
    return tuple(
        Approval(
            decided.id,
            row.id,
            row.name,
            row.slug,
            row.space_id,
            localdate(decided.at),
            decided.acknowledgement != Decision.Acknowledgement.NO_VALUE,
            labels[decided.acknowledgement],
        )
        for decided, row in sorted(found, key=lambda each: (each[0].at, each[0].id))
    )


def _openings(gaps: Iterable[GapFact], rows: Rows, *, everything: bool) -> tuple[Opening, ...]:
    """Return the gaps of workloads that were read; of unclaimed spend for who reads everything."""
    found = []
    for gap in gaps:
        row = rows.by_id.get(gap.workload) if gap.workload else None
        if row is None and (gap.workload or not everything):
            continue
        found.append(
            Opening(
                id=gap.id,
                kind=gap.kind.value,
                key=gap.key,
                name=row.name if row else gap.label,
                # A gap is counted from when it was found: before, nobody could answer it.
                day=localdate(gap.found),
                space=row.space_id if row else None,
                slug=row.slug if row else "",
                actioned=localdate(gap.acted) if gap.acted else None,
                resolved=localdate(gap.resolved) if gap.resolved else None,
                kind_words=gap.kind.label,
            )
        )
    return tuple(found)


# --- the bill -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bill:
    """Positive charges of a month by workload and by class, and its unclaimed groups."""

    attributed: dict[int, Decimal]
    others: dict[SpendClass, Decimal]
    groups: Sequence[UnclaimedGroup]


def _charges(rows: Rows, facts: Facts, period: date, *, by_group: bool) -> Charges:
    basis = spread(rows.basis)
    runs = [run.id for run in facts.runs[rows.known_at] if run.period == period]
    bill = _bill(runs, period, basis, by_group=by_group)
    known = rows.by_id
    attributed = [
        Charged(pk, known[pk].name, known[pk].slug, amount)
        if pk in known
        else Charged(pk, ELSEWHERE, "", amount)
        for pk, amount in bill.attributed.items()
        if amount
    ]
    unclaimed, unclassified, shared = (
        bill.others.get(each, Decimal(0))
        for each in (SpendClass.AI, SpendClass.UNCLASSIFIED, SpendClass.SHARED)
    )
    return Charges(
        period,
        basis,
        tuple(sorted(attributed, key=lambda c: (-c.amount, c.name))),
        (
            *_groups(bill.groups, SpendClass.AI, unclaimed, "Unclaimed AI spend"),
            *_groups(
                bill.groups,
                SpendClass.UNCLASSIFIED,
                unclassified,
                "Unclassified Marketplace spend",
            ),
            *_rest(SpendClass.SHARED, SpendClass.SHARED.label, NO_WEIGHTS, shared),
        ),
    )


def _bill(runs: Sequence[int], period: date, basis: str, *, by_group: bool) -> _Bill:
    """Read a month's totals, and where asked the lines that no workload has: one query."""
    gross = basis.removeprefix("net_")
    lines = DailyLine.objects.none()
    if by_group:
        unclaimed = [SpendClass.AI, SpendClass.UNCLASSIFIED]
        lines = DailyLine.objects.counting().filter(
            period=period, workload=None, spend_class__in=unclaimed
        )
    names = ("spend_class", "tags", "principal", "account", "product_name", "service")
    groups = (
        lines.values(*names)
        .annotate(
            amount=Sum(basis),
            first=Min("day"),
            last=Max("day"),
            given_to=Value(-1, output_field=IntegerField()),
        )
        .values_list(*names, "amount", "first", "last", "given_to")
    )
    text, none = Value("", output_field=CharField()), Value(None, output_field=DateField())
    totals = (
        MonthTotal.objects.filter(run__in=runs, spend_class__in=AI_USAGE)
        .values("spend_class", "workload")
        .annotate(amount=Sum(Coalesce(f"positive_{basis}", f"positive_{gross}")))
        .values_list(
            "spend_class",
            Value(None, output_field=JSONField()),
            text,
            text,
            text,
            text,
            "amount",
            none,
            none,
            Coalesce("workload", Value(0)),
        )
    )
    attributed: dict[int, Decimal] = {}
    others: dict[SpendClass, Decimal] = {}
    listed: list[dict[str, Any]] = []
    keys = (*names, "amount", "first", "last", "given_to")
    for found in groups.union(totals, all=True):
        row = dict(zip(keys, found, strict=True))
        given_to = row.pop("given_to")
        if given_to < 0:
            listed.append(row)
        elif given_to:
            attributed[given_to] = attributed.get(given_to, Decimal(0)) + row["amount"]
        else:
            others[SpendClass(row["spend_class"])] = row["amount"]
    return _Bill(attributed, others, groups_of_rows(listed, basis))


def _groups(
    groups: Iterable[UnclaimedGroup], spend_class: SpendClass, whole: Decimal, name: str
) -> list[Unclaimed]:
    """Return the groups of a class and what they leave of its sum, which is what was frozen.

    Where lines were attributed anew since, groups may say more than the sum: then the sum stands
    alone.
    """
    why = WHY_NOT_ATTRIBUTED[spend_class]
    listed = [
        Unclaimed(group.key, group.label, why, group.amount, group.query, spend_class)
        for group in groups
        if group.spend_class is spend_class
    ]
    left = add([whole, *(each.amount.copy_negate() for each in listed)])
    if left < 0 or not listed:
        return _rest(spend_class, name, why, whole)
    return [*listed, *_rest(spend_class, f"{name}, the rest", NO_GROUP, left)]


def _rest(spend_class: SpendClass, name: str, why: str, amount: Decimal) -> list[Unclaimed]:
    return [Unclaimed("", name, why, amount, spend_class=spend_class)] if amount else []
