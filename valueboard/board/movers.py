"""What moved between two dates, in words and signed figures: arrows never stand alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from business_cases.figures import CURRENCY
from positions.cards import Fact
from positions.compare import Comparison, Delta, Move, Mover
from positions.reader import Tree
from positions.rows import Row
from valueboard.lib import formats
from valueboard.lib.figure import Figure, Kind, ValueType
from valueboard.lib.formats import MINUS
from valueboard.lib.money import compact_money, format_money, format_percent
from valueboard.lib.palette import LOOK_OF

MOST_MOVERS = 100
SIGNS = {
    Move.UP: "▲",
    Move.DOWN: "▼",
    Move.NEW: "+",
    Move.GONE: MINUS,
    Move.UNBACKED: "?",
    Move.SCORED: "●",
    Move.UNSCORED: "○",
    Move.SAME: "=",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of dollars at two dates: both figures, the difference, and what brought it about."""

    label: str
    before: Figure | None
    after: Figure | None
    change: Figure
    causes: Sequence[tuple[Figure, str]]


@dataclass(frozen=True, slots=True)
class MoverLine:
    """A workload that moved: where from, where to, why, and its amounts."""

    name: str
    url: str
    path: str
    sign: str
    move: str
    before: Row | None
    after: Row | None
    why: str
    amounts: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Movers:
    """All that moved since a day: other bands first, then the largest change of projected cost."""

    since: date
    counts: Sequence[tuple[str, str, int]]
    totals: Sequence[Difference]
    lines: Sequence[MoverLine]
    more: int


def movers_of(comparison: Comparison, since: date, tree: Tree) -> Movers:
    """Put a comparison into words."""
    changed = sorted(comparison.changed, key=lambda each: each.move is Move.SAME)
    return Movers(
        since=since,
        counts=[(SIGNS[move], move.label, n) for move, n in comparison.counts.items()],
        totals=[
            _difference("Projected annual cost", comparison.projected, Kind.PROJECTED),
            *(
                _difference(
                    f"Declared: {each.label}", comparison.opportunity(each), Kind.DECLARED, each
                )
                for each in ValueType
            ),
            _difference("Actual run-rate", comparison.run_rate, Kind.ACTUAL),
        ],
        lines=[_line(each, tree) for each in changed[:MOST_MOVERS]],
        more=max(0, len(changed) - MOST_MOVERS),
    )


def _line(mover: Mover, tree: Tree) -> MoverLine:
    row = mover.row
    return MoverLine(
        name=row.name,
        url=row.url,
        path=tree.path(row.space_id),
        sign=SIGNS[mover.move],
        move=mover.move.label,
        before=mover.before,
        after=mover.after,
        why=_why(mover),
        amounts=list(_amounts(mover)),
    )


def _why(mover: Mover) -> str:
    return ", then ".join(cause.label for cause in mover.why)


def _amounts(mover: Mover) -> Iterator[Difference]:
    """Yield each kind of dollars that changed."""
    if mover.projected.amount:
        yield _difference("Projected", mover.projected, Kind.PROJECTED)
    for each, delta in mover.opportunities.items():
        if delta.amount:
            yield _difference(f"Declared {each.label}", delta, Kind.DECLARED, each)
    if mover.run_rate.amount:
        yield _difference("Run-rate", mover.run_rate, Kind.ACTUAL)


def _difference(
    label: str, delta: Delta, kind: Kind, value_type: ValueType | None = None
) -> Difference:
    def of(amount: Decimal | None) -> Figure | None:
        return None if amount is None else Figure(amount, CURRENCY, kind, value_type)

    def derived(amount: Decimal) -> Figure:
        return Figure(amount, CURRENCY, Kind.DERIVED, value_type, formula="Later − earlier")

    return Difference(
        label,
        of(delta.before),
        of(delta.after),
        derived(delta.amount),
        [(derived(part.amount), part.cause.label) for part in delta.parts],
    )


def change_words(delta: Delta, since: date) -> str:
    """Say a difference beside a figure: `▲ 6.2% on 30 Sep 2026 ($3.49M)`."""
    day = formats.day(since)
    if not delta.amount:
        return f"as on {day}"
    arrow = "▲ " if delta.amount > 0 else f"▼ {MINUS}"
    base = compact_money(delta.before or Decimal(0), CURRENCY)
    if not delta.before:
        return f"▲ from {base} on {day}"
    percent = format_percent(abs(delta.amount) / abs(delta.before) * 100, 1)
    return f"{arrow}{percent} on {day} ({base})"


def changed_facts(comparison: Comparison, since: date) -> dict[int, tuple[Fact, ...]]:
    """Return what cards say of each workload that changed, by its id."""
    day = formats.day(since)
    return {mover.row.id: tuple(_facts(mover, day)) for mover in comparison.changed if mover.after}


def _facts(mover: Mover, day: str) -> Iterator[Fact]:
    if mover.move is Move.SAME:
        yield Fact(f"Since {day}", "same band")
    else:
        was = f" from {LOOK_OF[mover.before.band].short}" if mover.before else ""
        yield Fact(f"Since {day}", f"{SIGNS[mover.move]} {mover.move.label}{was}", _why(mover))
    for each in _amounts(mover):
        sign = "+" if each.change.amount > 0 else ""
        causes = ", ".join(cause for _, cause in each.causes)
        yield Fact(each.label, f"{sign}{format_money(each.change.amount, CURRENCY, 2)}", causes)
