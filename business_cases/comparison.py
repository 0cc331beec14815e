"""Versions of estimate and case side by side, line by line (METHOD 6 and 7).

A `Side` is one pairing of an estimate and a case, such as the baseline or what an approver saw.
Differences come from the figures themselves: where the value type changed there is none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.timezone import localdate

from business_cases.case import CaseTerms
from business_cases.figure_names import change_of, side_of
from business_cases.figures import (
    cost_figure,
    current_figure,
    growth_figure,
    monthly_figure,
    opportunity_figure,
    percent_figure,
    prospect_figure,
)
from business_cases.projection import Schedule
from business_cases.standing import (
    CaseVersion,
    EstimateVersion,
    Mark,
    Score,
    Standing,
    score_at,
    score_term,
)
from business_cases.wording import (
    DIRECTION,
    MECHANISM,
    REVIEWED,
    day_words,
    month_words,
    months_words,
    span_words,
)
from valueboard.lib.bands import Bound
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, ValueType, change


@dataclass(frozen=True, slots=True)
class Side:
    """An estimate and a case that belong together, and the schedule that the estimate ends."""

    title: str
    estimate: EstimateVersion | None
    case: CaseVersion | None
    schedule: Schedule | None
    note: str = ""

    def is_other_than(self, before: "Side") -> bool:
        """Tell whether it is of another version of estimate or case than `before`."""
        estimates = {side.estimate.mark.version for side in (self, before) if side.estimate}
        cases = {side.case.mark.version if side.case else 0 for side in (self, before)}
        return len(estimates) > 1 or len(cases) > 1

    @property
    def terms(self) -> CaseTerms | None:
        """Return the declared case, None without one or when it was retracted."""
        return self.case.terms if self.case else None


def baseline_side(standing: Standing) -> Side:
    """Return the first estimate and the first case, frozen for ever."""
    estimate = standing.estimates[0] if standing.estimates else None
    case = standing.cases[0] if standing.cases else None
    schedule = estimate.alone if estimate else None
    return Side("Baseline", estimate, case, schedule, "version 1, frozen")


def current_side(standing: Standing, title: str = "Current") -> Side:
    """Return the estimate in force and the case as now declared: what the board scores."""
    note = "as the board scores it"
    return Side(title, standing.estimate_in_force, standing.case, standing.in_force, note)


def asked_side(standing: Standing, title: str) -> Side:
    """Return the estimate that is asked for, as if it were in force, and the latest case."""
    return Side(title, standing.asked, standing.case, standing.proposed_schedule)


def named_side(
    standing: Standing, title: str, estimate: int | None, case: int | None, note: str = ""
) -> Side:
    """Return the versions that a decision named, with the schedule that it brought into force."""
    found = next((e for e in standing.estimates if e.mark.version == estimate), None)
    before = [e.terms for e in standing.estimates if found and e.mark.version < found.mark.version
              and e.confirmed_at]  # fmt: skip
    return Side(
        title,
        found,
        next((c for c in standing.cases if c.mark.version == case), None),
        Schedule((*before, found.terms)) if found else None,
        note,
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side says in one line: a figure or words, and the band of a score."""

    figure: Figure | None = None
    words: str = ""
    note: str = ""
    band: str = ""

    @property
    def says(self) -> tuple[object, ...]:
        """Return what counts as a change; notes do not."""
        if self.figure is None:
            return (self.words, self.band)
        return (self.figure.amount, self.figure.unit, self.figure.value_type, self.band)


