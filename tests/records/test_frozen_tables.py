"""Frozen tables: what the application's own role can't do to them, and that none is forgotten."""

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models.deletion import ProtectedError

from approvals.models import Decision
from business_cases.models import BandBounds, CaseSnapshot, EstimateSnapshot
from records.models import FrozenRecord, ThresholdVersion
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, submitted

FROZEN = sorted(
    (model for model in apps.get_models() if issubclass(model, FrozenRecord)),
    key=lambda model: model._meta.db_table,
)
TABLES = [model._meta.db_table for model in FROZEN]


def test_the_tables_that_must_be_frozen_are() -> None:
    assert set(TABLES) == {
        "allocation_gaps_gapaction",
        "approvals_decision",
        "approvals_decisionitem",
        "business_cases_anchormerge",
        "business_cases_bandbounds",
        "business_cases_casesnapshot",
        "business_cases_confirmation",
        "business_cases_estimatesnapshot",
        "business_cases_requesteditor",
        "cur_ingest_attributionrun",
        "cur_ingest_delivery",
        "cur_ingest_monthtotal",
        "cur_ingest_ruleversion",
        "cur_ingest_signalversion",
        "records_thresholdversion",
        "spaces_placement",
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_frozen_table_has_its_triggers_and_grants(db: None, table: str) -> None:
    """Finds a frozen table whose migration forgot to freeze it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname::text, tgenabled::text FROM pg_trigger "
            "WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        triggers = dict(cursor.fetchall())
        cursor.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants "
            "WHERE table_name = %s AND grantee = current_user",
            [table],
        )
        grants = {row[0] for row in cursor.fetchall()}
    # "A": fires always, also when session_replication_role says replica.
    assert {name: triggers.get(name) for name in ("a_append", "b_keep_rows", "c_keep_table")} == {
        "a_append": "A",
        "b_keep_rows": "A",
        "c_keep_table": "A",
    }
    assert grants == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", [*TABLES, "records_head", "records_clock"])
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
    ],
)
def test_the_application_role_is_refused(db: None, table: str, attack: str) -> None:
    column = "kind" if table == "records_clock" else "version"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack.format(table=table, column=column))


@pytest.mark.parametrize(
    "attack",
    [
        "SET session_replication_role = replica",
        "SET ROLE vb_owner",
        "SET SESSION AUTHORIZATION vb_owner",
        "CREATE FUNCTION evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE evil (id int)",
        "UPDATE records_clock SET ahead = '1 day'",
        "INSERT INTO records_head (record, subject, version) VALUES ('x', 'y', 1)",
        "SELECT records_append()",
        "GRANT ALL ON records_thresholdversion TO vb_app",
        "CREATE RULE evil AS ON INSERT TO records_thresholdversion DO INSTEAD NOTHING",
    ],
)
def test_the_application_role_gets_no_further(db: None, attack: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("vb_app",)
    if attack.startswith("GRANT"):
        # PostgreSQL answers a grant without the right to grant with a warning.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
            cursor.execute("SELECT has_table_privilege('records_thresholdversion', 'UPDATE')")
            assert cursor.fetchone() == (False,)
        return
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_version_time_and_hash_are_the_databases(db: None) -> None:
    """Whatever an insert asks for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_thresholdversion "
            "(key, value, effective_from, reason, version, recorded_at, hash) VALUES "
            "('probe', 1, '2026-01-01', 'x', 99, '1999-01-01', 'mine') "
            "RETURNING version, recorded_at > now() - interval '1 day', length(hash)"
        )
        assert cursor.fetchone() == (1, True, 64)
        cursor.execute(
            "INSERT INTO records_thresholdversion (key, value, effective_from, reason) VALUES "
            "('probe', 1, '2026-01-01', 'x') RETURNING version"
        )
        assert cursor.fetchone() == (2,)


def test_a_created_record_knows_what_the_database_set(db: None) -> None:
    made = ThresholdVersion.objects.create(
        key="probe", value=1, effective_from="2026-01-01", reason="x"
    )
    assert made.version == 1
    assert len(made.hash) == 64
    assert made.recorded_at.tzinfo is not None


def test_the_orm_is_refused_too(cast: Cast) -> None:
    added(cast)
    for model in (EstimateSnapshot, CaseSnapshot):
        row = model.objects.get()
        for attack in (
            lambda r=row: r.save(),
            lambda r=row: r.delete(),
            lambda m=model: m.objects.update(reason="x"),
            lambda m=model: m.objects.all().delete(),
            lambda m=model, r=row: m.objects.bulk_update([r], ["reason"]),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attack()


def test_nothing_falls_with_its_parents(cast: Cast) -> None:
    """No cascade from any parent reaches a frozen row."""
    request = submitted(cast)
    approve(cast.priya, request)
    assert request.workload
    for parent in (request, request.workload, cast.commerce, cast.olivia, cast.priya):
        with pytest.raises((ProtectedError, DatabaseError)), transaction.atomic():
            parent.delete()
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "attack", ["UPDATE {t} SET reason = 'x'", "DELETE FROM {t}", "TRUNCATE {t}"]
)
@pytest.mark.django_db(transaction=True)
def test_even_the_owner_is_stopped_by_the_triggers(
    owner_cursor: psycopg.Cursor, attack: str
) -> None:
    with pytest.raises(psycopg.Error, match="what was recorded stays"):
        owner_cursor.execute(attack.format(t=BandBounds._meta.db_table))


@pytest.mark.django_db(transaction=True)
def test_the_meta_test_finds_a_table_that_is_not_frozen(owner_cursor: psycopg.Cursor) -> None:
    """The guard above bites: without its trigger or with one grant more, a table is found."""
    owner_cursor.execute("DROP TRIGGER b_keep_rows ON business_cases_bandbounds")
    with pytest.raises(AssertionError):
        test_every_frozen_table_has_its_triggers_and_grants(None, "business_cases_bandbounds")
    owner_cursor.execute("GRANT UPDATE ON business_cases_casesnapshot TO vb_app")
    with pytest.raises(AssertionError):
        test_every_frozen_table_has_its_triggers_and_grants(None, "business_cases_casesnapshot")


def test_no_frozen_table_can_lose_rows_by_cascade() -> None:
    for model in FROZEN:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete is models.PROTECT, field
