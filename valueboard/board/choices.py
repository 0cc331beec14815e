"""What the filters of the board offer, and what of it is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from business_cases.standing import Lens
from positions.query import BANDS, STATES, Query
from positions.reader import Tree
from valueboard.lib.figure import ValueType
from valueboard.lib.palette import LOOK_OF


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    spaces: Sequence[Choice]
    types: Sequence[Choice]
    bands: Sequence[Choice]
    owners: Sequence[Choice]
    states: Sequence[Choice]
    lenses: Sequence[Choice]


def choices_of(query: Query, tree: Tree, owners: Mapping[int, str]) -> Choices:
    """Return what the filters offer to whoever knows these Spaces and owners."""
    read = tree.order(pk for pk in tree.spaces if tree.is_read(pk))
    people = sorted(owners.items(), key=lambda item: item[1].casefold())
    return Choices(
        [Choice(tree.slug(pk), tree.path(pk), tree.slug(pk) == query.space) for pk in read],
        [Choice(each.value, each.label, each in query.types) for each in ValueType],
        [Choice(key, LOOK_OF[key].label, key in query.bands) for key in BANDS],
        [Choice(str(pk), name, pk == query.owner) for pk, name in people],
        [Choice(key, label, key in query.states) for key, label in STATES.items()],
        # The usual lens is no part of an address.
        [
            Choice(each.value if each != Lens.PLANNED else "", each.label, each is query.lens)
            for each in Lens
        ],
    )
