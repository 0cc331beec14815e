"""An estimate and a case as a page prints them: figures, with the words that belong to them."""

from dataclasses import dataclass

from business_cases.case import CaseTerms
from business_cases.figures import (
    changed_amount_figure,
    current_figure,
    growth_figure,
    monthly_figure,
    opportunity_figure,
    percent_figure,
)
from business_cases.projection import Terms
from business_cases.wording import (
    DIRECTION,
    MECHANISM,
    REVIEWED,
    anchor_words,
    months_words,
    percent_words,
    span_words,
)
from valueboard.lib.figure import UNNAMED, About, Figure


@dataclass(frozen=True, slots=True)
class StatedEstimate:
    """The figures of one estimate."""

    monthly: Figure
    growth: Figure
    funded: str
    months: str


@dataclass(frozen=True, slots=True)
class StatedCase:
    """The figures and statements of one declared case."""

    terms: CaseTerms
    current: Figure
    percent: Figure
    opportunity: Figure | None
    after: Figure
    anchor_label: str
    percent_label: str
    direction: str
    mechanism: str
    net_of_review: str


def stated_estimate(terms: Terms, about: About = UNNAMED) -> StatedEstimate:
    """Return an estimate as a page prints it; `about` names its version."""
    return StatedEstimate(
        monthly_figure(terms, about),
        growth_figure(terms, about),
        span_words(terms.first, terms.months),
        months_words(terms.months),
    )


def stated_case(case: CaseTerms | None, about: About = UNNAMED) -> StatedCase | None:
    """Return a case as a page prints it, None without one; `about` names its version."""
    if case is None:
        return None
    return StatedCase(
        case,
        current_figure(case, about),
        percent_figure(case, about),
        opportunity_figure(case, about),
        changed_amount_figure(case, about),
        anchor_words(case),
        percent_words(case),
        DIRECTION.get(case.direction, ""),
        MECHANISM.get(case.mechanism, ""),
        REVIEWED[case.net_of_review],
    )
