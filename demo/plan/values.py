"""What a plan of an organisation is made of: values and their arithmetic. No Django.

Months are counted from the current one: 0 is this month, −13 the first of the demo, 1 the next.
So the demo never ages: it always ends now.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zlib import crc32

from business_cases.case import CaseTerms
from business_cases.projection import Terms
from valueboard.lib.figure import ValueType
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Step):
    """The workload is stopped."""

    reason: str


# --- what finance does ----------------------------------------------------------------------------


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
class Departure:
    """A product owner leaves a Space, and nobody has thought of what they owned there."""

    when: When
    who: str
    space: str
    reason: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A Financial Admin is away from now on for some days, and lets somebody decide for them."""

    when: When
    who: str
    delegate: str
    days: int
    reason: str
