"""Estimates and cases in words, the same on every page. No Django."""

from datetime import date

from business_cases.case import CaseTerms
from business_cases.standing import Standing
from valueboard.lib import formats
from valueboard.lib.figure import ValueType
from valueboard.lib.months import add_months

REVIEWED = {"yes": "Yes", "no": "No", "not_known": "Not known"}
DIRECTION = {"grow": "Grow", "protect": "Protect"}
MECHANISM = {
    "conversion": "Conversion",
    "capacity": "Capacity",
    "churn": "Churn",
    "other": "Other",
}


def day_words(day: date) -> str:
    """Return a day as `3 Mar 2026`."""
    return formats.day(day)


def month_words(month: date) -> str:
    """Return a month as `Mar 2026`."""
    return formats.short_month(month)


def months_words(count: int) -> str:
    """Return a number of months as `1 month`, `12 months`."""
    return "1 month" if count == 1 else f"{count} months"


def span_words(first: date, months: int) -> str:
    """Return `Jan 2026 – Dec 2026` for twelve months from January."""
    if months == 1:
        return month_words(first)
    return f"{month_words(first)} – {month_words(add_months(first, months - 1))}"


def percent_words(case: CaseTerms) -> str:
    """Say what the percentage of a case is one of."""
    if case.value_type is ValueType.COST_SAVING:
        return "Expected reduction"
    return "Expected growth" if case.direction == "grow" else "Share that is kept"


def anchor_words(case: CaseTerms) -> str:
    """Say what the anchor of a case is."""
    if case.value_type is ValueType.COST_SAVING:
        return "Paid for today"
    return "Revenue stream"


def estimate_note(standing: Standing) -> str:
    """Say that an estimate waits for a decision or was declined; empty where neither is so.

    The same words on every page that shows the figures of a workload (METHOD 3).
    """
    in_force = standing.estimate_in_force
    stays = f"{_version(in_force.mark.version)} stays in force" if in_force else "none is in force"
    if standing.pending:
        return f"{_estimate(standing.pending.mark.version)} is pending; {stays}."
    if declined := standing.declined_estimate:
        return f"{_estimate(declined.mark.version)} was {declined.declined}; {stays}."
    return ""


def _estimate(version: int) -> str:
    return "The first estimate" if version == 1 else f"Estimate v{version}"


def _version(number: int) -> str:
    return "the first version" if number == 1 else f"v{number}"
