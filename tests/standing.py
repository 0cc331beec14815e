"""What tests in a row begin with, made once for them: a transaction around those of each.

`standing("cast", make_cast)` makes a fixture. What `make_cast` records stands while tests of a
module ask for the fixture; each test works in a savepoint of that transaction, which is undone, and
gets a copy of what was returned. A test that doesn't ask for it finds nothing of it, nor does one
with real commits, which has it made for itself.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

MAKERS: dict[str, Callable[[], Any]] = {}


def standing(name: str, make: Callable[[], Any]) -> Any:
    """Return the fixture of a name, which stands for several tests."""
    MAKERS[name] = make

    @pytest.fixture(name=name)
    def stands(db: None, _standing: "Stand") -> Any:
        return deepcopy(_standing.made) if _standing.name == name else make()

    return stands


class Stand:
    """What stands now, of one module in one process: one thing, or nothing."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.name = ""
        self.made: Any = None
        self.around: transaction.Atomic | None = None
        self.on: BaseDatabaseWrapper | None = None

    def have(self, name: str) -> None:
        """Have this stand and nothing else; nothing at all for no name."""
        if self.name == name and (self.is_whole or not name):
            return
        if self.around and self.on:
            # Where a browser has begun an event loop, Django has another connection than before.
            present, connections["default"] = connections["default"], self.on
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)
            connections["default"] = present
            self.name, self.made, self.around, self.on = "", None, None, None
        if name:
            self.around, self.on = transaction.atomic(), connections["default"]
            self.around.__enter__()
            self.name, self.made = name, MAKERS[name]()

    @property
    def is_whole(self) -> bool:
        """Tell whether what stands is seen by a test that begins now."""
        here = connections["default"]
        return self.on is here and here.in_atomic_block and not here.needs_rollback


@pytest.fixture(scope="module")
def _standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stand]:
    """What stands in this module."""
    stand = Stand()
    yield stand
    with django_db_blocker.unblock():
        stand.have("")


@pytest.fixture
def _django_db_helper(_standing_for_test: None, _django_db_helper: None) -> None:
    """Begin what pytest-django begins within what stands."""


@pytest.fixture
def _standing_for_test(
    request: pytest.FixtureRequest, _standing: Stand, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have what the test asks for stand before its own savepoint begins."""
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        mark and mark.kwargs.get("transaction")
    )
    wanted = [] if commits else [name for name in MAKERS if name in request.fixturenames]
    with django_db_blocker.unblock():
        _standing.have(wanted[-1] if wanted else "")
