"""`manage.py generate_cur DIR`: write the demo organisation's bill as AWS would deliver it."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cur_ingest.generation import generate
from cur_ingest.management.commands.load_cur import month
from demo.bill import cost_plan, months_until
from demo.plan.values import FIRST_MONTH
from valueboard.lib.months import add_months, month_of

MONTHS = 1 - FIRST_MONTH


class Command(BaseCommand):
    """Write CUR 2.0 deliveries with manifests, for `load_cur` and the benchmarks."""

    help = (
        "Write a CUR 2.0 export of the demo organisation into DIR: one delivery per month, with "
        "manifests. The same arguments write the same files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder and the size."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--seed", type=int, default=1, help="another seed, other days")
        parser.add_argument("--rows", type=int, help="rows of each month, up to tens of millions")
        parser.add_argument("--months", type=int, default=MONTHS, choices=range(1, MONTHS + 1))
        parser.add_argument(
            "--end", type=month, metavar="YYYY-MM", help="last month; the current one if not given"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write, and say how much."""
        folder: Path = options["folder"]
        if folder.exists() and any(folder.iterdir()):
            message = f"{folder} is not empty; an export is written into a folder of its own."
            raise CommandError(message)
        today = datetime.now(UTC).date()
        until: date = today
        if options["end"] is not None and options["end"] < month_of(today):
            until = add_months(options["end"], 1) - timedelta(days=1)
        months = months_until(until, options["months"])
        rows = generate(
            folder,
            cost_plan(until),
            months,
            until=until,
            seed=options["seed"],
            rows=options["rows"],
        )
        self.stdout.write(
            f"{rows:,} rows, {months[0]:%Y-%m} to {months[-1]:%Y-%m}: manage.py load_cur {folder}"
        )
