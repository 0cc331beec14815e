"""The list of names for finance: what is claimed on each, and what was merged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from business_cases.anchors import Anchor
from business_cases.claims import Claims, build_claims, current_claimants, named
from business_cases.names import Merge, Merges, address_of, read_known
from valueboard.lib.figure import ValueType


@dataclass(frozen=True, slots=True)
class ClaimedName:
    """One name with the current cases on it, and the names that count as it."""

    claims: Claims
    merged: tuple[Merge, ...]

    def matches(self, query: str) -> bool:
        """Tell whether a search finds it: by its name, a merged name, a case's, or its owner's."""
        said = [
            self.claims.name,
            *(merge.name for merge in self.merged),
            *(part for row in self.claims.rows for part in (row.name, row.owner)),
        ]
        return any(query.casefold() in each.casefold() for each in said)

    @property
    def merge_url(self) -> str:
        """Return where the name is merged into another."""
        return address_of("name-merge", self.claims.anchor, self.claims.name)


@dataclass(frozen=True, slots=True)
class NamesOfAType:
    """The names of one value type: over-claimed, claimed within what there is, and the rest."""

    value_type: ValueType
    over: tuple[ClaimedName, ...]
    claimed: tuple[ClaimedName, ...]
    idle: tuple[ClaimedName, ...]


def read_names(known_at: datetime, said: Merges, query: str = "") -> list[NamesOfAType]:
    """Return the names that a search finds by value type, for who reads everything.

    The most over-claimed first; `said` are the merges by then.
    """
    known = read_known(known_at, said=said)
    claimants = current_claimants(known)
    reads = {c.workload.pk for found in claimants.values() for c in found if c.workload}
    merged: dict[Anchor, list[Merge]] = defaultdict(list)
    for anchor, merge in said.in_force.items():
        merged[said.end_of(anchor)].append(merge)
    rows = [
        ClaimedName(
            _named(build_claims(anchor, name, claimants.get(anchor, []), said, reads)),
            tuple(merged[anchor]),
        )
        for anchor, name in known.spelt.items()
        if anchor not in said.in_force
    ]
    rows = sorted((row for row in rows if row.matches(query)), key=_order)
    return [
        NamesOfAType(
            kind,
            tuple(r for r in found if r.claims.is_over),
            tuple(r for r in found if r.claims.rows and not r.claims.is_over),
            tuple(r for r in found if not r.claims.rows),
        )
        for kind in ValueType
        for found in [[r for r in rows if r.claims.anchor.value_type == kind]]
    ]


def _named(found: Claims) -> Claims:
    """Name the figures by any of the cases: each leads to all cases on the name."""
    return named(found, found.rows[0].slug) if found.rows else found


def _order(row: ClaimedName) -> tuple[object, ...]:
    claims = row.claims
    share = claims.sum.share.amount if claims.sum else 0
    return (not claims.is_over, -share, claims.anchor.key)
