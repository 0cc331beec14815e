"""The tests stand where the application stands in production."""

from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection

from accounts.models import User
from records.clock import now
from tests.clock import clock_of
from tests.database import BEGINS, TestDatabase


def sessions_of(cursor: psycopg.Cursor) -> int:
    cursor.execute("SELECT count(*) FROM accounts_user")
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.django_db
def test_tests_connect_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("vb_app",)


@pytest.mark.django_db
def test_application_role_makes_no_tables() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="denied"):
        cursor.execute("CREATE TABLE own_table ()")


@pytest.mark.parametrize("_again", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_real_commits_are_gone_with_the_next_test(
    _again: int, owner_cursor: psycopg.Cursor
) -> None:
    assert sessions_of(owner_cursor) == 0
    User.objects.create(email="alice@example.org")
    assert sessions_of(owner_cursor) == 1


@pytest.mark.django_db
def test_real_commits_are_gone_for_ordinary_tests_too() -> None:
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_day_of_a_test_is_not_the_machines() -> None:
    assert BEGINS <= now() < BEGINS + timedelta(hours=11)


@pytest.mark.parametrize("_again", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_nor_is_that_of_a_test_with_real_commits(_again: int) -> None:
    assert BEGINS <= now() < BEGINS + timedelta(hours=11)


@pytest.mark.django_db
def test_a_clock_goes_back_to_where_it_was(test_database: TestDatabase) -> None:
    before = now()
    with clock_of(test_database.name) as travel:
        travel(BEGINS + timedelta(days=400))
        assert now() > BEGINS + timedelta(days=399)
    assert before < now() < BEGINS + timedelta(hours=11)
