"""What is asked for: filters, moment, lens, order and columns, as one value and as an address.

No Django. Two queries that ask for the same are equal and have the same text, so that a link, a
saved view, an export and a frozen review can name what they showed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode

from business_cases.standing import Lens
from valueboard.lib import formats
from valueboard.lib.figure import ValueType
from valueboard.lib.money import NotANumberError, parse_number
from valueboard.lib.months import why_unknown

BANDS = ("strong", "solid", "marginal", "thin", "weak", "unbacked", "not_scored")
STATES = {
    "running": "Running",
    "not_started": "Not yet started",
    "funding_ended": "Funding ended",
    "pending": "Estimate pending",
    "not_approved": "Not approved",
    "not_acknowledged": "Not acknowledged",
}
# Every column of the table beside the name, in its order.
COLUMNS = (
    "space",
    "owner",
    "opportunity",
    "current",
    "percent",
    "projected",
    "months",
    "monthly",
    "growth",
    "fiscal",
    "term",
    "run_rate",
    "actual",
    "accuracy",
    "prospect",
    "baseline",
    "acknowledged",
    "decision",
)
DEFAULT = ("opportunity", "projected", "run_rate", "prospect")
SORTS = ("size", "name", *COLUMNS)
# The board of everything, asked for by name: without a query it is the view that opens by itself.
VIEW = "view"
EVERYTHING = f"{VIEW}=all"
LONGEST_TEXT = 200
MOST_PAGES = 10_000
_NUL = "\0"  # PostgreSQL has none


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of an address that could not be understood, and was left out."""

    parameter: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and addresses of a query are called, for whoever reads it."""

    spaces: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for: label, value in words, and the address without it."""

    label: str
    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Query:
    """What a page, an export, a pack or a review shows.

    `space` is an address and means the Space with all inside it; `above` is of a row's size (P, or
    the run-rate without an estimate); `smaller` the address of the Space whose smaller workloads
    are opened. `as_of` and `compare` are past days, None for today and for no comparison.
    """

    space: str = ""
    types: frozenset[ValueType] = frozenset()
    bands: frozenset[str] = frozenset()
    owner: int | None = None
    states: frozenset[str] = frozenset()
    revised: bool = False
    above: Decimal | None = None
    text: str = ""
    sort: str = "-size"
    columns: tuple[str, ...] = DEFAULT
    page: int = 1
    lens: Lens = Lens.PLANNED
    as_of: date | None = None
    compare: date | None = None
    smaller: str = ""

    @staticmethod
    def read(params: Mapping[str, Any] | str, today: date) -> tuple["Query", list[Problem]]:
        """Read an address; what is not understood is dropped, and said.

        `params` is a query string, or values (or lists of values) by name, such as a QueryDict.
        """
        return _Reading(params, today).query()

    def urlencode(self, **changes: Any) -> str:
        """Return the address's query, with `changes` made; what is as usual is left out."""
        changed = replace(self, **changes) if changes else self
        return urlencode(list(_pairs(changed)))

    def address(self, **changes: Any) -> str:
        """Return the same as a query of the board's address, which is never empty."""
        return self.urlencode(**changes) or EVERYTHING

    def figures_of(self, **changes: Any) -> "Query":
        """Return what the figures depend on: without page, order and columns."""
        plain = Query()
        found = replace(self, sort=plain.sort, columns=plain.columns, page=1, smaller=plain.smaller)
        return replace(found, **changes) if changes else found

    @property
    def moment(self) -> str:
        """Return the part of the address that names moment and lens alone."""
        return Query(lens=self.lens, as_of=self.as_of).urlencode()

    @property
    def filters(self) -> bool:
        """Tell whether anything is filtered."""
        free = {"lens", "as_of", "compare"}
        plain = Query()
        return any(
            getattr(self, each.name) != getattr(plain, each.name)
            for each in fields(self)
            if each.name not in free | {"sort", "columns", "page", "smaller"}
        )

    def asked(self, names: Names) -> list[Asked]:
        """Return what is asked for in words, one entry a filter, each with the address without it.

        An id that `names` doesn't name is one that the reader may not read: it filters nothing
        that it would reveal, and its number is all that is said.
        """
        shown = [
            *self._moment(),
            *self._where(names),
            *(
                ("Value type", each.label, {"types": self.types - {each}})
                for each in sorted(self.types)
            ),
            *(
                ("Band", each.replace("_", " ").capitalize(), {"bands": self.bands - {each}})
                for each in sorted(self.bands, key=BANDS.index)
            ),
            *(
                ("State", STATES[each], {"states": self.states - {each}})
                for each in sorted(self.states, key=list(STATES).index)
            ),
            *self._rest(),
        ]
        return [
            Asked(label, words, self.address(page=1, **without)) for label, words, without in shown
        ]

    def _moment(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        if self.lens is not Lens.PLANNED:
            yield "Lens", self.lens.label, {"lens": Lens.PLANNED}
        if self.as_of:
            yield "As of", formats.day(self.as_of), {"as_of": None}
        if self.compare:
            yield "Compared with", formats.day(self.compare), {"compare": None}

    def _where(self, names: Names) -> Iterator[tuple[str, str, dict[str, Any]]]:
        if self.space:
            yield "Space", names.spaces.get(self.space, "not one that you read"), {"space": ""}
        if self.owner is not None:
            yield "Owner", names.people.get(self.owner, "nobody that you know of"), {"owner": None}

    def _rest(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        if self.revised:
            yield "Versions", "Revised", {"revised": False}
        if self.above is not None:
            yield "Above", f"{self.above:,f}", {"above": None}
        if self.text:
            yield "Search", f"“{self.text}”", {"text": ""}


# The name in the address of each field, in the order of the address.
PARAMETERS = {
    "space": "space",
    "types": "type",
    "bands": "band",
    "owner": "owner",
    "states": "state",
    "revised": "revised",
    "above": "above",
    "text": "q",
    "lens": "lens",
    "as_of": "as_of",
    "compare": "compare",
    "sort": "sort",
    "columns": "columns",
    "smaller": "smaller",
    "page": "page",
}


def _pairs(query: Query) -> Iterable[tuple[str, str]]:
    plain = Query()
    for name, parameter in PARAMETERS.items():
        value = getattr(query, name)
        if value == getattr(plain, name):
            continue
        match value:
            case frozenset():
                yield from ((parameter, each) for each in sorted(str(v) for v in value))
            case tuple():
                yield parameter, ",".join(value)
            case bool():
                yield parameter, "1"
            case Decimal():
                yield parameter, f"{value:f}"
            case _:
                yield parameter, str(value)


class _Reading:
    """An address while it is read."""

    def __init__(self, params: Mapping[str, Any] | str, today: date) -> None:
        self.params: Any = parse_qs(params) if isinstance(params, str) else params
        self.today = today
        self.problems: list[Problem] = []

    def query(self) -> tuple[Query, list[Problem]]:
        known = {*PARAMETERS.values(), VIEW}
        for name in self.params:
            if name not in known:
                self._drop(name, "", "This page knows nothing of that name.")
        as_of = self._day("as_of")
        found = Query(
            space=self._one("space"),
            types=frozenset(ValueType(each) for each in self._some("type", set(ValueType))),
            bands=frozenset(self._some("band", BANDS)),
            owner=self._whole("owner"),
            states=frozenset(self._some("state", STATES)),
            revised=self._one("revised") not in {"", "0"},
            above=self._amount("above"),
            text=" ".join(self._one("q").split())[:LONGEST_TEXT],
            sort=self._sort(),
            columns=self._columns(),
            page=min(self._whole("page") or 1, MOST_PAGES),
            lens=Lens(next(iter(self._some("lens", set(Lens))), Lens.PLANNED)),
            as_of=as_of,
            compare=self._day("compare"),
            smaller=self._one("smaller"),
        )
        if found.compare and found.compare >= (found.as_of or self.today):
            self._drop("compare", f"{found.compare}", "It must lie before the day that is shown.")
            found = replace(found, compare=None)
        return found, self.problems

    def _drop(self, name: str, text: str, why: str) -> None:
        self.problems.append(Problem(name, text, why))

    def _all(self, name: str) -> list[str]:
        """Return every value of a name, empty ones left out."""
        if hasattr(self.params, "getlist"):
            found: Sequence[Any] = self.params.getlist(name)
        else:
            given = self.params.get(name, [])
            found = [given] if isinstance(given, str) else list(given)
        texts = [str(each).replace(_NUL, "").strip() for each in found]
        return [text for text in texts if text]

    def _one(self, name: str) -> str:
        found = self._all(name)
        return found[-1] if found else ""

    def _some(self, name: str, known: Iterable[str]) -> list[str]:
        known = {str(each) for each in known}
        for text in (text for text in self._all(name) if text not in known):
            self._drop(name, text, "There is none of that name.")
        return [text for text in self._all(name) if text in known]

    def _whole(self, name: str) -> int | None:
        text = self._one(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > len("999999999999"):
            self._drop(name, text, "This is no whole number.")
            return None
        return int(text)

    def _amount(self, name: str) -> Decimal | None:
        text = self._one(name)
        if not text:
            return None
        try:
            return parse_number(text.lstrip("$€£").strip())
        except NotANumberError as wrong:
            self._drop(name, text, str(wrong))
            return None

    def _day(self, name: str) -> date | None:
        text = self._one(name)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or len(text) != len("2026-03-31"):
            self._drop(name, text, "This is no date. Write it as in 2026-03-31.")
            return None
        if wrong := why_unknown(day, self.today):
            self._drop(name, text, wrong)
            return None
        return None if name == "as_of" and day == self.today else day

    def _sort(self) -> str:
        text = self._one("sort")
        if text and text.removeprefix("-") not in SORTS:
            self._drop("sort", text, "There is no such column.")
            text = ""
        return text or Query().sort

    def _columns(self) -> tuple[str, ...]:
        asked = [each for text in self._all("columns") for each in text.split(",") if each]
        for each in asked:
            if each not in COLUMNS:
                self._drop("columns", each, "There is no such column.")
        return tuple(each for each in COLUMNS if each in asked) or DEFAULT
