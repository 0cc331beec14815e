"""The live panel: what the figures on a form come to, while they are typed.

Computed here and nowhere else, so that what the screen promises is what is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil

from business_cases.case import CaseTerms
from business_cases.figures import (
    CURRENCY,
    changed_amount_figure,
    cost_figure,
    opportunity_figure,
    prospect_figure,
)
from business_cases.outlook import Outlook, outlook_of
from business_cases.projection import Schedule, Terms, within_threshold
from business_cases.standing import EstimateVersion, Mark, Score, Standing, score_at
from valueboard.lib.bands import Bound
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Note, ValueType
from valueboard.lib.money import format_money, format_percent
from valueboard.lib.months import month_of

FULL = 100


@dataclass(frozen=True, slots=True)
class Panel:
    """All that the panel shows; `None` where something is still missing."""

    opportunity: Figure | None
    equation: Note | None
    sentence: Note | None
    value_type: ValueType | None
    cost: Figure | None
    prospect: Figure | None
    score: Score
    share: int | None
    outlook: Outlook | None
    waits: bool | None = None

    @property
    def share_text(self) -> str:
        """Return the share as text, above 100% too."""
        return "" if self.share is None else format_percent(Decimal(self.share))

    @property
    def share_words(self) -> Note:
        """Say it in a sentence, which leads to the ratio that it turns around."""
        words = f"Projected cost is {self.share_text} of the declared opportunity"
        return Note(f"{words} for the same months.", self.prospect.made if self.prospect else None)

    @property
    def share_of_bar(self) -> int:
        """Return how much of the bar the share fills; a cost above the opportunity fills it."""
        return min(FULL, self.share or 0)


def typed(terms: Terms, moment: datetime) -> EstimateVersion:
    """Return terms that are not recorded yet as a version, for figures and scores."""
    return EstimateVersion(Mark(0, 0, "", moment, "not recorded yet", None, ""), terms)


def build_panel(  # noqa: PLR0917 - what a panel is made of
    schedule: Schedule | None,
    estimate: EstimateVersion | None,
    case: CaseTerms | None,
    today: date,
    bounds: Sequence[Bound],
    waits: bool | None = None,  # noqa: FBT001 - three values
    about: About = UNNAMED,
) -> Panel:
    """Compute the panel of a schedule, whose latest terms are those of `estimate`, and a case.

    Either may be missing. `waits` tells of a revision whether it will be pending; None where that
    is no question. `about` names the versions, where they are recorded.
    """
    month = month_of(today)
    score = score_at(schedule, case, month, bounds)
    return Panel(
        opportunity=opportunity_figure(case, about),
        equation=_equation(case, about),
        sentence=_sentence(case, about),
        value_type=case.value_type if case else None,
        cost=cost_figure(score, estimate, about),
        prospect=prospect_figure(score, about),
        score=score,
        share=_share(score),
        outlook=outlook_of(schedule, estimate, case, bounds, month, about=about)
        if schedule and estimate
        else None,
        waits=waits,
    )


def will_wait(standing: Standing, terms: Terms, percent: Decimal) -> bool:
    """Tell whether a revision to `terms` would be pending until decided."""
    approved = standing.approved_schedule
    confirmed = [e.terms for e in standing.estimates if e.confirmed_at]
    return approved is None or not within_threshold(
        approved, Schedule((*confirmed, terms)), percent
    )


def _equation(case: CaseTerms | None, about: About) -> Note | None:
    if case is None:
        return None
    amount = format_money(case.current_amount, CURRENCY)
    words = f"{amount} × {format_percent(case.percent)} a year"
    return Note(words, about.made(What.OPPORTUNITY))


def _sentence(case: CaseTerms | None, about: About) -> Note | None:
    """Say in words what a Revenue Driving case declares (METHOD 3)."""
    if case is None or case.value_type is not ValueType.REVENUE_DRIVING or not case.direction:
        return None
    base = format_money(case.current_amount, CURRENCY)
    if case.direction == "protect":
        kept = format_money(case.opportunity, CURRENCY)
        words = f"Keeps {kept} of {base} that would be lost."
        return Note(words, about.made(What.OPPORTUNITY))
    grown = changed_amount_figure(case, about)
    return Note(f"From {base} to {format_money(grown.amount, CURRENCY)} a year.", grown.made)


def _share(score: Score) -> int | None:
    """Return the projected cost in percent of the opportunity of the same months.

    Rounded up, as the multiple is rounded down: no figure looks better than it is.
    """
    if score.ratio is None or not score.ratio:
        return None
    return ceil(FULL / score.ratio)
