"""`manage.py load_demo`: make the demo organisation, unless it is there already."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from environs import Env

from demo.clock import Progress, owners_clock, progress
from demo.deliveries import is_out_of_date
from demo.load import load
from records.clock import database_kind, now, today


class Command(BaseCommand):
    """Load 14 months of the demo organisation through the product's own actions."""

    help = "Make the demo organisation in a database that was created as a demo."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Refuse databases that are no demo; do nothing twice."""
        if database_kind() != "demo":
            message = (
                f"This database was created as “{database_kind()}”. The demo organisation is "
                "loaded into a new one only, migrated with VALUEBOARD_DATABASE_KIND=demo."
            )
            raise CommandError(message)
        try:
            with owners_clock(Env().str("DATABASE_OWNER_URL")) as clock:
                match progress():
                    case Progress.LOADED:
                        self.stdout.write("The demo organisation is loaded.")
                        if is_out_of_date(today()):
                            self.stdout.write(
                                "It ends before this month; make demo-reset renews it."
                            )
                    case Progress.INTERRUPTED:
                        message = (
                            "An earlier load of the demo was interrupted, and what is recorded "
                            "stays. Drop the demo database and begin again: make demo-reset"
                        )
                        raise CommandError(message)
                    case Progress.NOT_BEGUN:
                        began = time.monotonic()
                        self.stdout.write("Loading the demo organisation, 14 months of it:")
                        load(clock, now(), self._tell)
                        self.stdout.write(f"Loaded in {time.monotonic() - began:.0f} s.")
        except BlockingIOError as busy:
            raise CommandError(str(busy)) from busy

    def _tell(self, line: str) -> None:
        self.stdout.write(f"· {line}")
        self.stdout.flush()
