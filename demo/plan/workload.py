"""A planned workload: what happens to it, what it spends and which rules give it its spend."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from business_cases.case import CaseTerms
from demo.plan.values import (
    AGREED,
    FIRST_MONTH,
    Add,
    Confirm,
    Decide,
    Estimate,
    ReviseEstimate,
    Step,
    Submit,
    When,
)
from valueboard.lib.money import to_cents


@dataclass(frozen=True, slots=True)
class Spend:
    """What the cloud bill charges a month: `monthly` dollars from `first` on, growing.

    `last` is the last month with spend. `changes` multiply from a month on. The bill of a real
    month is never round, so each month is up to 3 % off, always by the same amount. `service` names
    the way of spending (see `cur_ingest`); `first_day` is the first day with spend in `first`.
    """

    service: str
    monthly: Decimal
    growth: Decimal
    first: int
    last: int | None = None
    first_day: int = 1
    changes: tuple[tuple[int, Decimal], ...] = ()

    def amount(self, month: int, name: str) -> Decimal:
        """Return the charges of a whole month, to the cent; 0 before and after."""
        if month < max(self.first, FIRST_MONTH) or (self.last is not None and month > self.last):
            return Decimal(0)
        amount = self.monthly * (1 + self.growth / 100) ** (month - self.first)
        for since, factor in self.changes:
            if month >= since:
                amount *= factor
        off = crc32(f"{name} {month}".encode()) % 61 - 30
        return to_cents(amount * (1000 + off) / 1000)


def planned(
    terms: Estimate,
    service: str,
    factor: str = "1",
    *,
    first: int | None = None,
    last: int | None = None,
    first_day: int = 1,
    changes: tuple[tuple[int, Decimal], ...] = (),
) -> Spend:
    """Return spend that follows an estimate, times `factor`."""
    return Spend(
        service,
        terms.monthly * Decimal(factor),
        terms.growth,
        terms.first if first is None else first,
        last,
        first_day,
        changes,
    )


@dataclass(frozen=True, slots=True)
class RulePlan:
    """How finance attributes a workload's spend: by its tag unless something else is given."""

    account: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class PlannedWorkload:
    """One AI workload: what it is, all that happens to it, and what it spends.

    `band` and `multiple` are what the board shows of it today; an empty band stands for a workload
    that is not on the map.
    """

    name: str
    purpose: str
    space: str
    owner: str
    steps: tuple[Step, ...]
    spend: tuple[Spend, ...] = ()
    rule: RulePlan | None = RulePlan()
    band: str = ""
    multiple: str = ""

    @property
    def slug(self) -> str:
        """Return the tag's value, which is the workload's address."""
        return self.name.lower().replace(" ", "-")

    def amount(self, month: int) -> Decimal:
        """Return what the bill charges this workload in a whole month."""
        return sum((part.amount(month, self.slug) for part in self.spend), Decimal(0))

    def estimates(self) -> Iterator[Estimate]:
        """Yield every estimate in the order of recording."""
        for step in self.steps:
            if isinstance(step, (Submit, Add, ReviseEstimate)):
                yield step.estimate


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """AI spend that no rule gives to a workload; `principal` is who called, empty for nobody."""

    spend: Spend
    account: str
    principal: str = ""

    def amount(self, month: int) -> Decimal:
        """Return what the bill charges in a whole month."""
        return self.spend.amount(month, self.principal or self.account)


@dataclass(frozen=True, slots=True)
class Shared:
    """AI spend that finance splits among workloads: `shares` are their names and percentages."""

    spend: Spend
    account: str
    principal: str
    shares: tuple[tuple[str, int], ...]
    when: When
    reason: str

    def amount(self, month: int) -> Decimal:
        """Return what the bill charges in a whole month."""
        return self.spend.amount(month, self.principal)

    def part(self, month: int, name: str) -> Decimal:
        """Return a workload's part of a month."""
        return self.amount(month) * dict(self.shares).get(name, 0) / 100


@dataclass(frozen=True, slots=True)
class ForeignBill:
    """A second payer, billed in another currency since `first`, of which `ai` nobody has claimed.

    `rate` is what a unit of `currency` was in the first month; finance recorded it `when`.
    """

    name: str
    payer: str
    account: str
    currency: str
    first: int
    ai: Unclaimed
    rate: Decimal
    when: When
    reason: str


def requested(
    submitted: When,
    decided: When,
    terms: Estimate,
    case: CaseTerms | None,
    rationale: str,
    *,
    by: str,
    acknowledgement: str = AGREED,
) -> tuple[Step, ...]:
    """Return the steps of a request that was approved at the first attempt."""
    return (
        Submit(submitted, estimate=terms, case=case),
        Decide(decided, by, acknowledgement=acknowledgement, rationale=rationale),
    )


def added(
    recorded: When,
    confirmed: When,
    terms: Estimate,
    case: CaseTerms | None,
    rationale: str,
    *,
    by: str,
) -> tuple[Step, ...]:
    """Return the steps of a workload added in its Space, with its estimate confirmed later."""
    return (
        Add(recorded, estimate=terms, case=case),
        Confirm(confirmed, by, rationale=rationale),
    )
