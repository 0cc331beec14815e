"""What Governance Maturity is scored from, as known at one moment. No Django.

Plain values: whoever reads them from the database, or makes them up in a test, scores them alike.
Spend days are UTC; all other days are those of the organisation's time zone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ConfirmedEstimate:
    """An estimate that came into force on `day` (UTC): its first funded month, and the one after.

    `version` counts the workload's estimates; 0 is one that the what-if makes up.
    """

    day: date
    first: date
    end: date
    version: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """A claimed workload that has not ended.

    `spend` is what it was charged in the last closed month, None where nothing was; `planned` the
    cost of that month by the estimate that counts for it, None where none does. `first_cost` is its
    first day with a charge above 0. `waits` says that an estimate waits for a Financial Admin,
    `approved` that its funding ever was.
    """

    id: int
    name: str
    slug: str
    space: int
    confirmed: tuple[ConfirmedEstimate, ...] = ()
    first_cost: date | None = None
    declared: bool = False
    spend: Decimal | None = None
    planned: Decimal | None = None
    waits: bool = False
    approved: bool = False
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of a workload's funding, by one approver or two; `id` is the decision's.

    `acknowledged` says that it was of a declared case, agreed with or not.
    """

    id: int
    workload: int
    name: str
    slug: str
    space: int
    day: date
    acknowledged: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A gap that was found on a day, and what became of it by the moment.

    `space` and `slug` are those of its workload; unclaimed spend has none.
    """

    id: int
    kind: str
    key: str
    name: str
    day: date
    space: int | None = None
    slug: str = ""
    actioned: date | None = None
    resolved: date | None = None
    kind_words: str = ""


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Charges of the last closed month that no workload has: a group that one rule could claim.

    An empty `key` is a sum of its class that nothing is made a rule of, or what the groups leave
    of it.
    """

    key: str
    name: str
    why: str
    amount: Decimal
    query: str = ""
    spend_class: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """A workload and its positive AI usage charges of the last closed month."""

    workload: int
    name: str
    slug: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Charges:
    """The positive AI usage charges of the last closed month, in `basis`: all of them."""

    period: date
    basis: str
    attributed: tuple[Charged, ...] = ()
    unclaimed: tuple[Unclaimed, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a score rests on.

    `limits` are the thresholds of the day without their prefix `maturity.`: `attribution.walk`.
    `period` is the last closed month, None while none is; `basis` the cost basis of spend.
    """

    today: date
    limits: Mapping[str, Decimal]
    charges: Charges | None = None
    subjects: tuple[Subject, ...] = ()
    approvals: tuple[Approval, ...] = ()
    openings: tuple[Opening, ...] = ()
    period: date | None = None
    basis: str = ""

    def inside(self, spaces: Collection[int]) -> "Evidence":
        """Return what lies in some Spaces: no unclaimed spend does, so no charges are left."""
        return replace(
            self,
            charges=None,
            subjects=tuple(s for s in self.subjects if s.space in spaces),
            approvals=tuple(a for a in self.approvals if a.space in spaces),
            openings=tuple(o for o in self.openings if o.space in spaces),
        )
