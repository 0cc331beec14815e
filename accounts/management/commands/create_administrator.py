"""`manage.py create_administrator EMAIL NAME`: the first person, who makes all others."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actions import create_first_administrator


class Command(BaseCommand):
    """Create the first Administrator of an empty database."""

    help = "Create the first Administrator. The password is asked for, or taken from PASSWORD."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take e-mail and name."""
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create the person; end with one clear error otherwise."""
        password = os.environ.get("PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password)
            made = create_first_administrator(
                email=options["email"], name=options["name"], password=password
            )
        except (ValidationError, PermissionDenied) as refused:
            messages = getattr(refused, "messages", [str(refused)])
            raise CommandError(" ".join(messages)) from refused
        self.stdout.write(f"{made.email} is Administrator and can sign in.")
