"""The what-if as a page shows it: what can be ticked off, and how the score answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from maturity.evidence import Evidence, Subject
from maturity.fixes import Act, Fix, Way, candidates, late, shortest_first, way_up, what_if
from maturity.formulas import Scored, overall, score
from maturity.pages import FixShown, actual, fix_of, percent_of
from maturity.score import ORDER, Dimension, Tier
from valueboard.lib.figure import Figure, change

MOST = 25  # of a kind; an address holds no thousands of ticks


@dataclass(frozen=True, slots=True)
class Tickable:
    """One thing to tick: by itself, or all of a shortest list (`name` is then `way`)."""

    value: str
    is_ticked: bool
    shown: FixShown | None = None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """The things of one kind that can be done, dearest first; `left` are those not listed."""

    act: Act
    ticks: tuple[Tickable, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One dimension as it is, and as it would be."""

    key: Dimension
    now: Figure | None
    tier: Tier | None
    then: Figure | None
    tier_then: Tier | None

    @property
    def label(self) -> str:
        """Return the name."""
        return self.key.label

    @property
    def difference(self) -> Figure | None:
        """Return by how many points it would change; None where there is no data."""
        return change(self.now, self.then) if self.now and self.then else None

    @property
    def rises(self) -> bool:
        """Tell whether it would reach a higher tier."""
        return _place(self.tier_then) > _place(self.tier)

    @property
    def falls(self) -> bool:
        """Tell whether it would fall to a lower tier."""
        return _place(self.tier_then) < _place(self.tier)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Everything of the page: what is ticked, what else could be, and the answer."""

    ways: tuple[Tickable, ...]
    kinds: tuple[Kind, ...]
    late: tuple[tuple[Subject, Figure | None], ...]
    left_late: int
    answers: tuple[Answer, ...]
    overall: Tier | None
    overall_then: Tier | None
    ticked: int

    @property
    def overall_words(self) -> str:
        """Say the overall tier, and what it would be: `Crawl, then Walk`."""
        now, then = (
            tier.label if tier else "no data" for tier in (self.overall, self.overall_then)
        )
        return f"{now}, then {then}" if self.ticked else now


def try_out(
    evidence: Evidence,
    versions: Mapping[Dimension, int],
    fixes: Collection[str],
    ways: Collection[str],
) -> WhatIf:
    """Answer what the score would be had all of `fixes` been done, and all of the lists `ways`.

    `fixes` are ids such as `unbacked:12`, `ways` the keys of dimensions; what nothing has is passed
    over.
    """
    before = score(evidence, versions)
    offered = shortest_first(way for s in before.values() if (way := way_up(s, evidence)))
    known = candidates(evidence)
    ids = {fix.id for fix in known} & set(fixes)
    listed = {fix.id for way in offered if way.dimension in ways for fix in way.fixes}
    after = score(what_if(evidence, ids | listed), versions)
    behind = late(evidence)
    return WhatIf(
        tuple(
            Tickable(way.dimension, way.dimension in ways, way=way) for way in offered if way.fixes
        ),
        tuple(_kind(act, list(group), evidence, ids) for act, group in groupby(known, _act_of)),
        tuple((subject, actual(subject.spend, evidence)) for subject in behind[:MOST]),
        max(len(behind) - MOST, 0),
        tuple(_answer(before[key], after[key]) for key in Dimension),
        overall(before),
        overall(after),
        len(ids | listed),
    )


def _act_of(fix: Fix) -> Act:
    return fix.act


def _kind(act: Act, fixes: Sequence[Fix], evidence: Evidence, ticked: Collection[str]) -> Kind:
    """List what is ticked, and of the others the dearest."""
    first = {fix.id for fix in fixes[:MOST]} | set(ticked)
    shown = [fix for fix in fixes if fix.id in first]
    return Kind(
        act,
        tuple(Tickable(fix.id, fix.id in ticked, fix_of(fix, evidence)) for fix in shown),
        len(fixes) - len(shown),
    )


def _answer(before: Scored, after: Scored) -> Answer:
    return Answer(before.dimension, percent_of(before), before.tier, percent_of(after), after.tier)


def _place(tier: Tier | None) -> int:
    return ORDER.index(tier) if tier else -1
