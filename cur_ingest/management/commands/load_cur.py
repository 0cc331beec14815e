"""`manage.py load_cur LOCATION` or `--export NAME`: load cost deliveries, each month whole or not.

On a terminal a bar shows how far each month is; elsewhere there is a line per month.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from cur_ingest.actions import Month, Tell, export_at, export_called, load_months, patiently
from cur_ingest.bases import BASES, amount_in
from cur_ingest.loading import Loaded, Outcome
from cur_ingest.models import Export, Load
from cur_ingest.sources import Source, open_source
from records.guard import refuse_unsafe_database
from valueboard.lib.errors import RefusedError
from valueboard.lib.money import format_number

DONE = {
    Outcome.LOADED: "loaded",
    Outcome.REPLACED: "loaded, replacing the delivery before",
    Outcome.BESIDE: "kept beside the month, which finance closed; they decide about it",
    Outcome.UNCHANGED: "unchanged: this delivery is loaded already",
}


LOST = (
    "The connection to the database was lost. The month that was being loaded is as it was, or "
    "already the new one as a whole; run the same command again once the database is there."
)


def month(text: str) -> date:
    """Read `YYYY-MM`."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        message = f"{text} is no month; write it like 2026-10."
        raise ArgumentTypeError(message) from error


class Command(BaseCommand):
    """Load the deliveries of one export, from a folder or from S3."""

    help = (
        "Load cost and usage deliveries: legacy CUR in Parquet, or CUR 2.0. The manifests at "
        "LOCATION say which files make up a month. The same delivery again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the location or the export, and the months."""
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("location", nargs="?", help="a local folder, or s3://bucket/prefix")
        place.add_argument(
            "--export", metavar="NAME", help="an export that Administrators configured"
        )
        parser.add_argument(
            "--period",
            nargs="+",
            action="extend",
            type=month,
            default=[],
            metavar="YYYY-MM",
            help="billing periods to load; all that are there if not given",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, and print a line per month with rows, totals and what was done."""
        months: list[Month] = []
        try:
            refuse_unsafe_database()
            source, export = find(options["location"], options["export"])
            self._load(source, export, months, options)
        except RefusedError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            message = f"{LOST} PostgreSQL said: {first_line(error)}"
            if options["json"]:
                facts = [*map(as_json, months), {"outcome": "lost", "error": message}]
                self.stdout.write(json.dumps(facts, indent=2))
            raise CommandError(message) from error
        if options["json"]:
            self.stdout.write(json.dumps([as_json(each) for each in months], indent=2))
        if errors := [str(each.error) for each in months if each.error]:
            raise CommandError("\n".join(errors))

    def _load(
        self, source: Source, export: Export, months: list[Month], options: dict[str, Any]
    ) -> None:
        """Add what comes of each month to `months`, and print a line for those that are loaded."""
        with bars() as tell:
            for each in load_months(
                actor=None, export=export, source=source, periods=options["period"], tell=tell
            ):
                months.append(each)
                if each.loaded and not options["json"]:
                    self.stdout.write(line(each.loaded))


def find(location: str | None, name: str | None) -> tuple[Source, Export]:
    """Open the source and return its export; SourceError or RefusedError where there is none."""
    if name is not None:
        export = export_called(name)
        return patiently(lambda: open_source(export.location, export.credentials)), export
    source = patiently(lambda: open_source(location or ""))
    return source, export_at(actor=None, source=source)


@contextmanager
def bars() -> Iterator[Tell | None]:
    """Show a bar per month on the terminal, as long as this lasts; nothing where there is none."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[phase]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        shown: dict[int, Any] = {}

        def tell(load: Load) -> None:
            if load.pk not in shown:
                title = f"{load.export} {load.period:%Y-%m}"
                shown[load.pk] = progress.add_task(title, total=None, phase="")
            phase = load.get_phase_display() or load.get_state_display()
            told = f"{phase}, {load.files_done} of {load.files} files, {load.rows_done:,} rows"
            progress.update(
                shown[load.pk], total=load.bytes or None, completed=load.bytes_done, phase=told
            )

        yield tell


def line(loaded: Loaded) -> str:
    """Return what was done with a month, and its figures."""
    delivery = loaded.delivery
    return (
        f"{delivery.export.name} {delivery.period:%Y-%m}: {DONE[loaded.outcome]}. "
        f"{delivery.source_rows:,} rows, {loaded.lines:,} daily lines; "
        f"unblended {format_number(delivery.unblended)} {delivery.currency}, "
        f"amortised {format_number(delivery.amortised)} {delivery.currency}"
    )


def first_line(error: Exception) -> str:
    """Return what an error begins with, as a sentence."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"{said[0].rstrip('.')}."


def plain(amount: Decimal) -> str:
    """Print an amount in full, without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json(found: Month) -> dict[str, Any]:
    """Return the facts of one month; amounts are text, so that no reader rounds them."""
    load = found.load
    facts: dict[str, Any] = {
        "export": load.export.name,
        "location": load.export.location,
        "period": f"{load.period:%Y-%m}",
        "outcome": found.loaded.outcome.value if found.loaded else load.state,
        "tries": load.tries,
    }
    if found.loaded is None:
        return facts | {"error": str(found.error)}
    delivery = found.loaded.delivery
    return facts | {
        "rows": delivery.source_rows,
        "lines": found.loaded.lines,
        "currency": delivery.currency,
        **{basis: plain(amount_in(delivery, basis)) for basis in BASES},
        "fingerprint": delivery.fingerprint,
    }
