"""The Governance Maturity score: METHOD 9 as arithmetic. No Django.

Every dimension has numerators and denominators; without a denominator there is no data, which is
neither 0 nor 100. Tiers are taken on exact fractions, never on what is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

HUNDRED = 100
EXACT = Context(prec=76)  # amounts have up to 38 digits, and thousands of them are added


class Tier(StrEnum):
    """How mature a capability is; below Walk is Crawl."""

    CRAWL = "crawl"
    WALK = "walk"
    RUN = "run"

    @property
    def label(self) -> str:
        """Return the word for people."""
        return self.value.capitalize()

    @property
    def next(self) -> "Tier | None":
        """Return the tier above; None for Run."""
        place = ORDER.index(self) + 1
        return ORDER[place] if place < len(ORDER) else None


ORDER = (Tier.CRAWL, Tier.WALK, Tier.RUN)


class Dimension(StrEnum):
    """One of the five capabilities that are scored, each by itself. Keys are recorded."""

    ATTRIBUTION = "attribution"
    ESTIMATE = "estimate"
    APPROVAL = "approval"
    ACCURACY = "accuracy"
    RESPONSE = "response"

    @property
    def label(self) -> str:
        """Return the name."""
        return LABELS[self]


LABELS = {
    Dimension.ATTRIBUTION: "Attribution Coverage",
    Dimension.ESTIMATE: "Estimate Coverage",
    Dimension.APPROVAL: "Value at Approval",
    Dimension.ACCURACY: "Plan Accuracy",
    Dimension.RESPONSE: "Gap Response",
}


class Measure(StrEnum):
    """A numerator and its denominator. Keys are recorded; they never change."""

    ATTRIBUTED = "attribution"
    CONFIRMED = "estimate.confirmed"  # EC
    BACKED = "estimate.backed"  # BC
    CONFIRMED_SPEND = "estimate.confirmed_spend"
    BACKED_SPEND = "estimate.backed_spend"
    ACKNOWLEDGED = "approval"
    WITHIN_WALK = "accuracy.walk"
    WITHIN_RUN = "accuracy.run"
    RESOLVED = "response.resolved"
    ACTIONED = "response.actioned"

    @property
    def dimension(self) -> Dimension:
        """Return the dimension that it is of."""
        return Dimension(self.value.partition(".")[0])

    @property
    def is_money(self) -> bool:
        """Tell whether it adds dollars, and does not count."""
        return self in {Measure.ATTRIBUTED, Measure.CONFIRMED_SPEND, Measure.BACKED_SPEND}

    @property
    def is_beside(self) -> bool:
        """Tell whether it stands beside the score and is not in it."""
        return self in {Measure.CONFIRMED_SPEND, Measure.BACKED_SPEND, Measure.ACTIONED}


@dataclass(frozen=True, slots=True)
class Share:
    """A numerator of a denominator: dollars, or a number of workloads, approvals or gaps."""

    part: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)

    @property
    def percent(self) -> Fraction | None:
        """Return the exact percentage; None without a denominator."""
        return Fraction(self.part) * HUNDRED / Fraction(self.whole) if self.whole else None

    def reaches(self, target: Decimal) -> bool:
        """Tell whether it is at least `target` percent; without a denominator it is not."""
        percent = self.percent
        return percent is not None and percent >= Fraction(target)

    def __add__(self, other: "Share") -> "Share":
        """Add numerators and denominators: what two Spaces come to together."""
        return added((self, other))


def added(shares: Iterable[Share]) -> Share:
    """Return what shares come to together: sums, never a mean."""
    part = whole = Decimal(0)
    for share in shares:
        part, whole = EXACT.add(part, share.part), EXACT.add(whole, share.whole)
    return Share(part, whole)


Shares = Mapping[Measure, Share]


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which percentage on a dimension is at Walk and at Run."""

    walk: Decimal
    run: Decimal


def attribution_tier(share: Share, bounds: Bounds) -> Tier | None:
    """Return the tier of Attribution Coverage: Walk from 80, Run *above* 90; None without data."""
    percent = share.percent
    if percent is None:
        return None
    if percent > Fraction(bounds.run):
        return Tier.RUN
    return Tier.WALK if percent >= Fraction(bounds.walk) else Tier.CRAWL


def plain_tier(share: Share, bounds: Bounds) -> Tier | None:
    """Return the tier of Value at Approval and of Gap Response: from each bound on."""
    if share.percent is None:
        return None
    if share.reaches(bounds.run):
        return Tier.RUN
    return Tier.WALK if share.reaches(bounds.walk) else Tier.CRAWL


def estimate_percent(estimates: Share, cases: Share) -> Fraction | None:
    """Return Estimate Coverage: the mean of estimate coverage EC and case coverage BC."""
    ec, bc = estimates.percent, cases.percent
    return None if ec is None or bc is None else (ec + bc) / 2


def estimate_tier(estimates: Share, cases: Share, bounds: Bounds) -> Tier | None:
    """Return the tier of Estimate Coverage: Walk by EC alone, Run only with EC and BC."""
    if estimates.percent is None or cases.percent is None:
        return None
    if estimates.reaches(bounds.run) and cases.reaches(bounds.run):
        return Tier.RUN
    return Tier.WALK if estimates.reaches(bounds.walk) else Tier.CRAWL


def accuracy_tier(at_walk: Share, at_run: Share, least: Decimal) -> Tier | None:
    """Return the tier of Plan Accuracy: `least` percent within the wide, or the narrow tolerance.

    `at_walk` counts what is within 20 % of its estimate, `at_run` what is within 12 %.
    """
    if at_walk.percent is None or at_run.percent is None:
        return None
    if at_run.reaches(least):
        return Tier.RUN
    return Tier.WALK if at_walk.reaches(least) else Tier.CRAWL


def overall_tier(tiers: Sequence[Tier | None]) -> Tier | None:
    """Return the lowest tier among dimensions that have data; None if none has."""
    known = [tier for tier in tiers if tier is not None]
    return min(known, key=ORDER.index) if known else None


def shown(percent: Fraction) -> Decimal:
    """Return a percentage as it is shown: rounded down to a tenth.

    So that 89.96 % never reads as the 90.0 % that it does not reach.
    """
    return Decimal(int(percent * 10)) / 10
