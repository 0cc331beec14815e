"""The what-if as a page shows it: what can be ticked off, and how the score answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from maturity.evidence import Evidence, Subject
from maturity.fixes import Act, Fix, Way, candidates, late, shortest_first, way_up, what_if
from maturity.formulas import Scored, overall, score
from maturity.names import Names
from maturity.pages import FixShown, fix_of, percent_of, spend_of
from maturity.score import ORDER, Dimension, Tier
from maturity.words import decides_words
from valueboard.lib.explained import What
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
    """One dimension as it is, and as it would be.

    `difference` is by how many points it would change, None where there is no data.
    """

    key: Dimension
    now: Figure | None
    tier: Tier | None
    then: Figure | None
    tier_then: Tier | None
    difference: Figure | None
    decides: str = ""  # which share does, where the percentage does not
    decides_then: str = ""

    @property
    def label(self) -> str:
        """Return the name."""
        return self.key.label

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
    names: Names,
) -> WhatIf:
    """Answer what the score would be had all of `fixes` been done, and all of the lists `ways`.

    `fixes` are ids such as `unbacked:12`, `ways` the keys of dimensions; what nothing has is passed
    over. `names` names the figures of now.
    """
    before = score(evidence, versions)
    offered = shortest_first(way for s in before.values() if (way := way_up(s, evidence)))
    known = candidates(evidence)
    ids = {fix.id for fix in known} & set(fixes)
    chosen = [way for way in offered if way.dimension in ways]
    done = {*ids, *(fix.id for way in chosen for fix in way.fixes)}
    after = score(what_if(evidence, done), versions)
    then = replace(names, done=[*ids, *(way.dimension.value for way in chosen)])
    behind = late(evidence)
    return WhatIf(
        tuple(
            Tickable(way.dimension, way.dimension in ways, way=way) for way in offered if way.fixes
        ),
        tuple(
            _kind(act, list(group), evidence, ids, names) for act, group in groupby(known, _act_of)
        ),
        tuple((subject, spend_of(subject, evidence, names)) for subject in behind[:MOST]),
        max(len(behind) - MOST, 0),
        tuple(_answer(before[key], after[key], names, then) for key in Dimension),
        overall(before),
        overall(after),
        len(done),
    )


def _act_of(fix: Fix) -> Act:
    return fix.act


def done_of(
    evidence: Evidence, versions: Mapping[Dimension, int], done: Collection[str]
) -> set[str]:
    """Return the ids of all that `Names.done` takes as done."""
    ways = (way_up(scored, evidence) for scored in score(evidence, versions).values())
    listed = (way.fixes for way in ways if way and way.dimension in done)
    return {*done, *(fix.id for fixes in listed for fix in fixes)}


def _kind(
    act: Act, fixes: Sequence[Fix], evidence: Evidence, ticked: Collection[str], names: Names
) -> Kind:
    """List what is ticked, and of the others the dearest."""
    first = {fix.id for fix in fixes[:MOST]} | set(ticked)
    shown = [fix for fix in fixes if fix.id in first]
    return Kind(
        act,
        tuple(Tickable(fix.id, fix.id in ticked, fix_of(fix, evidence, names)) for fix in shown),
        len(fixes) - len(shown),
    )


def _answer(before: Scored, after: Scored, names: Names, done: Names) -> Answer:
    key, was, would = before.dimension, percent_of(before), percent_of(after)
    return Answer(
        key,
        names.name(was, What.MATURITY, key),
        before.tier,
        done.name(would, What.MATURITY, key),
        after.tier,
        done.name(change(was, would), What.CHANGE, key) if was and would else None,
        decides_words(before),
        decides_words(after),
    )


def _place(tier: Tier | None) -> int:
    return ORDER.index(tier) if tier else -1
