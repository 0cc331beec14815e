"""The list of versions: every estimate and case that was recorded, newest first."""

from dataclasses import dataclass

from django.utils.timezone import localdate

from business_cases.figure_names import side_of
from business_cases.figures import (
    current_figure,
    growth_figure,
    monthly_figure,
    opportunity_figure,
    percent_figure,
)
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing
from business_cases.wording import day_words, span_words
from valueboard.lib.figure import UNNAMED, About, Figure

IN_FORCE_BY = {
    "decision": "in force, approved",
    "financial_admin": "in force, confirmed by a Financial Admin",
    "within_threshold": "in force at once, within the threshold",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One recorded version; `figures` are what it says, each with the words after it."""

    what: str
    mark: Mark
    figures: tuple[tuple[Figure | None, str], ...]
    standing: str
    is_baseline: bool
    is_pending: bool = False


def versions_of(standing: Standing, about: About = UNNAMED) -> list[Version]:
    """Return all versions, the latest first; `about` names the workload."""
    pending = standing.pending
    found = [
        *(
            _of_estimate(version, about, is_pending=version is pending)
            for version in standing.estimates
        ),
        *(_of_case(version, about) for version in standing.cases),
    ]
    return sorted(found, key=lambda v: (v.mark.recorded_at, v.mark.version), reverse=True)


def _of_estimate(version: EstimateVersion, whole: About, *, is_pending: bool) -> Version:
    terms, about = version.terms, side_of(whole, version, None)
    return Version(
        "Estimate",
        version.mark,
        (
            (monthly_figure(terms, about), "a month,"),
            (
                growth_figure(terms, about),
                f"monthly growth, {span_words(terms.first, terms.months)}",
            ),
        ),
        _stands(version),
        version.mark.version == 1,
        is_pending,
    )


def _stands(version: EstimateVersion) -> str:
    if version.confirmed_at:
        return f"{IN_FORCE_BY[version.basis]} since {day_words(localdate(version.confirmed_at))}"
    if version.declined_at:
        return f"{version.declined} on {day_words(localdate(version.declined_at))}"
    return ""


def _of_case(version: CaseVersion, whole: About) -> Version:
    case, about = version.terms, side_of(whole, None, version)
    figures: tuple[tuple[Figure | None, str], ...] = ()
    if case:
        figures = (
            (current_figure(case, about), "×"),
            (percent_figure(case, about), "="),
            (opportunity_figure(case, about), f"a year, {case.value_type.label}"),
        )
    return Version(
        "Business case",
        version.mark,
        figures,
        "" if case else "retracted",
        version.mark.version == 1,
    )
