"""Who reads, and the tree of Spaces as they may know it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from accounts.models import User
from spaces.access import spaces_read
from spaces.models import Reader as SpacesReader
from spaces.models import Space, spaces_below


@dataclass(frozen=True)
class Tree:
    """The Spaces by id, in the order of their names; `read` are those the person reads, None all.

    A path begins at the first Space that they read: names above it are not theirs to know.
    """

    spaces: Mapping[int, Space]
    read: frozenset[int] | None

    def is_read(self, pk: int) -> bool:
        """Tell whether the person reads a Space: whoever owns a workload in it need not."""
        return self.read is None or pk in self.read

    def parent(self, pk: int) -> int | None:
        """Return the Space above, None where there is none that the person reads."""
        space = self.spaces.get(pk)
        above = space.parent_id if space else None
        return above if above is not None and self.is_read(above) else None

    def trail(self, pk: int) -> list[int]:
        """Return the Spaces from the topmost that the person reads down to this one."""
        found = [pk]
        while (above := self.parent(found[0])) is not None:
            found.insert(0, above)
        return found

    def name(self, pk: int) -> str:
        """Return the name of a Space; empty for one that was made since the tree was read."""
        return self.spaces[pk].name if pk in self.spaces else ""

    @cached_property
    def _paths(self) -> dict[int, str]:
        return {pk: " / ".join(self.name(each) for each in self.trail(pk)) for pk in self.spaces}

    def path(self, pk: int) -> str:
        """Return the path of names, such as `Commerce / Search`."""
        return self._paths.get(pk, "")

    @cached_property
    def _below(self) -> dict[int, frozenset[int]]:
        return {}

    def below(self, pk: int) -> frozenset[int]:
        """Return the ids of a Space and of all inside it."""
        if pk not in self._below:
            self._below[pk] = frozenset(spaces_below([pk], self.spaces.values()))
        return self._below[pk]

    @cached_property
    def _children(self) -> dict[int | None, list[int]]:
        found: dict[int | None, list[int]] = {}
        for pk in self.spaces:
            if self.is_read(pk):
                found.setdefault(self.parent(pk), []).append(pk)
        return found

    def children(self, pk: int | None) -> list[int]:
        """Return the Spaces right below one, by name; below None those that begin a path."""
        return self._children.get(pk, [])

    def slug(self, pk: int) -> str:
        """Return the address of a Space; empty as for `name`."""
        return self.spaces[pk].slug if pk in self.spaces else ""

    def find(self, slug: str) -> int | None:
        """Return the Space of an address, None for one that the person does not read."""
        return next(
            (pk for pk, s in self.spaces.items() if s.slug == slug and self.is_read(pk)), None
        )

    def order(self, pks: Iterable[int]) -> list[int]:
        """Return Spaces in the order of their paths."""
        return sorted(pks, key=self.path)


@dataclass(frozen=True)
class Reader:
    """A person, the Spaces whose workloads they read (None: every one), and the tree."""

    user: User
    space_ids: frozenset[int] | None
    tree: Tree

    @classmethod
    def of(cls, user: User) -> "Reader":
        """Return what a person reads (one query, none where the tree was read in this request)."""
        read = spaces_read(user)
        ids = None if read is None else frozenset(read)
        return cls(user, ids, Tree(SpacesReader.of(user).spaces, ids))
