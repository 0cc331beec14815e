"""`manage.py demo_people`: who can sign in to the demo, and with which password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Role
from demo.people import PASSWORD
from demo.plan import PEOPLE
from records.clock import database_kind


class Command(BaseCommand):
    """Print the demo people."""

    help = "Print the people of the demo organisation with roles and password."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Refuse databases that are no demo: there these people have no business."""
        if database_kind() != "demo":
            message = f"This database was created as “{database_kind()}”; it has no demo people."
            raise CommandError(message)
        self.stdout.write(f"Sign in as one of these people; the password is {PASSWORD}\n")
        for person in PEOPLE.values():
            parts = [Role(role).label for role in person.roles]
            parts += [f"product owner of {space}" for space in person.owns]
            parts += [f"member of {space}" for space in person.reads]
            parts += [person.remark] if person.remark else []
            self.stdout.write(f"  {person.email:<20} {person.name:<20} {', '.join(parts)}")
