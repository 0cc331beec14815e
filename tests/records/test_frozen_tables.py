"""Frozen tables: that none is forgotten, and what they stand on."""

import psycopg
import pytest
from django.db import DatabaseError, connection, models, transaction

from business_cases.models import BandBounds
from records.models import ThresholdVersion
from tests.records.frozen import FROZEN, TABLES


def test_the_tables_that_must_be_frozen_are() -> None:
    assert set(TABLES) == {
        "allocation_gaps_gapaction",
        "allocation_gaps_gapopening",
        "approvals_decision",
        "approvals_decisionitem",
        "business_cases_anchormerge",
        "approvals_delegation",
        "business_cases_bandbounds",
        "business_cases_casesnapshot",
        "business_cases_comment",
        "business_cases_confirmation",
        "business_cases_decline",
        "business_cases_estimatesnapshot",
        "business_cases_requesteditor",
        "business_cases_requeststep",
        "cur_ingest_attributionrun",
        "cur_ingest_basischoice",
        "cur_ingest_closedtotal",
        "cur_ingest_delivery",
        "cur_ingest_monthclosing",
        "cur_ingest_monthtotal",
        "cur_ingest_rateversion",
        "cur_ingest_ruleversion",
        "cur_ingest_signalversion",
        "maturity_formulaversion",
        "records_checkpoint",
        "records_thresholdversion",
        "reviews_closing",
        "reviews_reviewed",
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
        cursor.execute("SELECT rulename FROM pg_rules WHERE tablename = %s", [table])
        rules = {row[0] for row in cursor.fetchall()}
    # "A": fires always, also when session_replication_role says replica.
    assert {name: triggers.get(name) for name in ("a_append", "b_keep_rows", "c_keep_table")} == {
        "a_append": "A",
        "b_keep_rows": "A",
        "c_keep_table": "A",
    }
    assert grants == {"SELECT", "INSERT"}
    assert rules == {"no_conflict"}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE records_clock SET ahead = '1 day'",
        "DELETE FROM records_clock",
        "TRUNCATE records_clock",
        "ALTER TABLE records_clock DISABLE TRIGGER ALL",
        "DROP TABLE records_clock",
    ],
)
def test_the_application_role_moves_no_clock(db: None, attack: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_version_time_and_hash_are_the_databases(db: None) -> None:
    """Whatever an insert asks for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_thresholdversion "
            "(key, value, effective_from, reason, version, recorded_at, hash) VALUES "
            "('probe', 1, '2026-01-01', 'x', 99, '1999-01-01', 'mine') "
            "RETURNING version, recorded_at > vb_clock() - interval '1 day', length(hash)"
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
@pytest.mark.parametrize("clause", ["ON CONFLICT DO NOTHING", "ON CONFLICT (id) DO NOTHING"])
def test_nobody_leaves_an_entry_without_its_row(owner_cursor: psycopg.Cursor, clause: str) -> None:
    """It would run the trigger, and then keep no row."""
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        owner_cursor.execute(
            f"INSERT INTO {BandBounds._meta.db_table} (id, scope, effective_from, reason, version, "
            f"hash) VALUES (1, 'organisation', '2026-01-01', 'x', 1, '') {clause}"
        )


@pytest.mark.django_db(transaction=True)
def test_the_meta_test_finds_a_table_that_is_not_frozen(owner_cursor: psycopg.Cursor) -> None:
    """The guard above bites: without its trigger or with one grant more, a table is found."""
    owner_cursor.execute("DROP TRIGGER b_keep_rows ON business_cases_bandbounds")
    with pytest.raises(AssertionError):
        test_every_frozen_table_has_its_triggers_and_grants(None, "business_cases_bandbounds")
    owner_cursor.execute("DROP RULE no_conflict ON spaces_placement")
    with pytest.raises(AssertionError):
        test_every_frozen_table_has_its_triggers_and_grants(None, "spaces_placement")
    owner_cursor.execute("GRANT UPDATE ON business_cases_casesnapshot TO vb_app")
    with pytest.raises(AssertionError):
        test_every_frozen_table_has_its_triggers_and_grants(None, "business_cases_casesnapshot")


def test_no_frozen_table_can_lose_rows_by_cascade() -> None:
    for model in FROZEN:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete is models.PROTECT, field
