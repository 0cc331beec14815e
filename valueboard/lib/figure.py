"""A figure is a value: an amount that knows what kind of number it is and where it comes from.

Declared, projected, actual and derived amounts are never confused, because only like figures can
be added (METHOD 1). Templates print figures, never bare numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from valueboard.lib.money import format_money, format_percent

POINTS = "points"  # by how much a percentage changed
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"  # in addresses, UTC


class Kind(StrEnum):
    """How an amount came to be."""

    DECLARED = "declared"  # somebody asserted it
    PROJECTED = "projected"  # computed from planning figures
    ACTUAL = "actual"  # taken from AWS Cost and Usage data
    DERIVED = "derived"  # a ratio or a difference of other figures


class ValueType(StrEnum):
    """Two different kinds of dollars, never met in one total."""

    COST_SAVING = "cost_saving"
    REVENUE_DRIVING = "revenue_driving"

    @property
    def label(self) -> str:
        """Return the words for people."""
        return {"cost_saving": "Cost Saving", "revenue_driving": "Revenue Driving"}[self.value]


class UnlikeFiguresError(TypeError):
    """Two figures of different kind, value type or unit were to be added."""


@dataclass(frozen=True, slots=True)
class Source:
    """One fact behind a figure: what it is, its value, and where it can be looked up."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """How a figure is named to whoever asks how it is made: the address of its explanation.

    `what` is one of `explained.What`, `of` what it is a figure of, such as `w:contract-review` with
    its parts (`w:contract-review:e2:c1`), and `at` the query of the moment and the lens.
    """

    what: str
    of: str
    at: str = ""

    @property
    def query(self) -> str:
        """Return the query of the explanation's address."""
        return urlencode([("what", self.what), ("of", self.of), *parse_qsl(self.at)])


@dataclass(frozen=True, slots=True)
class About:
    """What the figures of a page are about: it names them for their explanations.

    `of` and `at` are those of `Made`. An empty `of` names nothing: figures stay without one.
    """

    of: str = ""
    at: str = ""

    def part(self, *parts: str) -> "About":
        """Return what a part of it is about, such as an estimate's version `e2`."""
        return replace(self, of=":".join((self.of, *filter(None, parts)))) if self.of else self

    def made(self, what: str) -> Made | None:
        """Return how a figure of it is named."""
        return Made(what, self.of, self.at) if self.of else None


UNNAMED = About()


# Whatever the latest look for gaps found is named by its moment.
@lru_cache(maxsize=64)
def at_moment(known_at: datetime) -> str:
    """Return what names a moment to an explanation, so that a sent link says what was seen."""
    return urlencode({"known_at": known_at.astimezone(UTC).strftime(MOMENT)})


@dataclass(frozen=True, slots=True)
class Note:
    """Words with amounts in them, beside a figure; they lead to how these are made."""

    text: str
    made: Made | None = None

    def __str__(self) -> str:
        """Return the words."""
        return self.text


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount with its unit, kind and value type, and where it is explained.

    `unit` is an ISO currency code, or `×` for a multiple, `%`, or `points` between percentages.
    `made` is the address of its explanation; `formula` and `sources` say the same in short where a
    page has none.
    """

    amount: Decimal
    unit: str
    kind: Kind
    value_type: ValueType | None = None
    formula: str = ""
    sources: tuple[Source, ...] = ()
    # Two figures are the same whatever page explains them.
    made: Made | None = field(default=None, compare=False)

    def is_like(self, other: "Figure") -> bool:
        """Tell whether the two may be added."""
        return (self.unit, self.kind, self.value_type) == (
            other.unit,
            other.kind,
            other.value_type,
        )

    def __add__(self, other: "Figure") -> "Figure":
        """Add a like figure; raise `UnlikeFiguresError` for any other.

        What explains a sum is what it was added up from, not the two last terms: whoever adds names
        it, with `explained_as`.
        """
        if not isinstance(other, Figure):
            return NotImplemented
        if not self.is_like(other) or self.kind is Kind.DERIVED:
            message = f"{self.describe()} and {other.describe()} are not added."
            raise UnlikeFiguresError(message)
        return Figure(self.amount + other.amount, self.unit, self.kind, self.value_type)

    def explained_as(self, made: Made | None) -> "Figure":
        """Return the same figure with the address of its explanation."""
        return replace(self, made=made)

    def of_type(self, value_type: ValueType) -> "Figure":
        """Return the same figure marked with the value type of its inputs."""
        return replace(self, value_type=value_type)

    def describe(self) -> str:
        """Name the kind of the figure, for messages and for the label beside it."""
        words = [self.kind.value]
        if self.value_type is not None:
            words.append(self.value_type.label)
        return " ".join([*words, self.unit])


def total(figures: Iterable[Figure], zero: Figure) -> Figure:
    """Add `figures` to `zero`, which fixes the kind, value type and unit of the total."""
    result = zero
    for figure in figures:
        result = result + figure
    return result


def change(old: Figure, new: Figure) -> Figure | None:
    """Return by how much a figure changed, derived; None where the two are not comparable.

    A changed value type makes them so (METHOD 3), without anybody having to think of it.
    """
    if not old.is_like(new):
        return None
    return Figure(
        new.amount - old.amount,
        POINTS if old.unit == "%" else old.unit,
        Kind.DERIVED,
        old.value_type,
        formula="After − before",
        sources=(Source("Before", _plain(old)), Source("After", _plain(new))),
    )


def _plain(figure: Figure) -> str:
    if figure.unit == "%":
        return format_percent(figure.amount)
    if figure.unit == "×":
        return f"{figure.amount}×"
    return format_money(figure.amount, figure.unit)
