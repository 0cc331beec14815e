"""When a gap is there: the conditions of METHOD 8 over what is held, values in and values out.

The job that looks for gaps (`looking`), the re-check when somebody acts, and the dry run of rules
(`trying`) all ask here, so that no two can judge the same facts differently.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import localdate

from allocation_gaps.early import EarlyQuestion
from allocation_gaps.models import GapKind
from business_cases.figures import CURRENCY
from business_cases.portfolio import Holding
from business_cases.standing import score_at
from business_cases.wording import day_words, estimate_note
from valueboard.lib import formats
from valueboard.lib.money import format_money, format_percent, to_cents
from valueboard.lib.months import add_months, month_of

# For how long spend after a stop is a gap: as many months as an end needs without spend (METHOD 3).
AFTER_A_STOP = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A workload and all that its gaps are about.

    `first_day` is its first day with spend, `approved` says that a decision approved its funding,
    `requested` that a request for it waits, `owner_left` why its owner is gone (empty: still
    there), `stopped` the day it was stopped.
    """

    holding: Holding
    approved: bool = False
    requested: bool = False
    first_day: date | None = None
    owner_left: str = ""
    stopped: date | None = None
    early: EarlyQuestion | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds: `over_plan` in percent, the least amount at stake by kind."""

    over_plan: Decimal = Decimal(20)
    minimum: Mapping[str, Decimal] | None = None

    def reached(self, condition: "Condition") -> bool:
        """Tell whether as much is at stake as a gap of the kind needs."""
        return condition.stake >= (self.minimum or {}).get(condition.kind, Decimal(0))


@dataclass(frozen=True, slots=True)
class Condition:
    """A gap as the facts have it; fields as in `GapOpening` and `GapStake`.

    `began` is the moment at which it began anew, where that is recorded.
    """

    kind: GapKind
    key: str
    workload: int | None
    label: str
    since: date
    detail: str
    projected: Decimal | None
    actual: Decimal
    basis: str
    months: int
    excess: Decimal | None = None
    period: date | None = None
    early: bool = False
    group: str = ""
    rule_query: str = ""
    note: str = ""
    waits: bool = False
    began: datetime | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Return what identifies the gap: kind and key."""
        return self.kind.value, self.key

    @property
    def stake(self) -> Decimal:
        """Return the amount that the minimum of its kind is compared with.

        By how much a month went over; else the larger of projected cost and run-rate, where the
        gap is about the workload and not about its spend.
        """
        if self.excess is not None:
            return self.excess
        of_the_plan = self.kind in {GapKind.UNBACKED, GapKind.NO_OWNER}
        return max(self.actual, self.projected or self.actual) if of_the_plan else self.actual


def conditions(
    held: Iterable[Held], closed: Sequence[date], today: date, limits: Limits
) -> set[Condition]:
    """Return the gaps of workloads; `closed` are the closed months, oldest first."""
    found = (each for one in held for each in _of(one, closed, today, limits))
    return {condition for condition in found if limits.reached(condition)}


def _of(held: Held, closed: Sequence[date], today: date, limits: Limits) -> Iterator[Condition]:
    """Yield the gaps of one workload."""
    holding, standing = held.holding, held.holding.standing
    first = held.first_day or today
    cost = score_at(standing.in_force, None, month_of(today), ()).cost
    base = Condition(
        GapKind.UNBACKED,
        str(holding.workload.pk),
        holding.workload.pk,
        holding.workload.name,
        first,
        "",
        cost,
        holding.rate.amount,
        holding.rate.basis,
        holding.rate.months,
        note=estimate_note(standing),
        waits=standing.pending is not None,
    )
    if held.stopped:
        yield from _after_a_stop(held, held.stopped, base, today)
        return
    if holding.ended:
        return
    spends = holding.has_spend
    if standing.declared is None and (standing.estimates or spends):
        yield _unbacked(held, base, today)
    if standing.in_force is None and spends:
        detail = "No estimate in force" if standing.estimates else "No estimate"
        yield replace(base, kind=GapKind.NO_ESTIMATE, detail=detail)
    if spends and not held.approved:
        detail = f"Spend since {day_words(first)}, and no decision approved its funding"
        waits = held.requested
        yield replace(base, kind=GapKind.NOT_APPROVED, detail=detail, waits=waits)
    yield from _over_plan(held, closed, base, limits)
    yield from _funding_ended(held, base)
    if held.owner_left:
        yield replace(base, kind=GapKind.NO_OWNER, since=today, detail=held.owner_left, waits=False)


