"""The list of names for finance: what is claimed on each, and what was merged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from business_cases.anchors import Anchor
from business_cases.claims import Claims, build_claims, current_claimants
from business_cases.names import Merge, address_of, merges, names
from valueboard.lib.figure import ValueType


@dataclass(frozen=True, slots=True)
class ClaimedName:
    """One name with the current cases on it, and the names that count as it."""

    claims: Claims
    merged: tuple[Merge, ...]

    @property
    def merge_url(self) -> str:
        """Return where the name is merged into another."""
        return address_of("name-merge", self.claims.anchor, self.claims.name)


@dataclass(frozen=True, slots=True)
class NamesOfAType:
    """The names of one value type: those that current cases draw on, and the rest."""

    value_type: ValueType
    claimed: tuple[ClaimedName, ...]
    idle: tuple[ClaimedName, ...]

    @property
    def over(self) -> int:
        """Return on how many names more is claimed than there is."""
        return sum(name.claims.is_over for name in self.claimed)


def read_names(known_at: datetime) -> list[NamesOfAType]:
    """Return every name by value type, the most over-claimed first, for who reads everything."""
    said, spelt = merges(known_at), names(known_at)
    claimants = current_claimants(said, known_at)
    reads = {c.workload.pk for found in claimants.values() for c in found if c.workload}
    merged: dict[Anchor, list[Merge]] = defaultdict(list)
    for anchor, merge in said.in_force.items():
        merged[said.end_of(anchor)].append(merge)
    rows = [
        ClaimedName(
            build_claims(anchor, name, claimants.get(anchor, []), said, reads),
            tuple(merged[anchor]),
        )
        for anchor, name in spelt.items()
        if anchor not in said.in_force
    ]
    rows.sort(key=_order)
    return [
        NamesOfAType(
            kind,
            tuple(r for r in rows if r.claims.anchor.value_type == kind and r.claims.rows),
            tuple(r for r in rows if r.claims.anchor.value_type == kind and not r.claims.rows),
        )
        for kind in ValueType
    ]


def _order(row: ClaimedName) -> tuple[object, ...]:
    claims = row.claims
    share = claims.sum.share.amount if claims.sum else 0
    return (not claims.is_over, -share, claims.anchor.key)
