"""The cost data of the demo: each delivery is written as AWS would on that day, then loaded."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from django.conf import settings
from django.db.models import Max

from cur_ingest.actions import ExportTerms, change_export, load_deliveries
from cur_ingest.generation import CostPlan, write_month
from cur_ingest.models import Delivery, Export
from cur_ingest.sources import NeedsRateError
from demo.bill import cost_plan, foreign_plan
from demo.people import Made
from demo.plan.organisation import ADAM
from demo.plan.values import FIRST_MONTH, on
from valueboard.lib.months import add_months, month_of

SEED = 1
# A month is loaded on this day of the next one, when it is complete.
LOAD_DAY = 5
LATE_USAGE, LATE_CREDIT = Decimal("184.20"), Decimal(60)


@contextmanager
def place() -> Iterator[Path]:
    """Have a folder that the bill is delivered to.

    It stays where the installation names one, so that the worker and the Deliveries page find it.
    """
    if settings.SPEND_FOLDERS:
        root = Path(settings.SPEND_FOLDERS[0])
        root.mkdir(parents=True, exist_ok=True)
        yield Path(mkdtemp(prefix="demo-", dir=root))
        return
    with TemporaryDirectory(prefix="valueboard-demo-") as folder:
        yield Path(folder)


def have_worker_look(made: Made) -> None:
    """Let Adam have the worker look at the bill from now on, if its folder stays."""
    for export in Export.objects.all() if settings.SPEND_FOLDERS else ():
        change_export(
            actor=made.people[ADAM],
            export=export,
            seen=export.seen,
            terms=ExportTerms(export.name.capitalize(), export.location, active=True),
            reason="The bill comes every day from now on.",
        )


def load_days(today: date, first: int = FIRST_MONTH) -> Iterator[datetime]:
    """Yield the moments before today at which cost data is loaded that begins with a month."""
    for month in range(first + 1, 1):
        moment = on(month, LOAD_DAY, hour=6).at(today)
        if moment.date() < today:
            yield moment


def deliver(folder: Path, day: date, today: date) -> None:
    """Write what AWS has delivered by the morning of `day`, and load it as `load_cur` does.

    That is the month before until it has been loaded, and today the current month to date too.
    `today` is the day that the plan's months are counted from.
    """
    _deliver(folder, cost_plan(today), day, today)


def deliver_foreign(folder: Path, day: date, today: date) -> None:
    """Do so for the second payer's bill, of which the current month has no rate yet."""
    with suppress(NeedsRateError):
        _deliver(folder, foreign_plan(today), day, today)


def _deliver(folder: Path, plan: CostPlan, day: date, today: date) -> None:
    current, yesterday = month_of(day), day - timedelta(days=1)
    export = folder / plan.name
    if day.day <= LOAD_DAY:
        _write(export, plan, add_months(current, -1), yesterday)
    if day == today and current <= yesterday:
        _write(export, plan, current, yesterday)
    load_deliveries(actor=None, location=str(export))


def correct(folder: Path, month: date, today: date) -> None:
    """Deliver a closed month again, as AWS does weeks later: with more usage, and more credit."""
    plan = cost_plan(today)
    late = next(each for each in plan.streams if each.workload and each.amounts.get(month))
    more = replace(late, amounts={month: LATE_USAGE})
    plan = replace(plan, streams=(*plan.streams, more), credit=plan.credit + LATE_CREDIT)
    _write(folder / plan.name, plan, month, today)
    load_deliveries(actor=None, location=str(folder / plan.name))


def is_out_of_date(today: date) -> bool:
    """Tell whether the demo's bill ends before this month, as it was loaded in an earlier one."""
    latest = Delivery.objects.aggregate(latest=Max("period"))["latest"]
    return latest is None or latest < month_of(today - timedelta(days=1))


def _write(folder: Path, plan: CostPlan, month: date, until: date) -> None:
    write_month(folder, plan, month, until=until, seed=SEED, rows=None)
