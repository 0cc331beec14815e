"""The ledger: what its texts say, how they are chained, and what was recorded before it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import verifier
from records.models import ChainEntry, ChainHead, ThresholdVersion
from records.plain import JSONB, canonical, plain
from spaces.models import Workload
from tests.cast import Cast
from tests.database import ROOT, connect_as_owner, url
from tests.records.frozen import FROZEN, TABLES

# The rows of earlier examples do no harm to later ones.
one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
WRITABLE = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def columns_of(table: str) -> Iterator[dict[str, object]]:
    """Every row, as the product's own reading writes its columns."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY version, id")
        for row in cursor.fetchall():
            yield {
                column.name: plain(value, is_json=column.type_code == JSONB)
                for column, value in zip(cursor.description, row, strict=True)
            }


# Columns younger than rows that came by migration, whose text can't have them.
ADDED_LATER = {"cur_ingest_signalversion": {"effective_from"}}


def test_the_text_of_every_row_is_what_its_columns_say(recorded: Cast) -> None:
    """Made twice: by the database when the row came, and here from its columns."""
    # A row that is older than the ledger has kept the hash it had, and its text holds that.
    entries = {
        json.loads(entry.text)["row"].get("hash", entry.hash): entry
        for entry in ChainEntry.objects.all()
    }
    rows = 0
    for table in TABLES:
        for columns in columns_of(table):
            entry = entries.pop(str(columns["hash"]))
            said = json.loads(entry.text)
            if "clock" in said:
                assert said["clock"] == columns["recorded_at"]
                assert entry.hash == columns.pop("hash")
            assert columns.keys() - said["row"].keys() <= ADDED_LATER.get(table, set())
            assert said["row"] == {name: columns[name] for name in said["row"]}
            assert entry.text == json.dumps(
                said, sort_keys=True, ensure_ascii=False, separators=(",", ":")
            )
            assert sha256(entry.text) == entry.hash
            assert (said["record"], said["scheme"]) == (table, "1")
            rows += 1
    assert not entries
    assert rows > len(TABLES)


def test_each_entry_names_the_one_before_and_the_head_the_last(recorded: Cast) -> None:
    last: dict[tuple[str, str], ChainEntry] = {}
    for entry in ChainEntry.objects.order_by("record", "subject", "version"):
        before = last.get((entry.record, entry.subject))
        said = json.loads(entry.text)
        assert entry.version == (before.version if before else 0) + 1
        assert said["previous"] == (before.hash if before else "")
        assert (said["subject"], said["version"]) == (entry.subject, str(entry.version))
        last[entry.record, entry.subject] = entry
    heads = {(h.record, h.subject): (h.version, h.hash) for h in ChainHead.objects.all()}
    assert heads == {key: (entry.version, entry.hash) for key, entry in last.items()}


def add_threshold(key: str, value: Decimal, reason: str) -> ThresholdVersion:
    return ThresholdVersion.objects.create(
        key=key, value=value, effective_from=date(2026, 1, 1), reason=reason
    )


@one_database
@given(
    reason=st.text(WRITABLE),
    value=st.decimals(min_value=-(10**15), max_value=10**15, places=4),
)
def test_any_text_and_any_number_is_written_in_one_way(
    db: None, reason: str, value: Decimal
) -> None:
    made = add_threshold("probe", value, reason)
    entry = ChainEntry.objects.get(hash=made.hash)
    said = json.loads(entry.text)
    assert said["row"]["reason"] == reason
    assert said["row"]["value"] == f"{value + 0:.4f}".replace("-0.0000", "0.0000")
    assert entry.text == json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def json_of(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(WRITABLE), inner)
    )


WHOLE = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(WRITABLE)
FRACTIONS = st.decimals(-(10**9), 10**9, places=3).filter(lambda number: not number.is_signed())


