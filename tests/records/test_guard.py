"""Production refuses a database that would make its promises empty."""

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from records import guard
from records.guard import refuse_unsafe_database


@pytest.fixture
def production(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that say production."""
    monkeypatch.setattr(settings, "PRODUCTION", True)


def test_a_database_whose_clock_can_move_is_refused(production: None) -> None:
    with pytest.raises(ImproperlyConfigured, match="created as “test”"):
        refuse_unsafe_database()


@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_change_frozen_tables_is_refused(
    production: None, owner_cursor: psycopg.Cursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "database_kind", lambda: "live")
    refuse_unsafe_database()
    owner_cursor.execute("GRANT UPDATE ON records_thresholdversion TO vb_app")
    with pytest.raises(ImproperlyConfigured, match="may change frozen tables"):
        refuse_unsafe_database()


def test_other_environments_start(db: None) -> None:
    refuse_unsafe_database()


@pytest.mark.parametrize(
    "attack", ["UPDATE records_clock SET kind = 'live', ahead = '0'", "DELETE FROM records_clock"]
)
@pytest.mark.django_db(transaction=True)
def test_a_database_stays_what_it_was_created_as(owner_cursor: psycopg.Cursor, attack: str) -> None:
    """For its owner too: a demo with invented months never passes for a live one."""
    with pytest.raises(psycopg.Error, match="never changes"):
        owner_cursor.execute(attack)
