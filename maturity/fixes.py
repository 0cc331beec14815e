"""What would lift a dimension to its next tier, and what a score would be if that were done.

The what-if changes the evidence and scores it by the very formulas that score what is: there is no
second arithmetic. No Django.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from maturity.counting import deviation, is_late, is_within, may_come_in_time
from maturity.evidence import (
    Approval,
    Charged,
    ConfirmedEstimate,
    Evidence,
    Subject,
    Unclaimed,
)
from maturity.formulas import Scored
from maturity.score import HUNDRED, Dimension, Measure, Share, Tier
from maturity.words import an_s, these
from valueboard.lib import formats
from valueboard.lib.months import add_months, month_of

SHORT = 10  # characters


def fix_id(kind: str, key: str) -> str:
    """Return how addresses and ticks name a thing to do: `unbacked:12`.

    Groups of unclaimed spend have long keys, such as ARNs, of which an address holds few.
    """
    if kind == Act.CLAIM:
        key = sha256(key.encode()).hexdigest()[:SHORT]
    return f"{kind}:{key}"


class Act(StrEnum):
    """What can be done about a row. The keys stand in addresses; gaps have the same names."""

    CLAIM = "unclaimed"
    DECLARE = "unbacked"
    CONFIRM = "no_estimate"
    APPROVE = "not_approved"
    PLAN = "off_plan"

    @property
    def dimension(self) -> Dimension:
        """Return the dimension that it is offered under."""
        return {
            Act.CLAIM: Dimension.ATTRIBUTION,
            Act.DECLARE: Dimension.ESTIMATE,
            Act.CONFIRM: Dimension.ESTIMATE,
            Act.APPROVE: Dimension.APPROVAL,
            Act.PLAN: Dimension.ACCURACY,
        }[self]

    @property
    def heading(self) -> str:
        """Return the heading of a list of them."""
        return {
            Act.CLAIM: "Unclaimed spend given to workloads",
            Act.DECLARE: "Business cases declared",
            Act.CONFIRM: "Estimates confirmed before the first cost",
            Act.APPROVE: "Funding approved",
            Act.PLAN: "Spend within plan in the next month that closes",
        }[self]

    @property
    def words(self) -> str:
        """Say what is to be done."""
        return {
            Act.CLAIM: "give it to a workload by a rule",
            Act.DECLARE: "declare a business case",
            Act.CONFIRM: "confirm an estimate before the first cost",
            Act.APPROVE: "approve its funding, with its declared case",
            Act.PLAN: "come within its estimate in the next month that closes",
        }[self]


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that could be done: about what, and the spend of the last closed month at stake."""

    act: Act
    key: str
    name: str
    slug: str = ""
    query: str = ""
    at_stake: Decimal = Decimal(0)
    of: Subject | Unclaimed | None = None

    @property
    def id(self) -> str:
        """Return how addresses and ticks name it."""
        return fix_id(self.act, self.key)


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest list that lifts a dimension to its next tier.

    `needed` is how many it takes, None where no number would do. `reaches` says that `fixes` are
    enough: not all that is needed can always be done today.
    """

    dimension: Dimension
    target: Tier
    fixes: tuple[Fix, ...]
    needed: int | None
    reaches: bool
    words: str

    @property
    def title(self) -> str:
        """Say where it leads; a list that is not enough doesn't promise the tier."""
        label = self.target.label
        return f"to {label}" if self.reaches else f"{label} is out of reach now"


def candidates(evidence: Evidence) -> tuple[Fix, ...]:
    """Return everything that could be done, dearest first within each kind.

    What is late is not among it: an estimate that is confirmed now comes after the first cost.
    """
    return tuple(fix for act in Act for fix in _of(act, evidence))


def late(evidence: Evidence) -> tuple[Subject, ...]:
    """Return the workloads whose estimate stays late until a renewal, dearest first."""
    found = (subject for subject in evidence.subjects if is_late(subject))
    return tuple(sorted(found, key=lambda s: (-(s.spend or 0), s.name, s.id)))


def what_if(evidence: Evidence, ticked: Collection[str]) -> Evidence:
    """Return the evidence as it would be had everything in `ticked` been done today.

    A gap that is ticked off is resolved today. Ids that nothing has are passed over.
    """
    subjects = tuple(_done(subject, evidence, ticked) for subject in evidence.subjects)
    charges = evidence.charges
    if charges is not None:
        claimed = [u for u in charges.unclaimed if _is(Act.CLAIM, u.key, ticked) and u.key]
        charges = replace(
            charges,
            attributed=(*charges.attributed, *(Charged(0, u.name, "", u.amount) for u in claimed)),
            unclaimed=tuple(u for u in charges.unclaimed if u not in claimed),
        )
    given = tuple(
        Approval(0, s.id, s.name, s.slug, s.space, evidence.today, s.declared)
        for s in subjects
        if _is(Act.APPROVE, str(s.id), ticked) and not s.approved
    )
    return replace(
        evidence,
        charges=charges,
        subjects=subjects,
        approvals=(*evidence.approvals, *given),
        openings=tuple(
            replace(o, resolved=evidence.today)
            if o.resolved is None and fix_id(o.kind, o.key) in ticked
            else o
            for o in evidence.openings
        ),
    )


