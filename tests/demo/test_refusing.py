"""The demo's commands have no business in a database that is no demo."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["load_demo", "demo_people"])
def test_a_database_that_is_no_demo_is_refused(command: str) -> None:
    with pytest.raises(CommandError, match="created as “test”"):
        call_command(command)
    assert not User.objects.exists()
