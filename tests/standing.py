"""What tests in a row begin with, made once for them: a transaction around those of each.

`standing("cast", make_cast)` makes a fixture. What `make_cast` records stands while tests of a
module ask for the fixture; each test works in a savepoint of that transaction, which is undone, and
gets a copy of what was returned. A test that doesn't ask for it finds nothing of it, nor does one
with real commits, which has it made for itself.

`lived = living("lived", live)` makes one of what the cast does: `live(cast, travel, folder)` sets
the clock as it goes, and each test begins when it ended.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from records.clock import now
from tests.clock import Travel, clock_of
from tests.database import TestDatabase

Life = Callable[[Any, Travel, Path], Any]
CAST = "cast"
MAKERS: dict[str, Callable[[], Any]] = {}
# By their fixtures: several modules have one of the same name.
LIVES: dict[int, tuple[str, Life]] = {}


def standing(name: str, make: Callable[[], Any]) -> Any:
    """Return the fixture of a name, which stands for several tests."""
    MAKERS[name] = make

    @pytest.fixture(name=name)
    def stands(db: None, _standing: "Stand") -> Any:
        return deepcopy(_standing.made[name]) if name in _standing.made else make()

    return stands


def living(name: str, live: Life) -> Any:
    """Return the fixture of a name, which stands upon the cast; a module has it by that name."""

    @pytest.fixture(name=name)
    def lives(cast: Any, travel: Travel, tmp_path: Path, _standing: "Stand") -> Any:
        if name not in _standing.made:
            return live(cast, travel, tmp_path)
        travel(_standing.until)
        return deepcopy(_standing.made[name])

    LIVES[id(lives)] = name, live
    return lives


class Stand:
    """What stands now, of one module in one process: something, with its life, or nothing."""

    def __init__(self, database: str, folders: pytest.TempPathFactory) -> None:
        """Begin with nothing."""
        self.database, self.folders = database, folders
        self.made: dict[str, Any] = {}
        self.until: datetime
        self.around: transaction.Atomic | None = None
        self.on: BaseDatabaseWrapper | None = None

    def have(self, name: str, living: tuple[str, Life] | None = None) -> None:
        """Have this stand and nothing else; nothing at all for no name."""
        wanted = [name, *([living[0]] if living else [])] if name else []
        if list(self.made) == wanted and (self.is_whole or not wanted):
            return
        self.end()
        if name:
            self.around, self.on = transaction.atomic(), connections["default"]
            self.around.__enter__()
            self.made[name] = MAKERS[name]()
        if living:
            with clock_of(self.database) as travel:
                folder = self.folders.mktemp(living[0])
                self.made[living[0]] = living[1](deepcopy(self.made[name]), travel, folder)
                self.until = now()

    def end(self) -> None:
        """Have nothing stand."""
        if self.around and self.on:
            # Where a browser has begun an event loop, Django has another connection than before.
            present, connections["default"] = connections["default"], self.on
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)
            connections["default"] = present
        self.made, self.around, self.on = {}, None, None

    @property
    def is_whole(self) -> bool:
        """Tell whether what stands is seen by a test that begins now."""
        here = connections["default"]
        return self.on is here and here.in_atomic_block and not here.needs_rollback


@pytest.fixture(scope="module")
def _standing(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    test_database: TestDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stand]:
    """What stands in this module."""
    stand = Stand(test_database.name, tmp_path_factory)
    yield stand
    with django_db_blocker.unblock():
        stand.end()


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
    known = [LIVES.get(id(getattr(request.module, name, None))) for name in request.fixturenames]
    lives = [] if commits else list(filter(None, known))
    with django_db_blocker.unblock():
        _standing.have(wanted[-1] if wanted else "", lives[-1] if lives else None)
