"""What a tile of the map says of its workload: one value behind card, accessible name and zoom.

Everything is text by now, in the reader's locale; figures with their panels stand in the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.utils.timezone import localtime

from approvals.models import Decision
from business_cases.figures import CURRENCY
from business_cases.standing import Lens, Score
from positions.row import Row
from valueboard.lib import formats
from valueboard.lib.bands import format_multiple
from valueboard.lib.figure import ValueType
from valueboard.lib.money import format_money, format_percent
from valueboard.lib.palette import LOOK_OF

MONTHS_A_YEAR = 12


class Fact(NamedTuple):
    """One line of a card; `note` says how the text came to be."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A name, the marks beside it, and what there is to say."""

    name: str
    facts: tuple[Fact, ...]
    marks: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, object]:
        """Return it as JSON for scripts."""
        facts = [[fact.label, fact.text, fact.note] for fact in self.facts]
        return {"name": self.name, "marks": self.marks, "facts": facts}

    @property
    def words(self) -> str:
        """Return what completes an accessible name: marks and facts as sentences."""
        said = [
            f"{fact.label}: {', '.join(filter(None, (fact.text, fact.note)))}"
            for fact in self.facts
        ]
        return "".join(f"{sentence}. " for sentence in (*self.marks, *said)).rstrip()


def card(row: Row, path: str, changed: tuple[Fact, ...] = ()) -> Card:
    """Return the card of a row; `path` names its Space, `changed` says what a comparison found."""
    return Card(row.name, tuple(_facts(row, path, changed)), tuple(_marks(row)))


def marks_of(row: Row) -> list[str]:
    """Return the marks beside a name that are no band and not Revised."""
    marks = []
    if row.not_acknowledged_since is not None:
        marks.append(f"Not acknowledged since v{row.not_acknowledged_since}")
    return marks


def _marks(row: Row) -> Iterator[str]:
    if row.revised:
        yield "Revised"
    yield from marks_of(row)


def _facts(row: Row, path: str, changed: tuple[Fact, ...]) -> Iterator[Fact]:
    yield Fact("Space", path)
    yield Fact("Investment Prospect", _score(row.score), _recomputed(row))
    if row.case is not None and row.o is not None:
        yield Fact("Declared opportunity", f"{_money(row.o)} a year", row.anchor)
        revenue = row.case.value_type is ValueType.REVENUE_DRIVING
        yield Fact(
            "Value type", row.case.value_type.label, "revenue, not margin" if revenue else ""
        )
    else:
        yield Fact("Declared opportunity", "none", "the case was retracted" if row.cases else "")
    if row.p is None:
        yield Fact("Projected annual cost", "none", row.estimate_note or "no estimate in force")
    else:
        growth = _growth(row)
        notes = (row.cost_note, growth, row.estimate_note)
        yield Fact("Projected annual cost", _cents(row.p), ", ".join(filter(None, notes)))
    rate = _cents(row.rate.amount) if row.spent.amounts else "none"
    yield Fact("Actual run-rate", rate, row.rate_note)
    if row.at.lens is Lens.ACTUAL:
        yield _actual(row)
    if row.revised and (baseline := row.baseline):
        yield Fact("Baseline, first version", _score(baseline), against(baseline))
    yield Fact("Owner", row.owner)
    yield _decision(row)
    yield from changed


def _score(score: Score) -> str:
    label = LOOK_OF[score.band].label
    return f"{format_multiple(score.ratio)} {label}" if score.ratio is not None else label


def _recomputed(row: Row) -> str:
    """Return the exact figures that give the score, as anybody can work it out again."""
    score = row.score
    if score.ratio is None or score.opportunity is None or score.cost is None:
        return ""
    share = f"{_money(score.opportunity)} × {score.months}/{MONTHS_A_YEAR}"
    return f"{share} ÷ {_cents(score.cost)}"


def against(score: Score) -> str:
    """Return the two amounts of a score: what was declared, and what that is to cost."""
    declared = _money(score.opportunity) if score.opportunity is not None else "no declared case"
    cost = _cents(score.cost) if score.cost is not None else "no estimate"
    return f"{declared} against {cost}"


def _growth(row: Row) -> str:
    growth = row.schedule.current.growth if row.schedule else Decimal(0)
    if not growth:
        return "no growth"
    word = "growing" if growth > 0 else "shrinking"
    return f"{word} {format_percent(abs(growth).normalize())} a month"


def _actual(row: Row) -> Fact:
    actual = row.actual
    if not actual.months:
        return Fact("Actual spend", "none", "no closed month in the funding window")
    span = " to ".join(
        formats.month(month) for month in sorted({actual.months[0], actual.months[-1]})
    )
    outside = f", {_cents(actual.outside)} outside the window" if actual.outside else ""
    return Fact("Actual spend", _cents(actual.amount), f"{span}, closed{outside}")


def _decision(row: Row) -> Fact:
    last = row.last_decision
    if last is None:
        return Fact("Last decision", "none")
    said = Decision.Outcome(last.outcome).label
    if last.acknowledgement:
        said = f"{said}, {Decision.Acknowledgement(last.acknowledgement).label.lower()}"
    return Fact("Last decision", said, f"{formats.day(localtime(last.at))}, {last.by}")


def _money(amount: Decimal) -> str:
    return format_money(amount, CURRENCY)


def _cents(amount: Decimal) -> str:
    return format_money(amount, CURRENCY, 2)
