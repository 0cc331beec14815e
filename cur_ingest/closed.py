"""Which months are closed, as arithmetic over what was recorded (docs/method.md 5). No Django."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo

from valueboard.lib.months import add_months

SETTLING = timedelta(days=14)


def has_ended(period: date, known_at: datetime) -> bool:
    """Tell whether a billing period is over: at midnight UTC, wherever the organisation is."""
    return known_at.astimezone(UTC).date() >= add_months(period, 1)


def closed_months(
    deliveries: Iterable[tuple[date, int, datetime]],
    closings: Iterable[tuple[date, datetime, bool]],
    moment: datetime,
    zone: tzinfo,
) -> list[date]:
    """Return the months that were closed at a moment, oldest first.

    `deliveries` are of a period, by an export, when; `closings` of a period, when, and whether they
    closed it or opened it again; both oldest first. Days are days in `zone`.
    """
    known = [each for each in deliveries if each[2] <= moment]
    acts = [each for each in closings if each[1] <= moment]
    said = {period: closed for period, _, closed in acts}
    by_rule = _closed_by_rule(known, acts[0][1] if acts else moment, zone)
    return sorted(
        period for period in {each[0] for each in known} if said.get(period, period in by_rule)
    )


def _closed_by_rule(
    deliveries: Iterable[tuple[date, int, datetime]], moment: datetime, zone: tzinfo
) -> set[date]:
    """Return the months that the rule had closed at a moment."""
    today = moment.astimezone(zone).date()
    latest: dict[date, dict[int, datetime]] = defaultdict(dict)
    for period, export, at in deliveries:
        if at <= moment:
            latest[period][export] = at
    return {
        period
        for period, by_export in latest.items()
        if add_months(period, 1) + SETTLING < today
        and all(has_ended(period, at) for at in by_export.values())
    }
