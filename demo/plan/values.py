"""What a plan of an organisation is made of: values and their arithmetic. No Django.

Months are counted from the current one: 0 is this month, −13 the first of the demo, 1 the next.
So the demo never ages: it always ends now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zlib import crc32

from business_cases.case import CaseTerms
from business_cases.projection import Terms
from valueboard.lib.figure import ValueType
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, month_of

FIRST_MONTH = -13
AGREED, OTHER_REASON, NO_VALUE = "agreed", "other_reason", "no_value"
APPROVED, RETURNED, REJECTED = "approved", "returned", "rejected"


@dataclass(frozen=True, slots=True)
class When:
    """A moment counted from today: so many days ago, or a day of a past month.

    Without an hour it is somewhere in the working day, always the same.
    """

    month: int = 0
    day: int = 1
    days_ago: int | None = None
    hour: int | None = None

    def at(self, today: date) -> datetime:
        """Return the moment, in UTC."""
        if self.days_ago is not None:
            day = today - timedelta(days=self.days_ago)
        else:
            day = add_months(month_of(today), self.month).replace(day=self.day)
        if self.hour is not None:
            return datetime.combine(day, time(self.hour), UTC)
        minutes = crc32(f"{self}".encode()) % (9 * 60)
        return datetime.combine(day, time(8), UTC) + timedelta(minutes=minutes)


def on(month: int, day: int, hour: int | None = None) -> When:
    """Return a day of a past month; days after the 28th do not exist in every month."""
    return When(month, day, hour=hour)


def ago(days: int) -> When:
    """Return a moment so many days before today."""
    return When(days_ago=days)


# --- people and Spaces ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation; `roles` are organisation roles, `owns` and `reads` Spaces."""

    name: str
    roles: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    remark: str = ""

    @property
    def email(self) -> str:
        """Return the address, at a domain that is reserved for examples."""
        return f"{self.name.split()[0].lower()}@example.com"


@dataclass(frozen=True, slots=True)
class PlannedSpace:
    """A Space; `account` is the AWS account that its workloads run in."""

    name: str
    account: str
    parent: str = ""


# --- estimates and cases --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimate terms with months counted from the current one."""

    monthly: Decimal
    growth: Decimal
    first: int
    months: int
    effective: int

    def terms(self, today: date) -> Terms:
        """Return the terms with calendar months."""
        return Terms(
            self.monthly,
            self.growth,
            add_months(month_of(today), self.first),
            self.months,
            add_months(month_of(today), self.effective),
        )

    def revised(self, monthly: str, effective: int, growth: str | None = None) -> "Estimate":
        """Return these terms with another amount from a later month on."""
        return replace(
            self,
            monthly=Decimal(monthly),
            growth=self.growth if growth is None else Decimal(growth),
            effective=effective,
        )


def estimate(monthly: str, growth: str, *, first: int, months: int) -> Estimate:
    """Return first terms: `monthly` dollars growing by `growth` percent a month."""
    return Estimate(Decimal(monthly), Decimal(growth), first, months, first)


def saving(anchor: str, amount: str, percent: str, basis: str, net: str = "yes") -> CaseTerms:
    """Return a Cost Saving case: `anchor` costs `amount` a year today and `percent` of it goes."""
    return CaseTerms(
        value_type=ValueType.COST_SAVING,
        anchor=anchor,
        current_amount=Decimal(amount),
        percent=Decimal(percent),
        period="The last full financial year",
        source=f"General ledger, cost centre {7000 + crc32(anchor.encode()) % 900}",
        basis=basis,
        net_of_review=net,
    )


def revenue(how: str, anchor: str, amount: str, percent: str, basis: str) -> CaseTerms:
    """Return a Revenue Driving case for a stream that earns `amount` a year today.

    `how` is direction and mechanism, such as `grow by conversion`.
    """
    direction, mechanism = how.split(" by ")
    return CaseTerms(
        value_type=ValueType.REVENUE_DRIVING,
        anchor=anchor,
        current_amount=Decimal(amount),
        percent=Decimal(percent),
        period="The last full financial year",
        source="Management report, revenue by stream",
        basis=basis,
        net_of_review="not_known",
        direction=direction,
        mechanism=mechanism,
    )


# --- what happens to a workload -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody does; without `by` it is the product owner."""

    when: When
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft(Step):
    """A request is begun."""

    estimate: Estimate
    case: CaseTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(Step):
    """A request is submitted, or submitted again after its return, with `reason`."""

    estimate: Estimate
    case: CaseTerms | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw(Step):
    """The request is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Step):
    """`who` says something of the request."""

    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Step):
    """A Financial Admin decides on the request; `first` of two where the threshold asks for two."""

    outcome: str = APPROVED
    first: bool = False
    acknowledgement: str = ""
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Step):
    """The workload is added in its Space, without a request."""

    estimate: Estimate
    case: CaseTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Step):
    """A Financial Admin confirms the estimate that waits."""

    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseEstimate(Step):
    """An estimate is appended."""

    estimate: Estimate
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseCase(Step):
    """A case is appended."""

    case: CaseTerms
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractCase(Step):
    """The case is taken back."""

    reason: str


# --- spend ----------------------------------------------------------------------------------------


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
class NameMerge:
    """Finance says that two names of costs stand for one thing."""

    when: When
    name: str
    into: str
    reason: str


@dataclass(frozen=True, slots=True)
class GapRequest:
    """Finance asks a workload's owner for what is missing; `kind` is a kind of gap."""

    when: When
    workload: str
    kind: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A Financial Admin is away from now on for some days, and lets somebody decide for them."""

    when: When
    who: str
    delegate: str
    days: int
    reason: str


# --- common courses -------------------------------------------------------------------------------


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