NOTHING = Cell()
NOT_IN_FORCE = Cell(words="—")


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two sides: by how much, or in a word; neither where nothing did."""

    figure: Figure | None = None
    word: str = ""

    @property
    def says(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.figure or self.word)


@dataclass(frozen=True, slots=True)
class Line:
    """One field on every side, and what changed between the sides compared."""

    label: str
    kind: str
    named: tuple[tuple[Side, Cell], ...]
    differences: tuple[tuple[str, Difference], ...]
    changed: bool

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the cells from left to right."""
        return tuple(cell for _, cell in self.named)

    @property
    def same(self) -> bool:
        """Tell whether every side says the very same."""
        return len(set(self.cells)) == 1

    @property
    def foremost(self) -> bool:
        """Tell whether it is read first: it changed, or it is what the board shows."""
        return not self.same or self.label in FOREMOST


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of the estimate, of the case, or of the score."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sides from left to right; `changes` are the titles of the columns of differences."""

    sides: tuple[Side, ...]
    changes: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def columns(self) -> int:
        """Return how many columns the comparison takes, with that of the labels."""
        return 1 + len(self.sides) + len(self.changes)

    @property
    def only_what_changed(self) -> "Comparison":
        """Return the parts in which something changed."""
        return replace(self, parts=tuple(p for p in self.parts if any(x.changed for x in p.lines)))

    @property
    def foremost(self) -> "Comparison":
        """Return the lines that are read first; the others are `alike`."""
        parts = (replace(p, lines=tuple(x for x in p.lines if x.foremost)) for p in self.parts)
        return replace(self, parts=tuple(part for part in parts if part.lines))

    @property
    def alike(self) -> tuple[Line, ...]:
        """Return the lines in which every side says the same, but for the foremost."""
        return tuple(x for part in self.parts for x in part.lines if not x.foremost)


def compare(
    sides: Sequence[Side],
    between: Iterable[tuple[str, int, int]],
    month: date,
    bounds: Sequence[Bound],
    about: About = UNNAMED,
) -> Comparison:
    """Compare sides line by line, scored for the funding year that holds `month`.

    `between` names the columns of differences: title, index of the earlier and the later side.
    `about` names the workload, so that each figure can be explained.
    """
    pairs = list(between)
    parts = []
    read_parts: tuple[tuple[str, Callable[[Side], Column]], ...] = (
        ("Investment Prospect", lambda side: _prospect(side, month, bounds, about)),
        ("Business case", lambda side: _case(side, about)),
        ("Estimate", lambda side: _estimate(side, month, bounds, about)),
    )
    for title, read in read_parts:
        columns = [read(side) for side in sides]
        # In the order of the side that says most; what only others say comes after.
        fullest = sorted(columns, key=len, reverse=True)
        labels = dict.fromkeys(key for column in fullest for key in column)
        lines = tuple(_line(key, sides, columns, pairs) for key in labels)
        if lines:
            parts.append(Part(title, lines))
    return Comparison(tuple(sides), tuple(title for title, _, _ in pairs), tuple(parts))


def part_of_words(
    title: str,
    sides: Sequence[Side],
    columns: Sequence[Mapping[str, str]],
    between: Iterable[tuple[str, int, int]],
) -> Part:
    """Compare what sides say in words, each a column by label; `between` as in `compare`."""
    cells = [{(label, ""): Cell(words=said) for label, said in each.items()} for each in columns]
    pairs = list(between)
    labels = dict.fromkeys(key for column in cells for key in column)
    return Part(title, tuple(_line(key, sides, cells, pairs) for key in labels))


Column = dict[tuple[str, str], Cell]  # by label and kind of figure


def _line(
    key: tuple[str, str],
    sides: Sequence[Side],
    columns: list[Column],
    pairs: list[tuple[str, int, int]],
) -> Line:
    cells = [column.get(key, NOTHING) for column in columns]
    label, kind = key
    # That a version has another number says nothing about what it says.
    compared = label != RECORDED
    return Line(
        label,
        kind,
        tuple(zip(sides, cells, strict=True)),
        tuple(
            (title, _difference(cells[before], cells[after]) if compared else Difference())
            for title, before, after in pairs
        ),
        changed=compared and len({cell.says for cell in cells if cell != NOT_IN_FORCE}) > 1,
    )


def _difference(before: Cell, after: Cell) -> Difference:
    if before.says == after.says or NOT_IN_FORCE in {before, after}:
        return Difference()
    if before.says == NOTHING.says:
        return Difference(word="added")
    if after.says == NOTHING.says:
        return Difference(word="gone")
    if before.figure is None or after.figure is None:
        return Difference(word="changed")
    figure = change(before.figure, after.figure)
    return Difference(_named(figure, before, after)) if figure else Difference(word="not compared")


def _named(figure: Figure, before: Cell, after: Cell) -> Figure:
    """Name a difference by the two figures that it is between."""
    was = before.figure.made if before.figure else None
    now = after.figure.made if after.figure else None
    if was is None or now is None:
        return figure
    between = change_of(About(was.of, was.at), About(now.of, now.at), What(was.what))
    return figure.explained_as(between.made(What.CHANGE))


