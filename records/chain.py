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
FROM (SELECT array_to_string(ARRAY[{subject}], ':', '') AS about, * FROM {table} WHERE {where}) AS r
FULL JOIN (SELECT subject, version, text, hash FROM records_entry WHERE record = {record}{subjects})
    AS e ON e.subject = r.about AND e.version = r.version
ORDER BY coalesce(e.subject, r.about) COLLATE "C", 2
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


def read_rows(
    table: str, subject: Iterable[str], *, ids: Iterable[int] | None = None
) -> Iterator[FrozenRow]:
    """Yield a table's rows in the order of subject and version, streamed.

    With `ids`, only the subjects of these rows, whole.
    """
    about = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in subject)
    where: sql.Composable = sql.SQL("true")
    subjects: sql.Composable = sql.SQL("")
    if ids is not None:
        chosen = sql.SQL(
            "SELECT array_to_string(ARRAY[{about}], ':', '') FROM {table} WHERE id = ANY({ids})"
        ).format(about=about, table=sql.Identifier(table), ids=sql.Literal(list(ids)))
        where = sql.SQL("array_to_string(ARRAY[{}], ':', '') IN ({})").format(about, chosen)
        subjects = sql.SQL(" AND subject IN ({})").format(chosen)
    query = sql.SQL(ROWS).format(
        subject=about,
        table=sql.Identifier(table),
        where=where,
        record=sql.Literal(table),
        subjects=subjects,
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(FETCHED):
            # The first five are ours, the fifth the subject as the row's columns make it.
            columns = [(c.name, c.type_code == JSONB) for c in cursor.description[5:]]
            for found, version, text, digest, about_row, *values in rows:
                cells = (
                    None
                    if about_row is None
                    else {
                        name: plain(value, is_json=is_json)
                        for (name, is_json), value in zip(columns, values, strict=True)
                    }
                )
                yield FrozenRow(found, version, text, digest, cells)
