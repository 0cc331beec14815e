"""Frozen rows beside what the ledger says of them, as an export and a page show them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg import sql

from records.models import FrozenRecord
from records.plain import JSONB, Plain, plain

FETCHED = 2_000
# What the trigger gets as arguments: the columns that make the subject.
SUBJECTS = r"""
SELECT c.relname::text, string_to_array(rtrim(encode(t.tgargs, 'escape'), '\000'), '\000')
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgname = 'a_append' AND NOT t.tgisinternal
"""
ROWS = """
SELECT coalesce(e.subject, r.about), coalesce(e.version, r.version), e.text, e.hash, r.*
FROM (SELECT array_to_string(ARRAY[{subject}], ':', '') AS about, * FROM {table}) AS r
FULL JOIN (SELECT subject, version, text, hash FROM records_entry WHERE record = {record}) AS e
    ON e.subject = r.about AND e.version = r.version
ORDER BY coalesce(e.subject, r.about) COLLATE "C", 2
"""
CHOSEN = """
SELECT r.about, r.version, e.text, e.hash, coalesce(b.hash, ''), coalesce(b.text, ''), r.*
FROM (
    SELECT array_to_string(ARRAY[{subject}], ':', '') AS about, *
    FROM {table} WHERE id = ANY({ids})
) AS r
LEFT JOIN records_entry AS e
    ON e.record = {record} AND e.subject = r.about AND e.version = r.version
LEFT JOIN records_entry AS b
    ON b.record = {record} AND b.subject = r.about AND b.version = r.version - 1
"""


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """One version: the row's columns and the ledger's text and hash; either side may be missing."""

    subject: str
    version: int
    text: str | None
    hash: str | None
    columns: dict[str, Plain] | None

    def as_json(self) -> dict[str, Any]:
        """Return it as the verifier takes it."""
        return {
            "columns": self.columns,
            "hash": self.hash,
            "subject": self.subject,
            "text": self.text,
            "version": str(self.version),
        }


def frozen_models() -> list[type[FrozenRecord]]:
    """Return every kind of frozen record, by the name of its table."""
    found = (model for model in apps.get_models() if issubclass(model, FrozenRecord))
    return sorted(found, key=lambda model: model._meta.db_table)


def subject_columns() -> dict[str, list[str]]:
    """Return the columns that make the subject, by table; the database knows them."""
    with connection.cursor() as cursor:
        cursor.execute(SUBJECTS)
        return dict(cursor.fetchall())


def read_rows(table: str, subject: Iterable[str]) -> Iterator[FrozenRow]:
    """Yield a table's rows beside the ledger's entries, by subject and version, streamed."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_compose(ROWS, table, subject))
        while rows := cursor.fetchmany(FETCHED):
            # The first four are ours, the fifth the subject as the row's columns make it.
            columns = _columns(cursor.description[5:])
            for found, version, text, digest, about, *values in rows:
                cells = None if about is None else _cells(columns, values)
                yield FrozenRow(found, version, text, digest, cells)


def read_chosen(
    table: str, subject: Iterable[str], ids: Iterable[int]
) -> Iterator[tuple[int, FrozenRow, tuple[str, str]]]:
    """Yield chosen rows, each with its id, and hash and text of the entry before it (or "")."""
    with connection.cursor() as cursor:
        cursor.execute(_compose(CHOSEN, table, subject, list(ids)))
        columns = _columns(cursor.description[7:])
        for about, version, text, digest, before, before_text, _, *values in cursor.fetchall():
            cells = _cells(columns, values)
            row = FrozenRow(about, version, text, digest, cells)
            yield int(str(cells["id"])), row, (before, before_text)


def _compose(
    query: str, table: str, subject: Iterable[str], ids: list[int] | None = None
) -> sql.Composed:
    about = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in subject)
    return sql.SQL(query).format(
        subject=about,
        table=sql.Identifier(table),
        record=sql.Literal(table),
        ids=sql.Literal(ids or []),
    )


def _columns(description: Iterable[Any]) -> list[tuple[str, bool]]:
    return [(column.name, column.type_code == JSONB) for column in description]


def _cells(columns: list[tuple[str, bool]], values: Iterable[object]) -> dict[str, Plain]:
    return {
        name: plain(value, is_json=is_json)
        for (name, is_json), value in zip(columns, values, strict=True)
    }
