"""What the application's own role can't do to what was recorded: every attack, every table.

Each is tried where all frozen tables have rows; a digest of all of them, the ledger and the heads
is the same before and after.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import chain

import psycopg
import pytest
from django.db import (
    DatabaseError,
    NotSupportedError,
    ProgrammingError,
    connection,
    models,
    transaction,
)
from django.db.models.deletion import ProtectedError
from psycopg import sql

from records.clock import now
from records.models import ChainEntry, ChainHead
from tests.cast import Cast
from tests.database import TestDatabase, connect_as_owner
from tests.records.frozen import FROZEN, LEDGER, TABLES, count, digest

# {t} is the table, {c} its columns.
ON_EVERY_TABLE = [
    "UPDATE {t} SET version = version",
    "UPDATE {t} SET hash = repeat('0', 64)",
    "WITH changed AS (UPDATE {t} SET version = 0 RETURNING 1) SELECT count(*) FROM changed",
    "DELETE FROM {t}",
    "DELETE FROM ONLY {t} WHERE id = (SELECT max(id) FROM {t})",
    "TRUNCATE {t}",
    "TRUNCATE {t} RESTART IDENTITY CASCADE",
    "MERGE INTO {t} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO {t} USING (SELECT 1) AS one ON true WHEN MATCHED THEN UPDATE SET version = 7",
    "INSERT INTO {t} SELECT * FROM {t} ON CONFLICT (id) DO UPDATE SET version = 7",
    "INSERT INTO {t} SELECT * FROM {t} ON CONFLICT DO NOTHING",
    "SELECT * FROM {t} FOR UPDATE",
    "LOCK TABLE {t} IN ACCESS EXCLUSIVE MODE",
    "ALTER TABLE {t} DISABLE TRIGGER ALL",
    "ALTER TABLE {t} DISABLE TRIGGER USER",
    "ALTER TABLE {t} ENABLE REPLICA TRIGGER b_keep_rows",
    "DROP TRIGGER b_keep_rows ON {t}",
    "DROP TABLE {t} CASCADE",
    "ALTER TABLE {t} RENAME TO gone",
    "ALTER TABLE {t} ADD COLUMN evil int",
    "ALTER TABLE {t} ALTER COLUMN hash TYPE text USING ''",
    "ALTER TABLE {t} OWNER TO vb_app",
    "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY evil ON {t} USING (false)",
    "CREATE RULE evil AS ON INSERT TO {t} DO INSTEAD NOTHING",
    "DROP RULE no_conflict ON {t}",
    "CREATE TRIGGER z_evil BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION records_refuse()",
    "CREATE INDEX evil ON {t} (id)",
    "CREATE TEMP TABLE evil () INHERITS ({t})",
    "CREATE VIEW evil AS SELECT * FROM {t}",
    (
        "CREATE TEMP VIEW evil AS SELECT 1 AS one; "
        "CREATE RULE through AS ON UPDATE TO evil DO INSTEAD UPDATE {t} SET version = 7; "
        "UPDATE evil SET one = 2"
    ),
    "CREATE TEMP VIEW evil AS SELECT * FROM {t}; DELETE FROM evil",
    "DO $$ BEGIN EXECUTE 'UPDATE {t} SET version = 7'; END $$",
    (
        "CREATE FUNCTION pg_temp.evil() RETURNS void LANGUAGE sql SECURITY DEFINER "
        "AS 'DELETE FROM {t}'; SELECT pg_temp.evil()"
    ),
    "COPY {t} FROM PROGRAM 'true'",
]
ONCE = [
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "SET ROLE vb_owner",
    "SET SESSION AUTHORIZATION vb_owner",
    "ALTER ROLE vb_app SUPERUSER",
    "REASSIGN OWNED BY vb_owner TO vb_app",
    "DROP OWNED BY vb_owner",
    "CREATE FUNCTION evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    (
        "CREATE OR REPLACE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN OLD; END'"
    ),
    "ALTER FUNCTION records_append() SET search_path = pg_temp",
    "DROP FUNCTION records_append() CASCADE",
    "SELECT records_append()",
    "CREATE TABLE evil (id int)",
    (
        "CREATE TEMP TABLE evil (id int); "
        "CREATE TRIGGER evil BEFORE INSERT ON evil FOR EACH ROW EXECUTE FUNCTION records_append()"
    ),
    "CREATE SCHEMA evil",
    "DROP SCHEMA public CASCADE",
    "CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION records_refuse()",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "DELETE FROM pg_rewrite",
    "UPDATE records_clock SET ahead = '1 day'",
    "ALTER SYSTEM SET session_replication_role = replica",
    "INSERT INTO records_head (record, subject, version) VALUES ('x', 'y', 1)",
    "INSERT INTO records_entry (record, subject, version, text, hash) VALUES ('x', 'y', 1, '', '')",
    "SELECT setval('records_entry_id_seq', 1)",
    "ALTER DATABASE postgres SET session_replication_role = replica",
]


# What it would mean if an attack were no attack: it doesn't parse, or names what isn't there.
BLUNT = {"42601", "42703", "42P01", "42883", "3D000"}


def refused(attack: str | Callable[[], object]) -> bool:
    """Try it in a savepoint; return whether the database, or Django, refused it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if callable(attack):
                attack()
            else:
                cursor.execute(attack)
            # Django's foreign keys are looked at when a transaction ends; have it now.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (ProtectedError, NotSupportedError):
        return True
    except (DatabaseError, psycopg.Error) as error:
        reason = error.__cause__ if isinstance(error, DatabaseError) else error
        if getattr(reason, "sqlstate", None) in BLUNT:
            pytest.fail(f"no attack: {attack}: {error}")
        return True
    return False


