"""What counts in each measure of Governance Maturity, row by row (METHOD 9). No Django.

A score is nothing but the sum of its rows: each has its part in the numerator and in the
denominator, so what a page lists, what a Space comes to and what a trend keeps are one count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from maturity.evidence import (
    Approval,
    Charged,
    ConfirmedEstimate,
    Evidence,
    Opening,
    Subject,
    Unclaimed,
)
from maturity.score import HUNDRED, Measure, Share, added
from valueboard.lib import formats

ONE, NONE = Decimal(1), Decimal(0)
WINDOW = 120  # days that Gap Response looks back
YES, NO = "counts", "does not count"


@dataclass(frozen=True, slots=True)
class Counted:
    """One row of a measure: its part of numerator and denominator, and why it is that.

    `space` is where it lies, None for what lies in no Space; `of` is what the row is about.
    """

    part: Decimal
    whole: Decimal
    why: str
    of: Subject | Approval | Opening | Charged | Unclaimed
    space: int | None = None

    @property
    def counts(self) -> bool:
        """Tell whether it stands in the numerator."""
        return bool(self.part)

    @property
    def share(self) -> Share:
        """Return it as a share, to be added."""
        return Share(self.part, self.whole)


Rows = dict[Measure, Sequence[Counted]]


def share_of(rows: Iterable[Counted]) -> Share:
    """Return what rows come to."""
    return added(row.share for row in rows)


def attribution(evidence: Evidence) -> Rows:
    """Count the charges of the last closed month: those of workloads, of all there are.

    Unclaimed spend lies in no Space, so no row does: a Space has no Attribution Coverage.
    """
    charges = evidence.charges
    if charges is None:
        return {Measure.ATTRIBUTED: ()}
    given = [Counted(c.amount, c.amount, "given to this workload", c) for c in charges.attributed]
    lacking = [Counted(NONE, u.amount, u.why, u) for u in charges.unclaimed]
    return {Measure.ATTRIBUTED: (*given, *lacking)}


def estimates(evidence: Evidence) -> Rows:
    """Count claimed workloads with an estimate confirmed in time, and with a declared case."""
    in_time = [(subject, *_in_time(subject)) for subject in evidence.subjects]
    backed = [(subject, subject.declared, _why_backed(subject)) for subject in evidence.subjects]
    return {
        Measure.CONFIRMED: [_one(*row) for row in in_time],
        Measure.BACKED: [_one(*row) for row in backed],
        Measure.CONFIRMED_SPEND: _by_spend(in_time),
        Measure.BACKED_SPEND: _by_spend(backed),
    }


def approvals(evidence: Evidence) -> Rows:
    """Count the approvals of the last 12 months: those that acknowledged a declared case."""
    since = a_year_before(evidence.today)
    rows = [
        Counted(
            ONE if approval.acknowledged else NONE,
            ONE,
            approval.words,
            approval,
            approval.space,
        )
        for approval in evidence.approvals
        if since < approval.day <= evidence.today
    ]
    return {Measure.ACKNOWLEDGED: rows}


def accuracy(evidence: Evidence) -> Rows:
    """Count workloads whose spend of the last closed month is near its estimate.

    Only those with both; a month without a charge is no actual, and one without an estimate in
    force no plan.
    """
    return {
        Measure.WITHIN_WALK: _within(evidence, evidence.limits["accuracy.walk_percent"]),
        Measure.WITHIN_RUN: _within(evidence, evidence.limits["accuracy.run_percent"]),
    }


def window(evidence: Evidence) -> tuple[date, date]:
    """Return the first and the last day of opening that Gap Response counts, both included."""
    days = int(evidence.limits["response.days"])
    return evidence.today - timedelta(days=WINDOW), evidence.today - timedelta(days=days)


def response(evidence: Evidence) -> Rows:
    """Count the gaps that were opened long enough ago: those that were resolved in time."""
    days = int(evidence.limits["response.days"])
    first, last = window(evidence)
    due = [o for o in evidence.openings if first <= o.day <= last]
    return {
        Measure.RESOLVED: [
            Counted(ONE if good else NONE, ONE, why, opening, opening.space)
            for opening in due
            for good, why in [_answered(opening.day, opening.resolved, days, "resolved")]
        ],
        Measure.ACTIONED: [
            Counted(ONE if good else NONE, ONE, why, opening, opening.space)
            for opening in due
            for good, why in [_answered(opening.day, opening.actioned, days, "acted on")]
        ],
    }


# --- what counts ----------------------------------------------------------------------------------


def is_in_time(confirmed: Sequence[ConfirmedEstimate], first_cost: date | None) -> bool:
    """Tell whether an estimate was confirmed before the workload's first day with cost.

    A late one stays late until a renewal is confirmed before its own first month: an estimate that
    begins when all funding before it has ended. One that only begins later renews nothing.
    """
    if first_cost is None:
        return bool(confirmed)
    return any(each.day < first_cost for each in confirmed) or any(
        later.first >= max(earlier.end for earlier in confirmed[:place]) and later.day < later.first
        for place, later in enumerate(confirmed)
        if place
    )


def may_come_in_time(subject: Subject) -> bool:
    """Tell whether an estimate that is confirmed now would be in time: nothing was spent yet."""
    return subject.first_cost is None and not subject.confirmed


def is_late(subject: Subject) -> bool:
    """Tell whether only a renewal can be in time any more."""
    return subject.first_cost is not None and not is_in_time(subject.confirmed, subject.first_cost)


def deviation(subject: Subject) -> Decimal | None:
    """Return how far the last closed month is from its estimate, in dollars.

    None without both.
    """
    if not subject.spend or not subject.planned:
        return None
    return abs(subject.spend - subject.planned)


def is_within(subject: Subject, tolerance: Decimal) -> bool:
    """Tell whether a workload with both is within `tolerance` percent of its estimate."""
    off, planned = deviation(subject), subject.planned
    return off is not None and planned is not None and off * HUNDRED <= planned * tolerance


def a_year_before(day: date) -> date:
    """Return the same day of the year before; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _in_time(subject: Subject) -> tuple[bool, str]:
    if is_in_time(subject.confirmed, subject.first_cost):
        return True, "estimate confirmed before the first cost" if subject.first_cost else (
            "estimate confirmed; no cost yet"
        )
    if subject.confirmed:
        return False, (
            "estimate confirmed after the first cost; late until a renewal is confirmed before "
            "its own first month"
        )
    words = "estimate waits for a Financial Admin" if subject.waits else "no confirmed estimate"
    return False, f"{words}, and it has cost already" if subject.first_cost else words