@one_database
@given(value=json_of(WHOLE | FRACTIONS))
def test_json_has_one_form_in_the_database_and_here(db: None, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_json(%s::jsonb)", [canonical(value)])
        assert cursor.fetchone() == (canonical(value),)


@given(value=json_of(WHOLE))
def test_json_without_fractions_is_written_as_the_verifier_writes_it(value: object) -> None:
    assert canonical(value) == verifier.canonical(value)


def test_frozen_tables_hold_what_can_be_written_exactly() -> None:
    """A float has no one decimal form; other types have no form yet."""
    known = (
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.DateField,
        models.DateTimeField,
        models.DecimalField,
        models.ForeignKey,
        models.IntegerField,
        models.JSONField,
        models.PositiveIntegerField,
        models.TextField,
    )
    for model in FROZEN:
        for field in model._meta.concrete_fields:
            assert isinstance(field, known), field


def test_every_kind_of_record_says_which_workload_it_is_about() -> None:
    for model in FROZEN:
        assert "workload_path" in vars(model), f"{model.__name__}.workload_path: which, or empty?"
        if model.workload_path:
            found = model
            for name in model.workload_path.split("__"):
                found = found._meta.get_field(name).related_model  # type: ignore[assignment]
            assert found is Workload  # type: ignore[comparison-overlap]


@pytest.mark.django_db(transaction=True)
def test_time_never_goes_back_within_a_subject(owner_cursor: psycopg.Cursor, live: None) -> None:
    """And the text keeps what the clock said, so that the step is seen."""
    first = add_threshold("probe", Decimal(1), "x")
    owner_cursor.execute(
        "CREATE OR REPLACE FUNCTION vb_clock() RETURNS timestamptz LANGUAGE sql "
        "AS $$ SELECT '2001-01-01 00:00+00'::timestamptz $$"
    )
    second = add_threshold("probe", Decimal(2), "x")
    other = add_threshold("other", Decimal(2), "x")
    assert second.recorded_at == first.recorded_at
    said = json.loads(ChainEntry.objects.get(hash=second.hash).text)
    assert said["clock"] == "2001-01-01T00:00:00.000000Z"
    assert said["row"]["recorded_at"] > said["clock"]
    assert other.recorded_at.year == 2001


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO records_entry (record, subject, version, text, hash) VALUES ('a','b',1,'','')",
        "UPDATE records_entry SET text = ''",
        "DELETE FROM records_entry",
        "TRUNCATE records_entry",
        "INSERT INTO records_head (record, subject, version, hash) VALUES ('a', 'b', 1, '')",
        "UPDATE records_head SET version = version + 1",
        "DELETE FROM records_head",
        "TRUNCATE records_head",
        "SET session_replication_role = replica; DELETE FROM records_entry",
    ],
)
def test_even_the_owner_is_stopped_by_the_ledgers_triggers(
    owner_cursor: psycopg.Cursor, attack: str
) -> None:
    with pytest.raises(psycopg.Error, match=r"refused|permission denied to set"):
        owner_cursor.execute(attack)


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_subject_at_once_make_one_chain(owner_cursor: psycopg.Cursor) -> None:
    """Sixteen connections, none of which waits for its turn politely."""
    insert = (
        "INSERT INTO records_thresholdversion (key, value, effective_from, reason) "
        "SELECT 'probe', 1, '2026-01-01', '' FROM generate_series(1, 1)"
    )
    name = connection.settings_dict["NAME"]
    connections = [psycopg.connect(url("DATABASE_URL", name), autocommit=True) for _ in range(16)]
    scripts = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                (
                    "import psycopg, sys\n"
                    "with psycopg.connect(sys.argv[1], autocommit=True) as c:\n"
                    "    for _ in range(25): c.execute(sys.argv[2])"
                ),
                url("DATABASE_URL", name),
                insert,
            ]
        )
        for _ in range(4)
    ]
    for _ in range(5):
        for each in connections:
            each.execute(insert)
    assert [script.wait() for script in scripts] == [0] * 4
    for each in connections:
        each.close()
    entries = ChainEntry.objects.filter(subject="probe").order_by("version")
    assert [entry.version for entry in entries] == list(range(1, 181))
    previous = ""
    for entry in entries:
        assert json.loads(entry.text)["previous"] == previous
        previous = entry.hash


def test_what_was_recorded_before_the_ledger_is_taken_in_as_it_was() -> None:
    """A database of the version before, with rows: they stay, hashes included, and are chained."""
    name = f"vb_before_the_ledger_{os.getpid()}"
    with connect_as_owner("postgres") as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {name}")
    try:
        migrate(name, "records", "0002")
        with connect_as_owner(name) as old:
            insert = (
                "INSERT INTO records_thresholdversion (key, value, effective_from, reason) "
                "VALUES (%s, %s, '2026-01-01', %s)"
            )
            for key, value in (("a", 1), ("b", 2), ("a", 3)):
                old.execute(insert, [key, value, 'Said "so".'])
            before = old.execute("SELECT * FROM records_thresholdversion ORDER BY id").fetchall()
            migrate(name, "records")
            old.execute(insert, ["a", 4, ""])
            after = old.execute("SELECT * FROM records_thresholdversion ORDER BY id").fetchall()
            assert after[: len(before)] == before
            entries = old.execute(
                "SELECT subject, version, text, hash FROM records_entry "
                "WHERE record = 'records_thresholdversion' AND subject IN ('a', 'b') "
                "ORDER BY subject, version"
            ).fetchall()
            rows: dict[int, str] = dict(
                old.execute("SELECT id, hash FROM records_thresholdversion").fetchall()
            )
    finally:
        with connect_as_owner("postgres") as owner:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert [(subject, version) for subject, version, _, _ in entries] == [
        ("a", 1), ("a", 2), ("a", 3), ("b", 1),
    ]  # fmt: skip
    previous = {"a": "", "b": ""}
    for subject, version, text, found in entries:
        said = json.loads(text)
        assert sha256(text) == found
        assert said["previous"] == previous[subject]
        previous[subject] = found
        was_before = (subject, version) != ("a", 3)
        assert ("clock" in said) != was_before
        assert said["row"].get("hash", found) == rows[int(said["row"]["id"])]
        assert ("hash" in said["row"]) == was_before


def migrate(database: str, *target: str) -> None:
    """Migrate a database of our own as its owner."""
    environment = os.environ | {
        "VALUEBOARD_AS_OWNER": "1",
        "DATABASE_URL": url("DATABASE_URL", database),
        "DATABASE_OWNER_URL": url("DATABASE_OWNER_URL", database),
    }
    command = [sys.executable, "manage.py", "migrate", *target, "--verbosity=0", "--skip-checks"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
