"""`manage.py load_cur LOCATION`: load cost deliveries, all or nothing."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cur_ingest.actions import load_deliveries
from cur_ingest.bases import BASES, amount_in
from cur_ingest.loading import Loaded, Outcome
from records.guard import refuse_unsafe_database
from valueboard.lib.errors import RefusedError
from valueboard.lib.money import format_number

DONE = {
    Outcome.LOADED: "loaded",
    Outcome.REPLACED: "loaded, replacing the delivery before",
    Outcome.BESIDE: "kept beside the month, which finance closed; they decide about it",
    Outcome.UNCHANGED: "unchanged: this delivery is loaded already",
}


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
        """Take the location and the months."""
        parser.add_argument("location", help="a local folder, or s3://bucket/prefix")
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
        refuse_unsafe_database()
        try:
            results = load_deliveries(
                actor=None, location=options["location"], periods=options["period"]
            )
        except RefusedError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps([as_json(result) for result in results], indent=2))
            return
        for result in results:
            delivery = result.delivery
            self.stdout.write(
                f"{delivery.export.name} {delivery.period:%Y-%m}: {DONE[result.outcome]}. "
                f"{delivery.source_rows:,} rows, {result.lines:,} daily lines; "
                f"unblended {format_number(delivery.unblended)} {delivery.currency}, "
                f"amortised {format_number(delivery.amortised)} {delivery.currency}"
            )


def plain(amount: Decimal) -> str:
    """Print an amount in full, without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json(result: Loaded) -> dict[str, Any]:
    """Return the facts of one month; amounts are text, so that no reader rounds them."""
    delivery = result.delivery
    return {
        "export": delivery.export.name,
        "location": delivery.export.location,
        "period": f"{delivery.period:%Y-%m}",
        "outcome": result.outcome.value,
        "rows": delivery.source_rows,
        "lines": result.lines,
        "currency": delivery.currency,
        **{basis: plain(amount_in(delivery, basis)) for basis in BASES},
        "fingerprint": delivery.fingerprint,
    }