def _why_backed(subject: Subject) -> str:
    if subject.declared:
        return "a declared business case"
    return "its business case was retracted" if subject.retracted else "no declared business case"


def _one(subject: Subject, good: bool, why: str) -> Counted:  # noqa: FBT001 - a row of a table
    return Counted(ONE if good else NONE, ONE, why, subject, subject.space)


def _by_spend(rows: Iterable[tuple[Subject, bool, str]]) -> list[Counted]:
    return [
        Counted(subject.spend if good else NONE, subject.spend, why, subject, subject.space)
        for subject, good, why in rows
        if subject.spend is not None and subject.spend > 0
    ]


def _within(evidence: Evidence, tolerance: Decimal) -> list[Counted]:
    rows = []
    for subject in evidence.subjects:
        if not subject.spend or not subject.planned:
            continue
        good = is_within(subject, tolerance)
        where = "above" if subject.spend > subject.planned else "below"
        number = f"{formats.number(tolerance)}%"
        why = (
            f"within {number} of its estimate"
            if good
            else f"more than {number} {where} its estimate"
        )
        rows.append(_one(subject, good, why))
    return rows


def _answered(opened: date, at: date | None, days: int, word: str) -> tuple[bool, str]:
    if at is None:
        return False, f"not {word}"
    took = (at - opened).days
    length = f"after {took} day{'' if took == 1 else 's'}"
    return took <= days, f"{word} {length}"
