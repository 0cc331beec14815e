"""The formulas of Governance Maturity by dimension and version. No Django.

A changed formula is a new version beside the old one, in force from a day on (FormulaVersion): old
days keep the formula of their time. So nothing here is ever edited once a score was kept by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from maturity import counting
from maturity.counting import Rows, share_of
from maturity.evidence import Evidence
from maturity.score import (
    Bounds,
    Dimension,
    Measure,
    Shares,
    Tier,
    accuracy_tier,
    attribution_tier,
    estimate_percent,
    estimate_tier,
    overall_tier,
    plain_tier,
)

Limits = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Formula:
    """One version of one dimension: what it counts, its percentage, and its tier.

    `measures` are in the order of a page; the first fixes what there is data of.
    """

    measures: tuple[Measure, ...]
    count: Callable[[Evidence], Rows]
    percent: Callable[[Shares], Fraction | None]
    tier: Callable[[Shares, Limits], Tier | None]


def _bounds(limits: Limits, dimension: Dimension) -> Bounds:
    return Bounds(limits[f"{dimension}.walk"], limits[f"{dimension}.run"])


FORMULAS: dict[tuple[Dimension, int], Formula] = {
    (Dimension.ATTRIBUTION, 1): Formula(
        (Measure.ATTRIBUTED,),
        counting.attribution,
        lambda shares: shares[Measure.ATTRIBUTED].percent,
        lambda shares, limits: attribution_tier(
            shares[Measure.ATTRIBUTED], _bounds(limits, Dimension.ATTRIBUTION)
        ),
    ),
    (Dimension.ESTIMATE, 1): Formula(
        (
            Measure.CONFIRMED,
            Measure.BACKED,
            Measure.CONFIRMED_SPEND,
            Measure.BACKED_SPEND,
        ),
        counting.estimates,
        lambda shares: estimate_percent(shares[Measure.CONFIRMED], shares[Measure.BACKED]),
        lambda shares, limits: estimate_tier(
            shares[Measure.CONFIRMED],
            shares[Measure.BACKED],
            _bounds(limits, Dimension.ESTIMATE),
        ),
    ),
    (Dimension.APPROVAL, 1): Formula(
        (Measure.ACKNOWLEDGED,),
        counting.approvals,
        lambda shares: shares[Measure.ACKNOWLEDGED].percent,
        lambda shares, limits: plain_tier(
            shares[Measure.ACKNOWLEDGED], _bounds(limits, Dimension.APPROVAL)
        ),
    ),
    (Dimension.ACCURACY, 1): Formula(
        (Measure.WITHIN_WALK, Measure.WITHIN_RUN),
        counting.accuracy,
        lambda shares: shares[Measure.WITHIN_WALK].percent,
        lambda shares, limits: accuracy_tier(
            shares[Measure.WITHIN_WALK],
            shares[Measure.WITHIN_RUN],
            limits["accuracy.share"],
        ),
    ),
    (Dimension.RESPONSE, 1): Formula(
        (Measure.RESOLVED, Measure.ACTIONED),
        counting.response,
        lambda shares: shares[Measure.RESOLVED].percent,
        lambda shares, limits: plain_tier(
            shares[Measure.RESOLVED], _bounds(limits, Dimension.RESPONSE)
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A dimension as scored: by which version, from which rows, and what they come to."""

    dimension: Dimension
    version: int
    shares: Shares
    limits: Limits
    rows: Rows

    @property
    def formula(self) -> Formula:
        """Return the formula that it was scored by."""
        return FORMULAS[self.dimension, self.version]

    @property
    def percent(self) -> Fraction | None:
        """Return the exact percentage; None without data."""
        return self.formula.percent(self.shares)

    @property
    def tier(self) -> Tier | None:
        """Return the tier; None without data."""
        return self.formula.tier(self.shares, self.limits)

    @property
    def decides(self) -> Measure | None:
        """Return the share that keeps the tier from the next where the percentage is not it.

        Estimate Coverage reads the mean of two shares: below Walk estimates alone decide, below Run
        the lower of both. None for every other dimension, at Run and without data.
        """
        if self.dimension is not Dimension.ESTIMATE or self.tier in {None, Tier.RUN}:
            return None
        both = [each for each in (Measure.CONFIRMED, Measure.BACKED) if each in self.shares]
        if self.tier is Tier.CRAWL:
            return both[0]
        return min(both, key=lambda each: self.shares[each].percent or 0)


Scores = Mapping[Dimension, Scored]


def score(evidence: Evidence, versions: Mapping[Dimension, int]) -> dict[Dimension, Scored]:
    """Score every dimension by the formula version that counts for it."""
    found = {}
    for dimension in Dimension:
        version = versions[dimension]
        rows = FORMULAS[dimension, version].count(evidence)
        shares = {measure: share_of(counted) for measure, counted in rows.items()}
        found[dimension] = Scored(dimension, version, shares, evidence.limits, rows)
    return found


def overall(scores: Scores) -> Tier | None:
    """Return the lowest tier among the dimensions that have data; None if none has."""
    return overall_tier([scored.tier for scored in scores.values()])
