"""Which months are closed, and the lock that holds that still while a month is loaded.

A month is closed when finance closes it. Until the organisation closes its first one, a month is
closed by rule: it ended more than 14 days ago, and every export that has it delivered it since its
end. What the rule had closed until then stays closed (docs/method.md 5).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.timezone import get_current_timezone

from cur_ingest.closed import closed_months, has_ended
from cur_ingest.models import Delivery, MonthClosing

__all__ = ["has_ended"]
CLOSING_LOCK = 7_236_103


@dataclass(frozen=True, slots=True)
class MonthState:
    """Whether a month is closed, and how; `closings` are what finance did to it, the latest first.

    `closing` is the closing in force; without one a closed month is closed by rule.
    """

    period: date
    closed: bool
    closings: tuple[MonthClosing, ...]

    @property
    def closing(self) -> MonthClosing | None:
        """Return the closing by finance that is in force."""
        return self.closings[0] if self.closings and self.closings[0].is_closed else None

    @property
    def words(self) -> str:
        """Say in words what the state is."""
        if self.closing is not None:
            return "closed by finance"
        return "closed by rule" if self.closed else "open"


def lock_closing(period: date, *, exclusive: bool) -> None:
    """Hold still whether finance closed a month, until the transaction ends.

    After `lock_rules`, before the lock of an export's month. Loads of the month share it; whoever
    closes the month, opens it or takes a delivery over has it alone.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        key = f"{CLOSING_LOCK}:{period:%Y-%m}"
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])


def closing_in_force(period: date) -> MonthClosing | None:
    """Return the closing of a month by finance; None for one that they did not close."""
    latest = MonthClosing.objects.filter(period=period).order_by("version").last()
    return latest if latest is not None and latest.is_closed else None


def month_states(known_at: datetime) -> dict[date, MonthState]:
    """Return the state of each month that was delivered, oldest first (two queries)."""
    closings: dict[date, list[MonthClosing]] = defaultdict(list)
    every = list(
        MonthClosing.objects.filter(recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("-recorded_at", "-version")
    )
    for closing in every:
        closings[closing.period].append(closing)
    deliveries = list(
        Delivery.objects.filter(recorded_at__lte=known_at)
        .order_by("recorded_at")
        .values_list("period", "export_id", "recorded_at")
    )
    acts = [(each.period, each.recorded_at, each.is_closed) for each in reversed(every)]
    closed = set(closed_months(deliveries, acts, known_at, get_current_timezone()))
    return {
        period: MonthState(period, period in closed, tuple(closings.get(period, ())))
        for period in sorted({period for period, _, _ in deliveries})
    }
