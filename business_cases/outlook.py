"""A case against every funding year of a schedule and against its whole term (METHOD 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from business_cases.case import CaseTerms
from business_cases.figure_names import year_of
from business_cases.figures import cost_figure, prospect_figure, share_figure
from business_cases.projection import Schedule
from business_cases.standing import EstimateVersion, Score, score_term, score_years
from business_cases.wording import months_words, span_words
from valueboard.lib.bands import Bound
from valueboard.lib.figure import UNNAMED, About, Figure


@dataclass(frozen=True, slots=True)
class Span:
    """Some funded months with what they cost, what is declared for them, S and band.

    `is_now` marks the funding year that the board scores; `standing` says where it stands then.
    """

    label: str
    when: str
    months: str
    cost: Figure | None
    share: Figure | None
    prospect: Figure | None
    band: str
    is_now: bool = False
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Every funding year in order, and the whole term."""

    years: tuple[Span, ...]
    term: Span


def outlook_of(
    schedule: Schedule,
    estimate: EstimateVersion,
    case: CaseTerms | None,
    bounds: Sequence[Bound],
    month: date,
    *,
    about: About = UNNAMED,
) -> Outlook:
    """Score `case` against `schedule`, whose latest terms are those of `estimate`.

    `about` names the two versions, so that each figure can be explained.
    """
    now = schedule.year_at(month)
    standing = "funding ended" if now.ended else "now" if now.begun else "not yet started"

    def span(score: Score, label: str, first: date, length: int, *, is_now: bool = False) -> Span:
        of = year_of(about, score.year.number) if score.year else about
        return Span(
            label,
            span_words(first, length),
            months_words(score.months),
            cost_figure(score, estimate, of),
            share_figure(case, score, of),
            prospect_figure(score, of),
            score.band,
            is_now,
            standing if is_now else "",
        )

    years = tuple(
        span(
            score,
            f"Funding year {score.year.number + 1}",
            score.year.first,
            schedule.length_of(score.year.number),
            is_now=score.year.number == now.number,
        )
        for score in score_years(schedule, case, bounds)
        if score.year
    )
    window = schedule.current
    term = span(score_term(schedule, case, bounds), "Whole term", window.first, window.months)
    return Outlook(years, term)
