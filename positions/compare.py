"""Two moments beside each other: what moved, by how much, and why. Nothing is asked here.

Each difference is taken apart in one fixed order (docs/method.md 6), so that the parts add up to
it: what time brought first, then what people changed. Differences are derived figures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from business_cases.case import CaseTerms
from business_cases.facts import NO_SPEND, Facts, Spent
from business_cases.moment import Moment, actual_of, run_rate_of, score_actual
from business_cases.projection import Schedule
from business_cases.standing import NOT_SCORED, UNBACKED, Lens, Score, score_at
from positions.causes import Cause, Move
from positions.query import BANDS
from positions.row import Row
from positions.rows import Rows
from spaces.models import WorkloadState
from valueboard.lib.figure import ValueType

ZERO = Decimal(0)
RANKED = BANDS[: BANDS.index(UNBACKED)]


class Part(NamedTuple):
    """What one cause did to an amount."""

    cause: Cause
    amount: Decimal


class Delta(NamedTuple):
    """An amount at two moments; `parts` add up to the difference. None: there was no figure."""

    before: Decimal | None
    after: Decimal | None
    parts: tuple[Part, ...]

    @property
    def amount(self) -> Decimal:
        """Return the difference."""
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True)
class Mover:
    """A workload at two moments; a row is None where it was not among those compared.

    `opportunities` are by value type: where the type changed, one ends and the other begins, and
    nothing is subtracted. `came_or_went` says why it is new or gone.
    """

    move: Move
    before: Row | None
    after: Row | None
    projected: Delta
    run_rate: Delta
    opportunities: dict[ValueType, Delta]
    came_or_went: Cause | None = None

    @cached_property
    def why(self) -> tuple[Cause, ...]:
        """Return what moved the band, or why it is new or gone."""
        if self.before and self.after:
            return _why(self.before, self.after)
        return (self.came_or_went,) if self.came_or_went else ()

    @property
    def row(self) -> Row:
        """Return the row that says what it is called: the later one where there is one."""
        row = self.after or self.before
        if row is None:
            message = "A workload is at one of the moments."
            raise ValueError(message)
        return row

    @property
    def changed(self) -> bool:
        """Tell whether anything is other than it was."""
        deltas = (self.projected, self.run_rate, *self.opportunities.values())
        return self.move is not Move.SAME or any(delta.amount for delta in deltas)


@dataclass(frozen=True)
class Comparison:
    """What moved between two sets of rows: every workload of either, largest change first."""

    before: Rows
    after: Rows
    all: tuple[Mover, ...]

    @cached_property
    def changed(self) -> tuple[Mover, ...]:
        """Return those of which anything is other than it was."""
        return tuple(each for each in self.all if each.changed)

    @cached_property
    def counts(self) -> dict[Move, int]:
        """Return how many made each move."""
        counted = Counter(each.move for each in self.all)
        return {move: counted[move] for move in Move if counted[move]}

    @cached_property
    def by_id(self) -> dict[int, Mover]:
        """Return them by the id of their workload."""
        return {each.row.id: each for each in self.all}

    @cached_property
    def projected(self) -> Delta:
        """Return the difference of all projected cost, by cause."""
        return _summed(each.projected for each in self.all)

    @cached_property
    def run_rate(self) -> Delta:
        """Return the difference of all yearly run-rates, by cause."""
        return _summed(each.run_rate for each in self.all)

    @cached_property
    def opportunities(self) -> dict[ValueType, Delta]:
        """Return the difference of each kind of declared dollars, by cause."""
        return {
            value_type: _summed(
                each.opportunities[value_type]
                for each in self.all
                if value_type in each.opportunities
            )
            for value_type in ValueType
        }


def compare(before: Rows, after: Rows, facts: Facts) -> Comparison:
    """Compare the rows of two moments of `facts`, both chosen by one query."""
    movers = [
        _mover(before.by_id.get(pk), after.by_id.get(pk), before, after, facts)
        for pk in {**before.by_id, **after.by_id}
    ]
    movers.sort(key=lambda each: (-abs(each.projected.amount), each.row.name, each.row.id))
    return Comparison(before, after, tuple(movers))


def _mover(before: Row | None, after: Row | None, then: Rows, now: Rows, facts: Facts) -> Mover:
    if before and after:
        return Mover(
            _move(before, after),
            before,
            after,
            _projected(before, after),
            _run_rate(before, after, facts),
            _opportunities(before, after),
        )
    if after:
        was = Row.of(facts, after.facts, then.at)
        return _one_sided(Move.NEW, after, _why_new(was, then.inside))
    if before is None:
        message = "A workload is at one of the moments."
        raise ValueError(message)
    is_now = Row.of(facts, before.facts, now.at)
    return _one_sided(Move.GONE, before, _why_gone(is_now, now.inside))


def _move(before: Row, after: Row) -> Move:
    was, now = before.band, after.band
    if was != now and now == UNBACKED:
        return Move.UNBACKED
    if was != now and now == NOT_SCORED:
        return Move.UNSCORED
    if was != now and was not in RANKED:
        return Move.SCORED
    if _is_retyped(before, after):
        return Move.RETYPED
    if was == now:
        return Move.SAME
    return Move.UP if RANKED.index(now) < RANKED.index(was) else Move.DOWN


def _is_retyped(before: Row, after: Row) -> bool:
    """Tell whether both declare, and unlike dollars: nothing is compared then (METHOD 3)."""
    return bool(before.case and after.case) and before.value_type is not after.value_type


# --- workloads that came and went -----------------------------------------------------------------


def _why_new(then: Row | None, inside: frozenset[int] | None) -> Cause:
    """Return why a row was not there before; `then` is what the workload was."""
    if then is None:
        return Cause.ADDED
    if then.state == WorkloadState.PROPOSED:
        return Cause.CLAIMED
    if not then.on_map:
        return Cause.RESUMED
    return _elsewhere(then, inside)


def _why_gone(now: Row | None, inside: frozenset[int] | None) -> Cause:
    """Return why a row is there no more: the act that stopped it before what came of it."""
    if now is None or now.state == WorkloadState.STOPPED:
        return Cause.STOPPED
    return Cause.ENDED if now.ended else _elsewhere(now, inside)


def _elsewhere(row: Row, inside: frozenset[int] | None) -> Cause:
    """Return why a workload that is on the map was not chosen; `inside` are the chosen Spaces."""
    outside = inside is not None and row.space_id not in inside
    return Cause.MOVED if outside else Cause.FILTERED


def _one_sided(move: Move, row: Row, why: Cause) -> Mover:
    """Return a workload that is on one side alone: all of each figure, by one cause."""

    def delta(amount: Decimal | None) -> Delta:
        return _of_one(None, amount, why) if move is Move.NEW else _of_one(amount, None, why)

    new = move is Move.NEW
    return Mover(
        move,
        None if new else row,
        row if new else None,
        delta(row.p),
        delta(_yearly(row)),
        {row.value_type: delta(row.o)} if row.value_type else {},
        why,
    )


def _of_one(before: Decimal | None, after: Decimal | None, cause: Cause) -> Delta:
    amount = (after or ZERO) - (before or ZERO)
    return Delta(before, after, (Part(cause, amount),) if amount else ())


# --- amounts --------------------------------------------------------------------------------------


def _projected(before: Row, after: Row) -> Delta:
    """Growth: the first estimates at the second month. Then the estimates that came since."""
    grown = before.schedule.year_at(after.at.month).cost if before.schedule else None
    steps = ((Cause.GROWTH, grown), (Cause.ESTIMATE, after.p))
    return _stepwise(before.p, steps)


def _opportunities(before: Row, after: Row) -> dict[ValueType, Delta]:
    """Only the case changes what is declared; another value type is no difference."""
    cause = _why_case(before, after)
    return {
        each: _of_one(
            before.o if before.value_type is each else None,
            after.o if after.value_type is each else None,
            cause,
        )
        for each in ValueType
        if each in {before.value_type, after.value_type}
    }


def _run_rate(before: Row, after: Row, facts: Facts) -> Delta:
    """Restated: the first months by the later runs. Then other months, then another basis."""
    later = facts.spend[after.at.known_at, before.at.basis].get(after.id, NO_SPEND)
    restated = _rate_over(later, before.at)
    moved = _rate_over(later, after.at)
    steps = (
        (Cause.ATTRIBUTION, restated),
        (Cause.MONTHS, moved),
        (Cause.BASIS, _yearly(after)),
    )
    return _stepwise(_yearly(before), steps)


def _rate_over(spent: Spent, at: Moment) -> Decimal | None:
    rate = run_rate_of(spent, at)
    return rate.amount if rate.months and spent.amounts else None


def _yearly(row: Row) -> Decimal | None:
    """Return the run-rate where it is scaled to a year: a month to date is no yearly figure."""
    return row.rate.amount if row.rate.months and row.spent.amounts else None


def _stepwise(before: Decimal | None, steps: Sequence[tuple[Cause, Decimal | None]]) -> Delta:
    parts, amount = [], before
    for cause, reached in steps:
        step = (reached or ZERO) - (amount or ZERO)
        if step:
            parts.append(Part(cause, step))
        amount = reached
    return Delta(before, amount, tuple(parts))


def _summed(deltas: Iterable[Delta]) -> Delta:
    before, after, parts = ZERO, ZERO, dict.fromkeys(Cause, ZERO)
    for delta in deltas:
        before, after = before + (delta.before or ZERO), after + (delta.after or ZERO)
        for part in delta.parts:
            parts[part.cause] += part.amount
    return Delta(before, after, tuple(Part(c, amount) for c, amount in parts.items() if amount))


# --- bands ----------------------------------------------------------------------------------------


def _why(before: Row, after: Row) -> tuple[Cause, ...]:
    """Return what moved the band; between scores of unlike dollars it is the case alone."""
    if _move(before, after) is Move.RETYPED:
        return (Cause.CASE,)
    return tuple(_why_band(before, after))


def _why_case(before: Row, after: Row) -> Cause:
    if after.case is None:
        return Cause.RETRACTED
    return Cause.CASE if before.case else Cause.DECLARED


def _why_band(before: Row, after: Row) -> Iterator[Cause]:
    """Yield what moved the band: each substitution, in the order of causes, after which it differs.

    Growth is the month, then the estimates, the case, the spend (under the lens of actual spend)
    and the bounds of the later moment.
    """
    then, now = before.at, after.at
    band = before.band
    schedule, case = before.schedule, before.case
    spent, closed = before.spent, then
    at = replace(then, month=now.month)
    for cause in (Cause.GROWTH, Cause.ESTIMATE, Cause.CASE, Cause.ATTRIBUTION, Cause.BOUNDS):
        if cause is Cause.ESTIMATE:
            schedule = after.schedule
        elif cause is Cause.CASE:
            case = after.case
        elif cause is Cause.ATTRIBUTION:
            spent, closed = after.spent, now
        elif cause is Cause.BOUNDS:
            at = replace(at, bounds=now.bounds)
        if at.lens is Lens.PLANNED:
            score: Score = score_at(schedule, case, at.month, at.bounds)
        else:
            score = _against_actual(schedule, case, spent, closed, at)
        if score.band != band:
            yield _why_case(before, after) if cause is Cause.CASE else cause
            band = score.band


def _against_actual(
    schedule: Schedule | None, case: CaseTerms | None, spent: Spent, closed: Moment, at: Moment
) -> Score:
    year = schedule.year_at(at.month) if schedule else None
    return score_actual(case, actual_of(schedule, spent, closed.closed), at.bounds, year)
