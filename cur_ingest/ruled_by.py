"""The versions of rules and signals that a month was attributed by."""

from collections.abc import Iterable
from datetime import date, datetime

from cur_ingest.attribution import rules_in_force, signals_in_force
from cur_ingest.dating import Span
from cur_ingest.models import RuleVersion, SignalVersion
from valueboard.lib.months import add_months


def rules_of(period: date, moments: Iterable[datetime]) -> list[RuleVersion]:
    """Return the rule versions that count for any day of a month, as known at these moments."""
    found = {
        span.version.pk: span.version
        for moment in moments
        for span in rules_in_force(moment)
        if _touches(span, period)
    }
    return [found[pk] for pk in sorted(found)]


def signals_of(period: date, moments: Iterable[datetime]) -> list[SignalVersion]:
    """Return the signal versions that do."""
    found = {
        span.version.pk: span.version
        for moment in moments
        for span in signals_in_force(moment)
        if _touches(span, period)
    }
    return [found[pk] for pk in sorted(found)]


def _touches(span: Span[RuleVersion] | Span[SignalVersion], period: date) -> bool:
    return span.since < add_months(period, 1) and (span.until is None or period < span.until)
