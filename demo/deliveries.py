"""The cost data of the demo: each delivery is written as AWS would on that day, then loaded."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db.models import Max

from cur_ingest.actions import load_deliveries
from cur_ingest.generation import write_month
from cur_ingest.models import Delivery
from demo.bill import cost_plan
from demo.plan.values import FIRST_MONTH, on
from valueboard.lib.months import add_months, month_of

SEED = 1
# On the first of these days the month before is complete, on the second the current one half over.
# Both months are asked for on both; a delivery that is loaded already changes nothing.
SETTLING_DAY, MIDDLE_DAY = 5, 16


def load_days(today: date) -> Iterator[datetime]:
    """Yield the moments before today at which cost data is loaded."""
    for month in range(FIRST_MONTH, 1):
        for day in (SETTLING_DAY, MIDDLE_DAY):
            moment = on(month, day, hour=6).at(today)
            if moment.date() < today and (month, day) != (FIRST_MONTH, SETTLING_DAY):
                yield moment


def deliver(folder: Path, day: date, today: date) -> None:
    """Write what AWS has delivered by the morning of `day`, and load it as `load_cur` does.

    `today` is the day that the plan's months are counted from.
    """
    current, yesterday = month_of(day), day - timedelta(days=1)
    first = add_months(month_of(today), FIRST_MONTH)
    before = add_months(current, -1)
    if day.day < MIDDLE_DAY and before >= first:
        _write(folder, before, yesterday, today)
    if (day.day >= MIDDLE_DAY or day == today) and current <= yesterday:
        _write(folder, current, yesterday, today)
    load_deliveries(actor=None, location=str(folder))


def is_out_of_date(today: date) -> bool:
    """Tell whether the demo's bill ends before this month, as it was loaded in an earlier one."""
    latest = Delivery.objects.aggregate(latest=Max("period"))["latest"]
    return latest is None or latest < month_of(today - timedelta(days=1))


def _write(folder: Path, month: date, until: date, today: date) -> None:
    write_month(folder, cost_plan(today), month, until=until, seed=SEED, rows=None)
