"""The names that cases draw on, and which of them Finance merged, as known at a moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Min, Q, Value
from django.urls import reverse

from business_cases.anchors import Anchor, follow
from business_cases.facts import NOBODY
from business_cases.models import AnchorMerge, BusinessRequest, CaseSnapshot, RequestState
from spaces.models import WorkloadState
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
    spelt: dict[Anchor, str] = {}
    for anchor, name, _ in _named(known_at):
        spelt.setdefault(anchor, name)
    return spelt


def _named(known_at: datetime, own: int | None = None) -> Iterator[tuple[Anchor, str, list[int]]]:
    """Yield every spelling of a name, and the workloads whose current case is spelt so.

    Current are the cases of claimed workloads, of submitted requests, and of `own`.
    """
    recorded = CaseSnapshot.objects.filter(recorded_at__lte=known_at)
    latest = recorded.order_by("case", "-version").distinct("case").values("pk")
    submitted = BusinessRequest.objects.filter(state=RequestState.SUBMITTED).values("workload")
    counts = (
        Q(case__workload__state=WorkloadState.CLAIMED)
        | Q(case__workload__in=submitted)
        | Q(case__workload=own)
    )
    current = ArrayAgg("case__workload", filter=Q(pk__in=latest) & counts, default=Value([]))
    found = (
        recorded.filter(retracted=False)
        .values_list("value_type", "anchor")
        .annotate(first=Min("pk"), current=current)
        .order_by("first")
    )
    for value_type, name, _, workloads in found:
        yield Anchor.named(ValueType(value_type), name), name, workloads


@dataclass(frozen=True, slots=True)
class Offered:
    """A name that a field offers, and what it is a name of."""

    name: str
    value_type: ValueType


@dataclass(frozen=True, slots=True)
class Known:
    """Every name as it was spelt first, what was said of them, and whose current case is on which.

    `current` are the names by workload: of claimed ones, and of submitted requests.
    """

    known_at: datetime
    said: Merges
    spelt: Mapping[Anchor, str]
    current: Mapping[int, Anchor]

    @property
    def offered(self) -> list[Offered]:
        """Return the names to choose from, costs first; merged ones are left out."""
        return [
            Offered(name, anchor.value_type)
            for anchor, name in sorted(self.spelt.items())
            if anchor not in self.said.in_force
        ]

    def on(self, anchor: Anchor | None) -> list[int]:
        """Return the workloads whose current case counts as a name, all of them without one."""
        if anchor is None:
            return list(self.current)
        end = self.said.end_of(anchor)
        return [pk for pk, each in self.current.items() if self.said.end_of(each) == end]

    def beside(self, workload: int) -> list[int]:
        """Return a workload and those whose current case counts as the same name."""
        named = self.current.get(workload)
        return [workload, *(self.on(named) if named else ())]


def read_known(known_at: datetime, *, said: Merges | None = None, own: int | None = None) -> Known:
    """Return the names by a moment (two queries, one where `said` was read before).

    The case of the workload `own` is in `current` whatever state it is in.
    """
    spelt: dict[Anchor, str] = {}
    current: dict[int, Anchor] = {}
    for anchor, name, workloads in _named(known_at, own):
        spelt.setdefault(anchor, name)
        current |= dict.fromkeys(workloads, anchor)
    return Known(known_at, said or merges(known_at), spelt, current)


def offered(known_at: datetime) -> list[Offered]:
    """Return the names to choose from, costs first; merged ones are left out (two queries)."""
    return read_known(known_at).offered
