"""When a gap is there: the conditions of METHOD 8 over what is held, values in and values out.

The job that looks for gaps (`looking`), the re-check when somebody acts, and the dry run of rules
(`trying`) all ask here, so that no two can judge the same facts differently.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import localdate

from allocation_gaps.early import EarlyQuestion
from allocation_gaps.models import GapKind
from approvals.models import Decision
from business_cases.figures import CURRENCY
from business_cases.moment import Moment
from business_cases.position import Position
from business_cases.wording import day_words, estimate_note
from spaces.models import WorkloadState
from valueboard.lib import formats
from valueboard.lib.money import format_money, format_percent, to_cents
from valueboard.lib.months import add_months, month_of

# For how long spend after a stop is a gap: as many months as an end needs without spend (METHOD 3).
AFTER_A_STOP = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A workload and all that its gaps are about.

    `requested` says that a request for it waits, `owner_left` why its owner is gone (empty: still
    there).
    """

    position: Position
    requested: bool = False
    owner_left: str = ""
    early: EarlyQuestion | None = None

    @property
    def approved(self) -> bool:
        """Tell whether a decision approved its funding."""
        approved, moment = Decision.Outcome.APPROVED, self.position.at.known_at
        made = self.position.facts.decisions
        return any(each.outcome == approved and each.at <= moment for each in made)

    @property
    def stopped(self) -> date | None:
        """Return the day it was stopped."""
        moment = self.position.at.known_at
        found = (p.at for p in self.position.facts.placements if p.state == WorkloadState.STOPPED)
        return next((localdate(at) for at in found if at <= moment), None)


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


def conditions(held: Iterable[Held], at: Moment, limits: Limits) -> set[Condition]:
    """Return the gaps of workloads, all as they are at one moment."""
    found = (each for one in held for each in _of(one, at, limits))
    return {condition for condition in found if limits.reached(condition)}


def _of(held: Held, at: Moment, limits: Limits) -> Iterator[Condition]:
    """Yield the gaps of one workload."""
    position, standing = held.position, held.position.standing
    first = position.spent.first_day or at.today
    base = Condition(
        GapKind.UNBACKED,
        str(position.id),
        position.id,
        position.name,
        first,
        "",
        position.p,
        position.rate.amount,
        position.rate.basis,
        position.rate.months,
        note=estimate_note(standing),
        waits=standing.pending is not None,
    )
    if stopped := held.stopped:
        yield from _after_a_stop(held, stopped, base)
        return
    if position.ended:
        return
    spends = position.has_spend
    if position.case is None and (position.estimates or spends):
        yield _unbacked(held, base)
    if position.schedule is None and spends:
        detail = "No estimate in force" if position.estimates else "No estimate"
        yield replace(base, kind=GapKind.NO_ESTIMATE, detail=detail)
    if spends and not held.approved:
        detail = f"Spend since {day_words(first)}, and no decision approved its funding"
        waits = held.requested
        yield replace(base, kind=GapKind.NOT_APPROVED, detail=detail, waits=waits)
    yield from _over_plan(held, base, limits)
    yield from _funding_ended(held, base)
    if held.owner_left:
        detail = held.owner_left
        yield replace(base, kind=GapKind.NO_OWNER, since=at.today, detail=detail, waits=False)


def _unbacked(held: Held, base: Condition) -> Condition:
    """Return that it has no case: since the retraction, else the first estimate or spend."""
    position, standing = held.position, held.position.standing
    base = replace(base, waits=False)
    if standing.case is not None:
        began = standing.case.mark.recorded_at
        detail = "Its case was retracted"
        return replace(base, since=localdate(began), began=began, detail=detail)
    days = [localdate(each.mark.recorded_at) for each in standing.estimates[:1]]
    if position.spent.first_day:
        days.append(position.spent.first_day)
    since = min(days, default=position.at.today)
    return replace(base, since=since, detail="No business case was declared")


def _over_plan(held: Held, base: Condition, limits: Limits) -> Iterator[Condition]:
    """Yield that the last closed month with an estimate went over it, or else the early question.

    Each month is compared with the estimate that counts for it. A revision in force since then
    answers: one that was confirmed after the month, or that counts for later months only.
    """
    position, schedule = held.position, held.position.schedule
    planned = [each for each in position.at.closed if schedule and schedule.terms_for(each)]
    latest = position.standing.estimate_in_force
    if schedule and planned and latest and latest.confirmed_at:
        month = planned[-1]
        spent = position.spent.amounts.get(month, Decimal(0))
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
    schedule = held.position.schedule
    if schedule is None:
        return
    end = schedule.current.end
    after = _spent_since(held, end)
    if after:
        last = add_months(end, -1)
        detail = (
            f"Spend in {formats.month(after[-1])}; its last funded month was {formats.month(last)}"
        )
        yield replace(base, kind=GapKind.FUNDING_ENDED, since=after[0], detail=detail)


def _spent_since(held: Held, month: date) -> list[date]:
    """Return the months from one on with spend, oldest first."""
    amounts = held.position.spent.amounts
    return sorted(each for each, amount in amounts.items() if each >= month and amount > 0)


def _after_a_stop(held: Held, day: date, base: Condition) -> Iterator[Condition]:
    """Yield that a stopped workload goes on spending: stopping it hides nothing."""
    begin = max(add_months(month_of(day), 1), add_months(held.position.at.month, -AFTER_A_STOP))
    after = _spent_since(held, begin)
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
    if held.position.ended:
        return "The workload ended: its funding is over, and three closed months had no spend."
    position = held.position
    words = {
        GapKind.UNBACKED: f"A business case is declared, v{position.cases}."
        if position.case
        else "",
        GapKind.NO_ESTIMATE: "An estimate is in force." if position.schedule else "",
        GapKind.NOT_APPROVED: "A decision approved its funding." if held.approved else "",
        GapKind.OVER_PLAN: "A closed month was within its estimate, or a revised one is in force.",
        GapKind.FUNDING_ENDED: "Its funding was renewed, or there is no spend after its end.",
        GapKind.NO_OWNER: "" if held.owner_left else "Its product owner is there.",
    }
    return words[GapKind(kind)] or "Its amount fell below the least one of its kind, or to nothing."
