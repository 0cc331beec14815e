"""What a maturity page is asked for: of which Space, as of which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.utils.timezone import localdate

from positions.reader import Tree
from spaces.models import Space
from valueboard.lib.as_of import end_of, read_as_of


@dataclass(frozen=True, slots=True)
class SpaceChoice:
    """A Space that can be chosen, with the names of those above it."""

    slug: str
    path: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A Space with all below it, or the organisation; a past day, or now.

    `problem` says what of the address was not understood; the page then is as without it.
    """

    space: Space | None
    spaces: frozenset[int] | None
    day: date | None
    known_at: datetime
    today: date
    choices: tuple[SpaceChoice, ...]
    problem: str = ""

    @property
    def is_past(self) -> bool:
        """Tell whether it is a past day."""
        return self.day is not None

    @property
    def query(self) -> str:
        """Return it as the query of an address; empty for the organisation now."""
        said = {"space": self.space.slug if self.space else "", "as_of": self.iso}
        return urlencode({name: text for name, text in said.items() if text})

    @property
    def iso(self) -> str:
        """Return the past day for an address; empty for now."""
        return f"{self.day:%Y-%m-%d}" if self.day else ""

    @property
    def title(self) -> str:
        """Name it."""
        return self.space.name if self.space else "The whole organisation"


def read_scope(tree: Tree, params: Mapping[str, str], moment: datetime) -> Scope:
    """Read `?space=commerce&as_of=2026-03-31`; `moment` is now."""
    today, problem = localdate(moment), ""
    slug = params.get("space", "")
    found = tree.find(slug)
    space = tree.spaces[found] if found is not None else None
    if slug and space is None:
        problem = "There is no such Space; this is the whole organisation."
    as_of = read_as_of(params, today)
    day = as_of.day
    return Scope(
        space,
        tree.below(space.pk) if space else None,
        day,
        end_of(day) if day else moment,
        today,
        _choices(tree),
        problem or as_of.error,
    )


def _choices(tree: Tree) -> tuple[SpaceChoice, ...]:
    return tuple(SpaceChoice(tree.slug(pk), tree.path(pk)) for pk in tree.order(tree.spaces))