def _unbacked(held: Held, base: Condition, today: date) -> Condition:
    """Return that it has no case: since the retraction, else the first estimate or spend."""
    standing = held.holding.standing
    base = replace(base, waits=False)
    if standing.case is not None:
        began = standing.case.mark.recorded_at
        detail = "Its case was retracted"
        return replace(base, since=localdate(began), began=began, detail=detail)
    days = [localdate(each.mark.recorded_at) for each in standing.estimates[:1]]
    since = min([*days, held.first_day] if held.first_day else days, default=today)
    return replace(base, since=since, detail="No business case was declared")


def _over_plan(
    held: Held, closed: Sequence[date], base: Condition, limits: Limits
) -> Iterator[Condition]:
    """Yield that the last closed month with an estimate went over it, or else the early question.

    Each month is compared with the estimate that counts for it. A revision in force since then
    answers: one that was confirmed after the month, or that counts for later months only.
    """
    standing, schedule = held.holding.standing, held.holding.standing.in_force
    planned = [each for each in closed if schedule and schedule.terms_for(each)]
    if schedule and planned and (latest := standing.estimate_in_force) and latest.confirmed_at:
        month = planned[-1]
        spent = sum((m.amount for m in held.holding.months if m.period == month), Decimal(0))
        estimate = schedule.cost_over([month])
        after = add_months(month, 1)
        revised = latest.terms.effective > month or localdate(latest.confirmed_at) >= after
        if spent > estimate * (1 + limits.over_plan / 100) and not revised:
            amount, plan = (format_money(to_cents(a), CURRENCY, 2) for a in (spent, estimate))
            above = f", {_percent_above(spent, estimate)} above it" if estimate else ""
            detail = f"{formats.month(month)} came to {amount}; its estimate was {plan}{above}"
            excess = to_cents(spent - estimate)
            yield replace(
                base,
                kind=GapKind.OVER_PLAN,
                since=after,
                detail=detail,
                excess=excess,
                period=month,
            )
            return
    if question := held.early:
        yield replace(
            base,
            kind=GapKind.OVER_PLAN,
            since=question.mark.day,
            detail=question.words,
            early=True,
        )


def _percent_above(spent: Decimal, estimate: Decimal) -> str:
    return format_percent(((spent / estimate - 1) * 100).quantize(Decimal("0.1")))


def _funding_ended(held: Held, base: Condition) -> Iterator[Condition]:
    """Yield that there is spend after the last funded month."""
    schedule = held.holding.standing.in_force
    if schedule is None:
        return
    end = schedule.current.end
    after = [m.period for m in held.holding.months if m.period >= end and m.amount > 0]
    if after:
        last = add_months(end, -1)
        detail = (
            f"Spend in {formats.month(after[-1])}; its last funded month was {formats.month(last)}"
        )
        yield replace(base, kind=GapKind.FUNDING_ENDED, since=after[0], detail=detail)


def _after_a_stop(held: Held, day: date, base: Condition, today: date) -> Iterator[Condition]:
    """Yield that a stopped workload goes on spending: stopping it hides nothing."""
    begin = max(add_months(month_of(day), 1), add_months(month_of(today), -AFTER_A_STOP))
    after = [m.period for m in held.holding.months if m.period >= begin and m.amount > 0]
    if after:
        detail = f"Spend in {formats.month(after[-1])}; it was stopped on {day_words(day)}"
        yield replace(base, kind=GapKind.FUNDING_ENDED, since=after[0], detail=detail)


def why_gone(kind: str, held: Held | None) -> str:
    """Say why a gap is resolved, from the facts that resolved it."""
    if kind == GapKind.UNCLAIMED:
        return "Rules give this spend to workloads by now, or there is none of it any more."
    if held is None:
        return "The workload is not claimed any more."
    if held.stopped and kind != GapKind.FUNDING_ENDED:
        return f"The workload was stopped on {day_words(held.stopped)}."
    if held.holding.ended:
        return "The workload ended: its funding is over, and three closed months had no spend."
    standing = held.holding.standing
    words = {
        GapKind.UNBACKED: f"A business case is declared, v{len(standing.cases)}."
        if standing.declared
        else "",
        GapKind.NO_ESTIMATE: "An estimate is in force." if standing.in_force else "",
        GapKind.NOT_APPROVED: "A decision approved its funding." if held.approved else "",
        GapKind.OVER_PLAN: "A closed month was within its estimate, or a revised one is in force.",
        GapKind.FUNDING_ENDED: "Its funding was renewed, or there is no spend after its end.",
        GapKind.NO_OWNER: "" if held.owner_left else "Its product owner is there.",
    }
    return words[GapKind(kind)] or "Its amount fell below the least one of its kind, or to nothing."
