"""The Governance Maturity score: METHOD 9 as arithmetic. No Django.

Every dimension has numerators and denominators; without a denominator there is no data, which is
neither 0 nor 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

FORMULA_VERSION = 1
HUNDRED = 100


class Tier(StrEnum):
    """How mature a capability is; below Walk is Crawl."""

    CRAWL = "crawl"
    WALK = "walk"
    RUN = "run"

    @property
    def label(self) -> str:
        """Return the word for people."""
        return self.value.capitalize()


ORDER = (Tier.CRAWL, Tier.WALK, Tier.RUN)


@dataclass(frozen=True, slots=True)
class Share:
    """A numerator of a denominator: dollars, or a number of workloads."""

    part: Decimal
    whole: Decimal

    @property
    def percent(self) -> Fraction | None:
        """Return the exact percentage; None without a denominator."""
        return Fraction(self.part) * HUNDRED / Fraction(self.whole) if self.whole else None


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


def estimate_percent(estimates: Share, cases: Share) -> Fraction | None:
    """Return Estimate Coverage: the mean of estimate coverage EC and case coverage BC."""
    ec, bc = estimates.percent, cases.percent
    return None if ec is None or bc is None else (ec + bc) / 2


def estimate_tier(estimates: Share, cases: Share, bounds: Bounds) -> Tier | None:
    """Return the tier of Estimate Coverage: Walk by EC alone, Run only with EC and BC."""
    ec, bc = estimates.percent, cases.percent
    if ec is None or bc is None:
        return None
    if ec >= Fraction(bounds.run) and bc >= Fraction(bounds.run):
        return Tier.RUN
    return Tier.WALK if ec >= Fraction(bounds.walk) else Tier.CRAWL


def overall_tier(tiers: Sequence[Tier | None]) -> Tier | None:
    """Return the lowest tier among dimensions that have data; None if none has."""
    known = [tier for tier in tiers if tier is not None]
    return min(known, key=ORDER.index) if known else None


def still_needed(share: Share, target: Decimal, parts: Sequence[Decimal], *, above: bool) -> int:
    """Return how many of `parts`, taken in order, lift `share` to `target` percent.

    `above` asks for more than the target and not just for the target. 0 if it is reached already;
    all of them if even that isn't enough.
    """
    reached, count = share.part, 0
    for part in parts:
        percent = Share(reached, share.whole).percent
        if percent is None or (
            percent > Fraction(target) if above else percent >= Fraction(target)
        ):
            break
        reached, count = reached + part, count + 1
    return count
