"""Estimates and cases in words, the same on every page. No Django."""

from datetime import date

from business_cases.case import CaseTerms
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
    return f"{day:%-d %b %Y}"


def month_words(month: date) -> str:
    """Return a month as `Mar 2026`."""
    return f"{month:%b %Y}"


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
