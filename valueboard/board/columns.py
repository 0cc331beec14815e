"""The columns of the table: what each says of a row, as a figure of its kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localtime

from approvals.models import Decision
from business_cases.figures import (
    CURRENCY,
    current_figure,
    growth_figure,
    monthly_figure,
    percent_figure,
    prospect_figure,
)
from business_cases.standing import Score
from positions.cards import against
from positions.fiscal import fiscal_cost, fiscal_year
from positions.reader import Tree
from positions.rows import Row
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, Kind, Made, Note
from valueboard.lib.money import format_money

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a figure, a band with or without one, or a text; and what is said below it."""

    label: str
    figure: Figure | None = None
    text: str = ""
    band: str = ""
    notes: tuple[Note | str, ...] = ()
    in_words: bool = False  # set to the left, like any text


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the address, its heading, the kind of its figures, and its cells.

    `rises` tells that its smallest comes first where the table is sorted by it.
    """

    key: str
    label: str
    kind: str
    cell: Callable[[Row, Tree], Cell]
    rises: bool = False


def fiscal_figure(row: Row) -> Figure | None:
    """Return the projected cost of the organisation's fiscal year; None without an estimate."""
    cost = fiscal_cost(row)
    if cost is None:
        return None
    return Figure(cost, CURRENCY, Kind.PROJECTED, made=row.about.made(What.FISCAL))


# --- cells ----------------------------------------------------------------------------------------


def _space(row: Row, tree: Tree) -> Cell:
    return Cell("Space", text=tree.path(row.space_id), in_words=True)


def _owner(row: Row, _: Tree) -> Cell:
    return Cell("Owner", text=row.owner, in_words=True)


def _opportunity(row: Row, _: Tree) -> Cell:
    if row.case:
        words = f"{row.anchor} a year, {row.case.value_type.label}"
        note: Note | str = Note(words, row.about.made(What.OPPORTUNITY))
    else:
        note = "the case was retracted" if row.cases else "no declared case"
    return Cell("Declared opportunity", row.opportunity, notes=(note,))


def _current(row: Row, _: Tree) -> Cell:
    if row.case is None:
        return Cell("Current amount")
    return Cell("Current amount", current_figure(row.case, row.about), notes=(row.case.anchor,))


def _percent(row: Row, _: Tree) -> Cell:
    return Cell("Expected change", percent_figure(row.case, row.about) if row.case else None)


def _projected(row: Row, _: Tree) -> Cell:
    notes = (row.cost_note or "no estimate in force", row.estimate_note)
    return Cell("Projected annual cost", row.projected, notes=tuple(filter(None, notes)))


def _months(row: Row, _: Tree) -> Cell:
    return Cell("Funded months", text=f"{row.f} of {MONTHS_A_YEAR}" if row.f else "—")


def _monthly(row: Row, _: Tree) -> Cell:
    terms = row.schedule.current if row.schedule else None
    return Cell("First month", monthly_figure(terms, row.about) if terms else None)


def _growth(row: Row, _: Tree) -> Cell:
    terms = row.schedule.current if row.schedule else None
    return Cell("Growth a month", growth_figure(terms, row.about) if terms else None)


def _fiscal(row: Row, _: Tree) -> Cell:
    first = fiscal_year(row.at.today)
    return Cell("Fiscal year", fiscal_figure(row), notes=(f"from {formats.short_month(first)}",))


def _term(row: Row, _: Tree) -> Cell:
    return _scored("Over the term", row.term, row.about)


def _run_rate(row: Row, _: Tree) -> Cell:
    return Cell("Actual run-rate", row.run_rate, notes=(row.rate_note,))


def _actual(row: Row, _: Tree) -> Cell:
    actual = row.actual
    if not actual.months:
        return Cell("Actual spend", notes=("no closed month in the funding window",))
    notes: list[Note | str] = [span_words(actual.months)]
    if actual.outside:
        words = f"{format_money(actual.outside, CURRENCY, 2)} outside the window"
        notes.append(Note(words, row.about.made(What.OUTSIDE)))
    spent = Figure(actual.amount, CURRENCY, Kind.ACTUAL, made=row.about.made(What.SPENT))
    return Cell("Actual spend", spent, notes=tuple(notes))


