"""What a page says of a month's spend: workloads, proofs by basis, statements by export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from django.conf import settings

from cur_ingest.adjustments import Adjustment
from cur_ingest.bases import BASIS_WORDS, named
from cur_ingest.closing import MonthState
from cur_ingest.currencies import CurrencyTotal, totals_by_currency
from cur_ingest.models import AttributionRun, Part
from spaces.models import Workload
from valueboard.lib.figure import Figure, Kind, Source
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
        return actual(add_up(self.of(part).amount for part in parts), self.basis, words)

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


def _rows(proofs: Sequence[Proof]) -> list[ProofRow]:
    return [ProofRow(part, {proof.basis: proof.of(part) for proof in proofs}) for part in Part]


def add_up(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    # Python rounds to 28 digits unless told otherwise; these have up to 38.
    with localcontext(prec=76):
        return sum(amounts, Decimal(0))


def actual(amount: Decimal, basis: str, formula: str, *sources: Source) -> Figure:
    """Return an amount that was measured, by its formula and basis."""
    return Figure(amount, CURRENCY, Kind.ACTUAL, None, f"{formula}, {named(basis)}", sources)