def way_up(scored: Scored, evidence: Evidence) -> Way | None:
    """Return what lifts a dimension to its next tier; None at Run, and without data."""
    target = scored.tier.next if scored.tier else None
    if target is None:
        return None
    return WAYS[scored.dimension](scored, evidence, target)


def shortest_first(ways: Iterable[Way]) -> list[Way]:
    """Return ways with those that reach their tier before the others, the shortest list first."""
    order = list(Dimension)
    return sorted(
        ways, key=lambda w: (not w.reaches, not w.fixes, len(w.fixes), order.index(w.dimension))
    )


def still_needed(share: Share, target: Decimal, parts: Sequence[Decimal], *, above: bool) -> int:
    """Return how many of `parts`, taken in order, lift `share` to `target` percent.

    `above` asks for more than the target and not just for the target. One more than there are
    parts if all of them aren't enough.
    """
    reached = share
    for count, part in enumerate([*parts, None]):
        percent = reached.percent
        if percent is None or (
            percent > Fraction(target) if above else percent >= Fraction(target)
        ):
            return count
        if part is not None:
            reached = reached + Share(part, Decimal(0))
    return len(parts) + 1


# --- one dimension each ---------------------------------------------------------------------------


def _attribution(scored: Scored, evidence: Evidence, target: Tier) -> Way:
    share = scored.shares[Measure.ATTRIBUTED]
    found = _of(Act.CLAIM, evidence)
    count = still_needed(
        share,
        scored.limits[f"attribution.{target}"],
        [fix.at_stake for fix in found],
        above=target is Tier.RUN,
    )
    reaches = count <= len(found)
    words = (
        f"Give {these(count, 'group')} of unclaimed spend to claimed workloads and you reach "
        f"{target.label}."
        if reaches
        else f"Even all groups of unclaimed spend are not enough for {target.label}: the rest is "
        "no group that a rule could claim."
    )
    return Way(scored.dimension, target, tuple(found[:count]), count, reaches, words)


def _estimates(scored: Scored, evidence: Evidence, target: Tier) -> Way:
    bound = scored.limits[f"estimate.{target}"]
    estimates = _missing(scored.shares[Measure.CONFIRMED], bound)
    cases = _missing(scored.shares[Measure.BACKED], bound) if target is Tier.RUN else 0
    both = {f.key for f in _of(Act.DECLARE, evidence)} & {f.key for f in _of(Act.CONFIRM, evidence)}

    def nearest(act: Act, count: int) -> list[Fix]:
        # Whoever is asked for both is asked once.
        return sorted(_of(act, evidence), key=lambda fix: fix.key not in both)[:count]

    declare = nearest(Act.DECLARE, cases)
    confirm = nearest(Act.CONFIRM, estimates)
    parts = []
    if cases:
        parts.append(f"{cases} more declared business case{an_s(cases)}")
    if estimates:
        parts.append(f"{estimates} more estimate{an_s(estimates)} confirmed before the first cost")
    words = f"{' and '.join(parts)} and you reach {target.label}."
    short = estimates - len(confirm)
    if short:
        behind = len(late(evidence))
        words = (
            f"This can't reach {target.label} now: it takes {estimates} more "
            f"estimate{an_s(estimates)} confirmed before the first cost, and {len(confirm)} can "
            f"still be. {behind} workload{an_s(behind)} that hold{'s' if behind == 1 else ''} it "
            "down can't be mended any more: a late estimate stays late until a renewal is "
            "confirmed before its own first month."
        )
    fixes = (*declare, *confirm)
    return Way(scored.dimension, target, fixes, cases + estimates, not short, words)


def _approvals(scored: Scored, evidence: Evidence, target: Tier) -> Way:
    share, bound = scored.shares[Measure.ACKNOWLEDGED], scored.limits[f"approval.{target}"]
    needed = _more(share, bound)
    declared = {str(subject.id) for subject in evidence.subjects if subject.declared}
    found = [fix for fix in _of(Act.APPROVE, evidence) if fix.key in declared]
    if needed is None:
        words = (
            f"{target.label} asks for every approval of the last 12 months; those that "
            "acknowledged no case leave the count when they are 12 months old."
        )
        return Way(scored.dimension, target, (), None, reaches=False, words=words)
    words = (
        f"{needed} more approval{an_s(needed)} that acknowledge{'s' if needed == 1 else ''} a "
        f"declared case and you reach {target.label}."
    )
    if needed > len(found):
        there = len(found)
        words += (
            f" {there} workload{an_s(there)} with a declared case "
            f"{'was' if there == 1 else 'were'} never approved; past approvals don't change."
        )
    return Way(scored.dimension, target, tuple(found[:needed]), needed, needed <= len(found), words)


