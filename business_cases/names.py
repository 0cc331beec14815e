"""The names that cases draw on, and which of them Finance merged, as known at a moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Min
from django.urls import reverse

from business_cases.anchors import Anchor, follow
from business_cases.facts import NOBODY
from business_cases.models import AnchorMerge, CaseSnapshot
from valueboard.lib.figure import ValueType


def address_of(page: str, anchor: Anchor, name: str) -> str:
    """Return the address of a page about a name."""
    return f"{reverse(page)}?{urlencode({'type': anchor.value_type.value, 'name': name})}"


@dataclass(frozen=True, slots=True)
class Merge:
    """What Finance said of a name: it is another one, or (`into` is None) one by itself again."""

    anchor: Anchor
    name: str
    into: Anchor | None
    into_name: str
    reason: str
    recorded_at: datetime
    recorded_by: str
    version: int

    @property
    def undo_url(self) -> str:
        """Return where the merge is taken back."""
        return address_of("name-unmerge", self.anchor, self.name)


@dataclass(frozen=True)
class Merges:
    """Everything that was said of names, oldest first; the latest about a name holds."""

    rows: tuple[Merge, ...] = ()

    @cached_property
    def latest(self) -> dict[Anchor, Merge]:
        """Return what was last said of each name."""
        return {row.anchor: row for row in self.rows}

    @cached_property
    def in_force(self) -> dict[Anchor, Merge]:
        """Return the merge of each name that is merged."""
        return {anchor: row for anchor, row in self.latest.items() if row.into}

    @cached_property
    def _into(self) -> dict[Anchor, Anchor]:
        return {anchor: row.into for anchor, row in self.latest.items() if row.into}

    def chain(self, anchor: Anchor) -> tuple[Merge, ...]:
        """Return the merges that lead from a name to where it ends; none for one by itself."""
        return tuple(self.in_force[passed] for passed in follow(anchor, self._into)[:-1])

    def end_of(self, anchor: Anchor) -> Anchor:
        """Return the name that a name counts as."""
        return follow(anchor, self._into)[-1]


def merges(known_at: datetime) -> Merges:
    """Return the merges that were recorded by `known_at` (one query)."""
    found = (
        AnchorMerge.objects.filter(recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("version", "pk")
    )
    return Merges(tuple(_merge(row) for row in found))


def _merge(row: AnchorMerge) -> Merge:
    value_type = ValueType(row.value_type)
    return Merge(
        Anchor(value_type, row.key),
        row.name,
        Anchor(value_type, row.into_key) if row.into_key else None,
        row.into,
        row.reason,
        row.recorded_at,
        row.recorded_by.name if row.recorded_by else NOBODY,
        row.version,
    )


def names(known_at: datetime) -> dict[Anchor, str]:
    """Return every name that a case ever drew on, as it was spelt first (one query).

    Drafts are in it once they are submitted: until then only their authors read them.
    """
    found = (
        CaseSnapshot.objects.filter(recorded_at__lte=known_at, retracted=False)
        .values("value_type", "anchor")
        .annotate(first=Min("pk"))
        .order_by("first")
    )
    spelt: dict[Anchor, str] = {}
    for row in found:
        spelt.setdefault(Anchor.named(ValueType(row["value_type"]), row["anchor"]), row["anchor"])
    return spelt


@dataclass(frozen=True, slots=True)
class Offered:
    """A name that a field offers, and what it is a name of."""

    name: str
    value_type: ValueType


def offered(known_at: datetime) -> list[Offered]:
    """Return the names to choose from, costs first; merged ones are left out (two queries)."""
    merged = merges(known_at).in_force
    return [
        Offered(name, anchor.value_type)
        for anchor, name in sorted(names(known_at).items())
        if anchor not in merged
    ]
