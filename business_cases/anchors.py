"""Names that business cases draw on, and what is claimed on one of them. No Django.

A case draws on something that is paid for today (vendor, process, tool) or on a revenue stream, and
names it. Cases on one name draw on the same dollars, so together they can't have more of them than
there are. A cost and a revenue stream of one name are two: unlike dollars never meet in a sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from math import floor
from unicodedata import normalize

from business_cases.case import CaseTerms
from valueboard.lib.figure import ValueType

WHOLE = 100
SEVERAL = 2
MOST_SIMILAR = 3


def fold(name: str) -> str:
    """Return what two spellings of one name have in common: case and white space don't count.

    Unicode's compatibility caseless match, so that an accent typed in two ways is one too.
    """
    text = normalize("NFKD", normalize("NFD", name).casefold())
    return " ".join(normalize("NFKD", text.casefold()).split())


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """One cost or one revenue stream, however its name is spelt."""

    value_type: ValueType
    key: str

    @classmethod
    def named(cls, value_type: ValueType, name: str) -> "Anchor":
        """Return what `name` stands for among costs, or among revenue streams."""
        return cls(value_type, fold(name))


def follow(anchor: Anchor, into: Mapping[Anchor, Anchor]) -> tuple[Anchor, ...]:
    """Return the chain of merges from `anchor` to where it ends: itself alone if it isn't merged.

    The records hold no circle; a mapping that does is followed until it comes round.
    """
    chain = {anchor: None}
    while (following := into.get(anchor)) and following not in chain:
        chain[following] = None
        anchor = following
    return tuple(chain)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What some cases claim together of the largest amount that one of them states for a year."""

    opportunities: tuple[Decimal, ...]
    declared: Decimal
    largest: Decimal

    @property
    def share(self) -> Fraction:
        """Return the exact share, 1 for all of it."""
        return Fraction(self.declared) / Fraction(self.largest)

    @property
    def is_over(self) -> bool:
        """Tell whether several cases together claim more than there is."""
        return len(self.opportunities) >= SEVERAL and self.share > 1

    @property
    def percent(self) -> Decimal:
        """Return the share in percent, rounded half up to a tenth; 100 only for exactly that.

        Else what is above 100 reads as 100.1 at least and what is below as 99.9 at most: more never
        looks like no more.
        """
        tenths = floor(self.share * WHOLE * 10 + Fraction(1, 2))
        if self.share > 1:
            tenths = max(tenths, WHOLE * 10 + 1)
        elif self.share < 1:
            tenths = min(tenths, WHOLE * 10 - 1)
        return Decimal(tenths) / 10


def claimed(cases: Sequence[CaseTerms]) -> Claimed | None:
    """Add up what `cases`, all on one name, claim; None without any.

    Raise `ValueError` for unlike value types.
    """
    if len({case.value_type for case in cases}) > 1:
        message = "Savings and revenue never meet in one sum."
        raise ValueError(message)
    if not cases:
        return None
    opportunities = tuple(case.opportunity for case in cases)
    return Claimed(
        opportunities, sum(opportunities, Decimal(0)), max(case.current_amount for case in cases)
    )


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that are spelt nearly like `name`, the nearest first.

    A hint: it is for people to say whether two names stand for one thing.
    """
    spelt = {fold(each): each for each in known}
    wanted = fold(name)
    if not wanted or wanted in spelt:
        return []
    return [spelt[key] for key in get_close_matches(wanted, spelt, MOST_SIMILAR, cutoff=0.8)]
