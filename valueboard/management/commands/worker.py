"""`manage.py worker`: do the background jobs, until stopped."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from cur_ingest.guard import refuse_other_currency
from records.guard import refuse_unsafe_database


class Command(BaseCommand):
    """Run procrastinate's worker, unless production is pointed at a database that can travel."""

    help = "Do the background jobs, until stopped by SIGTERM or Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Work."""
        refuse_unsafe_database()
        refuse_other_currency()
        # Several at once: a mail server that hangs keeps its job for a while, not the others.
        call_command("procrastinate", "worker", "--delete-jobs=successful", "--concurrency=4")