def _accuracy(row: Row, _: Tree) -> Cell:
    """Return by how much the last closed month differed from that month's estimate."""
    percent = row.against_plan
    if percent is None:
        return Cell("Against plan")
    figure = Figure(percent, "%", Kind.DERIVED, made=row.about.made(What.ACCURACY))
    return Cell("Against plan", figure, notes=(formats.short_month(row.at.closed[-1]),))


def _prospect(row: Row, _: Tree) -> Cell:
    return Cell("Investment Prospect", row.prospect, band=row.band)


def _baseline(row: Row, _: Tree) -> Cell:
    about = row.about.part("e1" if row.estimates else "", "c1" if row.cases else "c0")
    return _scored("Baseline", row.baseline, about)


def _acknowledged(row: Row, _: Tree) -> Cell:
    approval = row.decisions.approval
    if approval is None:
        return Cell("Acknowledged")
    estimate, case = approval.estimate_version, approval.case_version
    about = row.about.part(f"e{estimate}" if estimate else "", f"c{case or 0}")
    return _scored("Acknowledged", row.acknowledged, about)


def _scored(label: str, score: Score | None, about: About) -> Cell:
    if score is None:
        return Cell(label)
    shown = prospect_figure(score, about)
    beside = Note(against(score), shown.made if shown else _of_one(score, about))
    return Cell(label, shown, band=score.band, notes=(beside,))


def _of_one(score: Score, about: About) -> Made | None:
    """Name the one amount of a score that has no ratio."""
    if score.cost is not None:
        return about.made(What.PROJECTED if score.year else What.TERM)
    return about.made(What.OPPORTUNITY) if score.opportunity is not None else None


def _decision(row: Row, _: Tree) -> Cell:
    last = row.last_decision
    if last is None:
        return Cell("Last decision", text="—", in_words=True)
    who = f"{formats.day(localtime(last.at))}, {last.by}"
    outcome = Decision.Outcome(last.outcome).label
    return Cell("Last decision", text=outcome, notes=(who,), in_words=True)


def span_words(months: Sequence[date]) -> str:
    """Say which months are meant: `Aug 2026 to Oct 2026`."""
    first, last = formats.short_month(months[0]), formats.short_month(months[-1])
    return first if first == last else f"{first} to {last}"


# --- columns --------------------------------------------------------------------------------------

NAME = Column("name", "Workload", "", lambda row, _: Cell("", text=row.name), rises=True)
_DECLARED, _PROJECTED, _ACTUAL, _DERIVED = (kind.value for kind in Kind)
COLUMN_OF = {
    column.key: column
    for column in (
        Column("space", "Space", "", _space, rises=True),
        Column("owner", "Owner", "", _owner, rises=True),
        Column("opportunity", "Opportunity a year", _DECLARED, _opportunity),
        Column("current", "Current amount a year", _DECLARED, _current),
        Column("percent", "Expected change", _DECLARED, _percent),
        Column("projected", "Annual cost", _PROJECTED, _projected),
        Column("months", "Funded months", _PROJECTED, _months),
        Column("monthly", "First month", _PROJECTED, _monthly),
        Column("growth", "Growth a month", _PROJECTED, _growth),
        Column("fiscal", "Fiscal year", _PROJECTED, _fiscal),
        Column("term", "Over the term", _DERIVED, _term),
        Column("run_rate", "Run-rate", _ACTUAL, _run_rate),
        Column("actual", "Closed months", _ACTUAL, _actual),
        Column("accuracy", "Against plan", _DERIVED, _accuracy),
        Column("prospect", "Investment Prospect", _DERIVED, _prospect),
        Column("baseline", "Baseline", _DERIVED, _baseline),
        Column("acknowledged", "Acknowledged", _DERIVED, _acknowledged),
        Column("decision", "Last decision", "", _decision),
    )
}
