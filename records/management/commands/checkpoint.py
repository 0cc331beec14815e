"""`manage.py checkpoint`: take a checkpoint, or compare the database with the last one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.actions import take_checkpoint
from records.models import Checkpoint
from records.reports import Standing, look
from valueboard.lib.errors import RefusedError

NAMED = 20


class Command(BaseCommand):
    """Take a checkpoint, or check."""

    help = "Take a checkpoint of all records; --check compares the database with the last one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="compare only; take none")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Do it, or end with an error that says what is wrong."""
        if check:
            self.stdout.write(self.check_standing(look()))
            return
        try:
            made = take_checkpoint(actor=None, kind=Checkpoint.Kind.ON_DEMAND)
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Checkpoint {made.number}, {made.digest}, in {made.location}.")

    @staticmethod
    def check_standing(standing: Standing) -> str:
        """Return what is well; raise with what isn't."""
        if wrong := standing.missing or standing.unreadable:
            raise CommandError(wrong)
        if standing.alarm:
            lines = [standing.alarm]
            lines += [f"rewritten: {record} {subject} v{version}"
                      for record, subject, version in standing.difference.changed]  # fmt: skip
            lines += [f"lost: {row.record} {row.subject} v{row.kept + 1} to v{row.lost}"
                      for row in standing.difference.lost]  # fmt: skip
            more = len(lines) - 1 - NAMED
            tail = [f"and {more} more"] if more > 0 else []
            raise CommandError("\n".join(lines[: NAMED + 1] + tail))
        if not standing.newest_number:
            return "There is no checkpoint yet."
        return f"This database holds all that checkpoint {standing.newest_number} saw."