@pytest.fixture
def with_temporary_tables(test_database: TestDatabase) -> Iterator[None]:
    """Somebody gave the role the right to make temporary tables: the attacks have to fail still."""
    with connect_as_owner(test_database.name) as owner:
        name = sql.Identifier(test_database.name)
        owner.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO vb_app").format(name))
        yield
        owner.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM vb_app").format(name))


@pytest.fixture
def unchanged(recorded: Cast, with_temporary_tables: None) -> Iterator[None]:
    """Everything that was recorded is the same afterwards, and the attacks were the app's own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("vb_app", "vb_app")
    before = digest()
    yield
    assert digest() == before


def test_every_frozen_table_has_rows_to_attack(recorded: Cast) -> None:
    """If this fails: have the new kind of record made by the fixture `recorded`."""
    assert [table for table in [*TABLES, *LEDGER] if not count(table)] == []


def test_every_table_withstands_every_statement(unchanged: None) -> None:
    attacks = [attack.format(t=t) for attack in ON_EVERY_TABLE for t in [*TABLES, *LEDGER]]
    assert [attack for attack in [*attacks, *ONCE] if not refused(attack)] == []


HEAD = "business_cases_businesscase"


@pytest.mark.parametrize(
    "attack",
    [
        (
            f"UPDATE {HEAD} SET workload_id = (SELECT max(id) FROM spaces_workload "
            f"WHERE id NOT IN (SELECT workload_id FROM {HEAD})) "
            f"WHERE id = (SELECT max(id) FROM {HEAD})"
        ),
        (
            f"INSERT INTO {HEAD} (workload_id) SELECT workload_id FROM {HEAD} "
            "ON CONFLICT (workload_id) DO UPDATE SET workload_id = excluded.workload_id"
        ),
        f"DELETE FROM {HEAD}",
        f"TRUNCATE {HEAD} CASCADE",
    ],
)
def test_a_declaration_never_becomes_another_workloads(unchanged: None, attack: str) -> None:
    """A snapshot of a case names the case alone; whose that is stays as well."""
    assert refused(attack)


@pytest.mark.django_db(transaction=True)
def test_nor_by_the_owner_while_the_trigger_is_there(
    recorded: Cast, owner_cursor: psycopg.Cursor
) -> None:
    with pytest.raises(psycopg.Error, match="what was recorded stays"):
        owner_cursor.execute(f"UPDATE {HEAD} SET workload_id = workload_id")


def test_nobody_copies_into_the_ledger(unchanged: None) -> None:
    def copy(table: str) -> None:
        statement = f"COPY {table} (record, subject, version, hash) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as into:
            into.write("records_thresholdversion\testimate.revision_percent\t9\tx\n")

    assert [table for table in LEDGER if not refused(partial(copy, table))] == []


def test_a_copied_row_gets_what_the_database_says(recorded: Cast) -> None:
    """COPY is an INSERT: it may add, and forges neither version, nor time, nor hash."""
    with connection.cursor() as cursor:
        columns = "key, value, effective_from, reason, version, recorded_at, hash"
        with cursor.copy(f"COPY records_thresholdversion ({columns}) FROM STDIN") as into:
            into.write("forged\t1\t2026-01-01\tx\t77\t1999-01-01\tmine\n")
            into.write("forged\t2\t2026-01-01\tx\t77\t1999-01-01\tmine\n")
        cursor.execute(
            "SELECT r.version, r.hash = e.hash, r.recorded_at > vb_clock() - interval '1 day' "
            "FROM records_thresholdversion r JOIN records_entry e "
            "ON e.record = 'records_thresholdversion' AND e.subject = r.key "
            "AND e.version = r.version WHERE key = 'forged' ORDER BY r.version"
        )
        assert cursor.fetchall() == [(1, True, True), (2, True, True)]


def test_the_role_makes_no_table_not_even_for_itself(recorded: Cast) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("CREATE TEMP TABLE mine (id int)")


@pytest.mark.parametrize(
    "shadow",
    [
        "CREATE TEMP TABLE records_head (LIKE records_head); SET search_path = pg_temp, public",
        "CREATE TEMP TABLE records_entry (LIKE records_entry); SET search_path = pg_temp, public",
        (
            "CREATE TEMP TABLE records_clock AS SELECT true AS single, 'live' AS kind, "
            "interval '-9 years' AS ahead; SET search_path = pg_temp, public"
        ),
        (
            "CREATE FUNCTION pg_temp.vb_clock() RETURNS timestamptz LANGUAGE sql "
            "AS $$ SELECT '1999-01-01'::timestamptz $$; SET search_path = pg_temp, public"
        ),
        "SET timezone = 'Asia/Tokyo'; SET datestyle = 'SQL, DMY'; SET extra_float_digits = 0",
    ],
)
@pytest.mark.usefixtures("with_temporary_tables")
def test_no_stand_in_is_taken_for_the_ledger(recorded: Cast, shadow: str) -> None:
    """What a session puts into its own schema never meets the function that records."""
    yesterday = now() - timedelta(days=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(shadow.replace("SET ", "SET LOCAL "))
        cursor.execute(
            "INSERT INTO public.records_thresholdversion (key, value, effective_from, reason) "
            "VALUES ('probe', 1, '2026-01-02', 'x') RETURNING version, recorded_at > %s, hash",
            [yesterday],
        )
        version, is_now, found = cursor.fetchone()
        cursor.execute(
            "SELECT hash, encode(sha256(convert_to(text, 'UTF8')), 'hex'), "
            'text LIKE \'%%"effective_from":"2026-01-02"%%\' '
            "FROM public.records_entry WHERE subject = 'probe'"
        )
        assert cursor.fetchall() == [(found, found, True)]
        assert (version, is_now) == (1, True)


def orm_attacks(model: type[models.Model]) -> Iterator[Callable[[], object]]:
    """What Django offers to change or remove a row."""
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    rows = model._default_manager.all()
    yield from (
        row.save,
        row.delete,
        lambda: row.save(update_fields=["version"]),
        lambda: row.save(force_insert=True),
        lambda: rows.update(version=9),
        rows.delete,
        lambda: rows._raw_delete(rows.db),  # noqa: SLF001 - an attack
        lambda: rows.bulk_update([row], ["version"]),
        lambda: rows.bulk_create([row], ignore_conflicts=True),
        lambda: rows.bulk_create(
            [row], update_conflicts=True, unique_fields=["pk"], update_fields=["version"]
        ),
        lambda: rows.update_or_create(pk=row.pk, defaults={"version": 9}),
        lambda: list(rows.select_for_update()),
        lambda: list(rows.raw(f"UPDATE {model._meta.db_table} SET version = 9 RETURNING id")),
    )


def test_the_orm_is_refused(unchanged: None) -> None:
    kept: list[type[models.Model]] = [*FROZEN, ChainEntry, ChainHead]
    for model in kept:
        for number, attack in enumerate(orm_attacks(model)):
            assert refused(attack), f"ORM attack {number} on {model.__name__}"


def parents_of(row: models.Model) -> Iterator[models.Model]:
    """Everything that a row stands on, however far up."""
    for field in row._meta.get_fields():
        if field.many_to_one or (field.one_to_one and not field.auto_created):
            parent = getattr(row, field.name)
            if parent is not None and parent != row:
                yield parent
                yield from parents_of(parent)


def test_nothing_falls_with_any_of_its_parents(unchanged: None) -> None:
    """Neither by Django's cascades nor by SQL, which could cascade in the database."""
    rows = chain.from_iterable(model._default_manager.all() for model in FROZEN)
    parents = {parent for row in rows for parent in parents_of(row)}
    kinds = {type(parent) for parent in parents}
    assert len(kinds) >= 10
    for parent in parents:
        table = parent._meta.db_table
        assert refused(parent.delete), parent
        assert refused(f"DELETE FROM {table} WHERE id = {parent.pk}"), parent
        assert refused(f"UPDATE {table} SET id = -1 WHERE id = {parent.pk}"), parent


def test_a_grant_without_the_right_to_grant_gives_nothing(unchanged: None) -> None:
    """PostgreSQL answers it with a warning."""
    for table in [*TABLES, *LEDGER]:
        for words in (f"GRANT ALL ON {table} TO vb_app", f"GRANT ALL ON {table} TO PUBLIC"):
            with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(words)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')",
                [table],
            )
            assert cursor.fetchone() == (False,)
