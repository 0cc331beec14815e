"""The versions of rules and signals that a month was attributed by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Min

from cur_ingest.attribution import rules_in_force, signals_in_force
from cur_ingest.dating import Span
from cur_ingest.models import DailyLine, RuleVersion, SignalVersion
from valueboard.lib.months import add_months


def rules_of(period: date, moments: Iterable[datetime]) -> list[RuleVersion]:
    """Return the rule versions that count for any day of a month, as known at these moments."""
    days = _days_of(period)
    found = {
        span.version.pk: span.version
        for moment in moments
        for span in rules_in_force(moment)
        if days.touch(span)
    }
    return [found[pk] for pk in sorted(found)]


def signals_of(period: date, moments: Iterable[datetime]) -> list[SignalVersion]:
    """Return the signal versions that do."""
    days = _days_of(period)
    found = {
        span.version.pk: span.version
        for moment in moments
        for span in signals_in_force(moment)
        if days.touch(span)
    }
    return [found[pk] for pk in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of a month, and those outside it that its lines are of: use that was billed late."""

    first: date
    last: date

    def touch(self, span: Span[RuleVersion] | Span[SignalVersion]) -> bool:
        return span.since <= self.last and (span.until is None or self.first < span.until)


def _days_of(period: date) -> _Days:
    lines = DailyLine.objects.counting().filter(period=period)
    billed = lines.aggregate(first=Min("day"), last=Max("day"))
    last = add_months(period, 1) - timedelta(days=1)
    return _Days(min(period, billed["first"] or period), max(last, billed["last"] or last))