RECORDED = "Recorded"
SCORES = {"This funding year", "Over the whole term"}
FOREMOST = SCORES | {RECORDED, "Declared annual opportunity", "Cost of the funding year"}
ESTIMATE_LINES = (
    (RECORDED, ""),
    ("Monthly amount", "projected"),
    ("Monthly growth", "projected"),
    ("Funded", ""),
    ("First effective month", ""),
    ("Cost of the funding year", "projected"),
    ("Cost of the whole term", "projected"),
)


def _recorded(mark: Mark, note: str) -> Cell:
    said = f"v{mark.version}, {mark.recorded_by}"
    return Cell(words=said, note=f"{day_words(localdate(mark.recorded_at))}{note}")


def _about(side: Side, about: About) -> About:
    return side_of(about, side.estimate, side.case)


def _estimate(side: Side, month: date, bounds: Sequence[Bound], whole: About) -> Column:
    version, about = side.estimate, _about(side, whole)
    if version is None:
        # Not in force is not the same as gone: there is nothing to compare with.
        none = {(RECORDED, ""): Cell(words="None in force")}
        return dict.fromkeys(ESTIMATE_LINES, NOT_IN_FORCE) | none
    terms = version.terms
    cells = [
        _recorded(version.mark, "" if version.confirmed_at else ", not in force"),
        Cell(monthly_figure(terms, about)),
        Cell(growth_figure(terms, about)),
        Cell(words=span_words(terms.first, terms.months), note=months_words(terms.months)),
        Cell(words=month_words(terms.effective)),
    ]
    if side.schedule:
        year = score_at(side.schedule, side.terms, month, bounds)
        term = score_term(side.schedule, side.terms, bounds)
        cells += [
            Cell(cost_figure(year, version, about), note=_year_words(year)),
            Cell(cost_figure(term, version, about), note=months_words(term.months)),
        ]
    return dict(zip(ESTIMATE_LINES, cells, strict=False))


def _case(side: Side, whole: About) -> Column:
    version, about = side.case, _about(side, whole)
    if version is None:
        return {}
    reason = version.mark.reason
    if version.terms is None:
        return {
            (RECORDED, ""): _recorded(version.mark, ""),
            ("Value type", ""): Cell(words="Retracted", note=reason),
        }
    case = version.terms
    column: Column = {
        (RECORDED, ""): _recorded(version.mark, ""),
        ("Value type", ""): Cell(words=case.value_type.label, note=_caution(case)),
        ("Cost or revenue it draws on", ""): Cell(words=case.anchor),
    }
    if case.value_type is ValueType.REVENUE_DRIVING:
        column["Direction", ""] = Cell(
            words=DIRECTION[case.direction], note=f"by {MECHANISM[case.mechanism].lower()}"
        )
    return column | {
        ("Current annual amount", "declared"): Cell(current_figure(case, about), note=case.period),
        ("Expected percentage", "declared"): Cell(percent_figure(case, about)),
        ("Declared annual opportunity", "declared"): Cell(opportunity_figure(case, about)),
        ("Source", ""): Cell(words=case.source),
        ("How it was reached", ""): Cell(words=case.basis),
        ("Net of human review", ""): Cell(words=REVIEWED[case.net_of_review]),
    }


def _prospect(side: Side, month: date, bounds: Sequence[Bound], whole: About) -> Column:
    about = _about(side, whole)
    year = score_at(side.schedule, side.terms, month, bounds)
    term = score_term(side.schedule, side.terms, bounds) if side.schedule else year
    note = months_words(term.months) if side.schedule else ""
    return {
        ("This funding year", "derived"): _scored(side, year, _year_words(year), about),
        ("Over the whole term", "derived"): _scored(side, term, note, about),
    }


def _scored(side: Side, score: Score, note: str, about: About) -> Cell:
    shown = prospect_figure(score, about)
    if shown and side.terms:
        # With the value type, so that scores of unlike dollars are not compared.
        shown = shown.of_type(side.terms.value_type)
    return Cell(shown, note=note, band=score.band)


def _year_words(score: Score) -> str:
    if score.year is None:
        return ""
    words = f"year {score.year.number + 1}, {months_words(score.months)}"
    if score.year.ended:
        return f"{words}, funding ended"
    return words if score.year.begun else f"{words}, not yet started"


def _caution(case: CaseTerms) -> str:
    return "revenue, not margin" if case.value_type is ValueType.REVENUE_DRIVING else ""