def _accuracy(scored: Scored, evidence: Evidence, target: Tier) -> Way:
    measure = Measure.WITHIN_WALK if target is Tier.WALK else Measure.WITHIN_RUN
    tolerance = scored.limits[f"accuracy.{target}_percent"]
    count = _missing(scored.shares[measure], scored.limits["accuracy.share"])
    by_key = {str(subject.id): subject for subject in evidence.subjects}
    outside = [f for f in _of(Act.PLAN, evidence) if not is_within(by_key[f.key], tolerance)]
    nearest = sorted(outside, key=lambda fix: _off(by_key[fix.key]))[:count]
    words = (
        f"{these(count, 'workload')} within {formats.number(tolerance)}% of the estimate in the "
        f"next month that closes, the others as they are, and you reach {target.label}. A month "
        "that is closed does not change."
    )
    return Way(scored.dimension, target, tuple(nearest), count, reaches=True, words=words)


def _response(scored: Scored, evidence: Evidence, target: Tier) -> Way:
    days = int(scored.limits["response.days"])
    young = [
        o for o in evidence.openings if o.resolved is None and (evidence.today - o.day).days < days
    ]
    words = (
        f"What was opened {days} days ago and more is decided. {len(young)} "
        f"gap{an_s(len(young))} opened since {'is' if len(young) == 1 else 'are'} still open, and "
        f"count{'s' if len(young) == 1 else ''} towards {target.label} if resolved within {days} "
        "days of opening."
    )
    return Way(scored.dimension, target, (), None, reaches=False, words=words)


WAYS: dict[Dimension, Callable[[Scored, Evidence, Tier], Way]] = {
    Dimension.ATTRIBUTION: _attribution,
    Dimension.ESTIMATE: _estimates,
    Dimension.APPROVAL: _approvals,
    Dimension.ACCURACY: _accuracy,
    Dimension.RESPONSE: _response,
}


def _fix(act: Act, subject: Subject) -> Fix:
    return Fix(
        act,
        str(subject.id),
        subject.name,
        subject.slug,
        at_stake=max(subject.spend or Decimal(0), Decimal(0)),
        of=subject,
    )


def _of(act: Act, evidence: Evidence) -> list[Fix]:
    """Return everything of one kind that could be done, dearest first."""
    if act is Act.CLAIM:
        found = [
            Fix(act, u.key, u.name, query=u.query, at_stake=u.amount, of=u)
            for u in (evidence.charges.unclaimed if evidence.charges else ())
            if u.key
        ]
    else:
        lacks = _lacks(act, evidence)
        found = [_fix(act, subject) for subject in evidence.subjects if lacks(subject)]
    return sorted(found, key=lambda fix: (-fix.at_stake, fix.name, fix.key))


def _lacks(act: Act, evidence: Evidence) -> Callable[[Subject], bool]:
    """Return what tells whether a workload lacks what an act would give it."""
    narrow = evidence.limits["accuracy.run_percent"]
    tests: dict[Act, Callable[[Subject], bool]] = {
        Act.DECLARE: lambda subject: not subject.declared,
        Act.CONFIRM: may_come_in_time,
        Act.APPROVE: lambda subject: not subject.approved,
        Act.PLAN: lambda subject: deviation(subject) is not None and not is_within(subject, narrow),
    }
    return tests[act]


def _is(act: Act, key: str, ticked: Collection[str]) -> bool:
    return fix_id(act, key) in ticked


def _done(subject: Subject, evidence: Evidence, ticked: Collection[str]) -> Subject:
    key = str(subject.id)
    if _is(Act.DECLARE, key, ticked):
        subject = replace(subject, declared=True)
    if _is(Act.CONFIRM, key, ticked):
        month = month_of(evidence.today)
        now = ConfirmedEstimate(evidence.today, month, add_months(month, 12))
        subject = replace(subject, confirmed=(*subject.confirmed, now))
    if _is(Act.PLAN, key, ticked) and deviation(subject) is not None:
        subject = replace(subject, spend=subject.planned)
    return subject


def _off(subject: Subject) -> Fraction:
    off, planned = deviation(subject), subject.planned
    return Fraction(off) / Fraction(planned) if off is not None and planned else Fraction(0)


def _missing(share: Share, target: Decimal) -> int:
    """Return how many more of the whole have to count."""
    if not share.whole or share.reaches(target):
        return 0
    lacking = Fraction(target) * Fraction(share.whole) / HUNDRED - Fraction(share.part)
    return min(-(-lacking // 1), int(share.whole - share.part) + 1)


def _more(share: Share, target: Decimal) -> int | None:
    """Return how many more rows, all of which count, lift a share; None if no number does."""
    if share.reaches(target):
        return 0
    if target >= HUNDRED:
        return None
    goal = Fraction(target) / HUNDRED
    lacking = goal * Fraction(share.whole) - Fraction(share.part)
    return -((-lacking) // (1 - goal))
