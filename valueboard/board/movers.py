"""What moved between two dates, in words and signed figures: arrows never stand alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from business_cases.figures import CURRENCY
from positions.cards import Fact
from positions.causes import Cause, Move
from positions.compare import Comparison, Delta, Mover
from positions.explain.moves import MOVING, delta_of, moved_about
from positions.reader import Tree
from positions.rows import Row
from valueboard.lib import formats
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, Made
from valueboard.lib.formats import MINUS
from valueboard.lib.money import compact_money, format_money, format_percent
from valueboard.lib.palette import LOOK_OF

MOST_MOVERS = 100
ALL = ("projected", "cost_saving", "revenue_driving", "run_rate")
OF_ONE = {
    "projected": "Projected",
    "cost_saving": "Declared Cost Saving",
    "revenue_driving": "Declared Revenue Driving",
    "run_rate": "Run-rate",
}
SIGNS = {
    Move.UP: "▲",
    Move.DOWN: "▼",
    Move.NEW: "+",
    Move.GONE: MINUS,
    Move.UNBACKED: "?",
    Move.SCORED: "●",
    Move.UNSCORED: "○",
    Move.RETYPED: "≠",
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

    @property
    def is_more_than_run_rate(self) -> bool:
        """Tell whether its band changed, or what is declared or projected."""
        planned = any(each.label != OF_ONE["run_rate"] for each in self.amounts)
        return planned or self.sign != SIGNS[Move.SAME]


@dataclass(frozen=True, slots=True)
class Movers:
    """All that moved since a day: other bands first, then the largest change of projected cost.

    Of `steady` nothing but the run-rate changed, as each month it does; `more` moved beyond both.
    """

    since: date
    counts: Sequence[tuple[str, str, int]]
    totals: Sequence[Difference]
    lines: Sequence[MoverLine]
    steady: Sequence[MoverLine]
    more: int


def movers_of(comparison: Comparison, since: date, tree: Tree, about: About) -> Movers:
    """Put a comparison into words; `about` names the totals of the later day."""
    changed = sorted(comparison.changed, key=lambda each: each.move is Move.SAME)
    lines = [_line(each, tree, since, about) for each in changed[:MOST_MOVERS]]
    return Movers(
        since=since,
        counts=[(SIGNS[move], move.label, n) for move, n in comparison.counts.items()],
        totals=[_total(comparison, key, since, about) for key in ALL],
        lines=[line for line in lines if line.is_more_than_run_rate],
        steady=[line for line in lines if not line.is_more_than_run_rate],
        more=max(0, len(changed) - MOST_MOVERS),
    )


def _line(mover: Mover, tree: Tree, since: date, about: About) -> MoverLine:
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
        amounts=list(_amounts(mover, since, about)),
    )


def _why(mover: Mover) -> str:
    return ", then ".join(cause.label for cause in mover.why)


def _amounts(mover: Mover, since: date, about: About) -> Iterator[Difference]:
    """Yield each kind of dollars that changed."""
    for key, label in OF_ONE.items():
        moving = MOVING[key]
        value_type = moving.value_type
        delta = mover.opportunities.get(value_type) if value_type else getattr(mover, key)
        if delta and delta.amount:
            before, after = mover.before, mover.after
            names = _Names(
                about,
                before.about.made(moving.what) if before else None,
                after.about.made(moving.what) if after else None,
                mover.row.slug,
            )
            yield _difference(label, key, delta, since, names)


def _total(comparison: Comparison, key: str, since: date, about: About) -> Difference:
    delta = delta_of(comparison, key)
    if delta is None:
        message = "All rows together always have a difference."
        raise ValueError(message)
    earlier = replace(about, at=comparison.before.at.asked)
    moving = MOVING[key]
    names = _Names(about, earlier.made(moving.total), about.made(moving.total))
    return _difference(moving.label, key, delta, since, names)


@dataclass(frozen=True, slots=True)
class _Names:
    """What names the figures of a difference: all rows of the later day, and both amounts."""

    about: About
    before: Made | None
    after: Made | None
    workload: str = ""


def _difference(label: str, key: str, delta: Delta, since: date, names: _Names) -> Difference:
    moving = MOVING[key]

    def of(amount: Decimal | None, made: Made | None) -> Figure | None:
        if amount is None:
            return None
        return Figure(amount, CURRENCY, moving.kind, moving.value_type, made=made)

    def derived(amount: Decimal, cause: Cause | None = None) -> Figure:
        made = moved_about(names.about, since, key, names.workload, cause)
        return Figure(amount, CURRENCY, Kind.DERIVED, moving.value_type, made=made)

    return Difference(
        label,
        of(delta.before, names.before),
        of(delta.after, names.after),
        derived(delta.amount),
        [(derived(part.amount, part.cause), part.cause.label) for part in delta.parts],
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


def changed_facts(comparison: Comparison, since: date, workload: int) -> tuple[Fact, ...]:
    """Return what the card of a workload says of a comparison; nothing where nothing changed."""
    mover = comparison.by_id.get(workload)
    return tuple(_facts(mover, since)) if mover and mover.changed else ()


def _facts(mover: Mover, since: date) -> Iterator[Fact]:
    day = formats.day(since)
    if mover.move is Move.SAME:
        yield Fact(f"Since {day}", "same band")
    else:
        compared = mover.before if mover.move is not Move.RETYPED else None
        was = f" from {LOOK_OF[compared.band].short}" if compared else ""
        yield Fact(f"Since {day}", f"{SIGNS[mover.move]} {mover.move.label}{was}", _why(mover))
    for each in _amounts(mover, since, UNNAMED):
        sign = "+" if each.change.amount > 0 else ""
        causes = ", ".join(cause for _, cause in each.causes)
        yield Fact(each.label, f"{sign}{format_money(each.change.amount, CURRENCY, 2)}", causes)
