"""`manage.py export_records`: write all records into a folder, with what verifies them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.export import export_records
from valueboard.lib.errors import RefusedError


class Command(BaseCommand):
    """Write all records into a folder."""

    help = "Write all records into an empty folder, with the program that verifies them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        """Write, and say how to verify."""
        try:
            count = export_records(folder)
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            message = f"{folder} can't be written: {error.strerror}."
            raise CommandError(message) from error
        self.stdout.write(
            f"{count} records. Verify them with the checkpoints and the key that you kept:\n"
            f"python3 {folder}/verify.py {folder} --checkpoints YOURS --public-key KEY"
        )
