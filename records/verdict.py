"""Whether the records about a workload verify, from what a query of its page reads along.

`beside` is one more column of a query over a frozen table; `verify` checks what came of it, as the
page of all records does.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import (
    DateTimeField,
    Expression,
    F,
    Func,
    JSONField,
    OuterRef,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast, JSONObject

from records.about import problems_of
from records.chain import FrozenRow, subject_columns
from records.models import ChainEntry, FrozenRecord
from records.plain import Plain, canonical, plain, time
from records.verifier import UNREADABLE


@dataclass(frozen=True, slots=True)
class Verified:
    """One record that was verified; `anchor` is what the page of records calls it."""

    what: str
    version: int
    recorded_at: datetime
    hash: str
    anchor: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of verifying records here and now, the latest one last.

    `uncovered` counts those that the last checkpoint was too early to see.
    """

    records: tuple[Verified, ...]
    uncovered: int

    @property
    def last(self) -> Verified | None:
        """Return the latest record, up to which they were verified."""
        return self.records[-1] if self.records else None

    @property
    def broken(self) -> tuple[Verified, ...]:
        """Return those that do not hold."""
        return tuple(each for each in self.records if not each.holds)


def about(model: type[FrozenRecord]) -> Func:
    """Return an expression: the subject of a frozen row, as its trigger makes it."""
    columns = [Cast(F(name), TextField()) for name in _subjects()[model._meta.db_table]]
    template = "array_to_string(ARRAY[%(expressions)s], ':', '')"
    return Func(*columns, template=template, output_field=TextField())


def beside(model: type[FrozenRecord]) -> Expression:
    """Return an expression: a frozen row whose subject is annotated as `about`, and its ledger."""
    table = model._meta.db_table
    entries = ChainEntry.objects.filter(record=table, subject=OuterRef("about"))
    said = JSONObject(text=F("text"), hash=F("hash"))
    return JSONObject(
        row=Func(template=f'to_jsonb("{table}")::text', output_field=TextField()),
        about=F("about"),
        entry=Subquery(entries.filter(version=OuterRef("version")).values(said=said)[:1]),
        before=Subquery(entries.filter(version=OuterRef("version") - 1).values(said=said)[:1]),
    )


def verify(
    records: Iterable[tuple[type[FrozenRecord], dict[str, Any]]], checkpoint: str | None
) -> Verdict:
    """Verify records, each of a kind and with what `beside` read.

    `checkpoint` is the statement of the last one, None where there is none.
    """
    found = sorted((_verified(*each) for each in records), key=lambda each: each.recorded_at)
    until = json.loads(checkpoint)["complete_until"] if checkpoint else ""
    return Verdict(tuple(found), sum(time(each.recorded_at) >= until for each in found))


def _verified(model: type[FrozenRecord], read: dict[str, Any]) -> Verified:
    row = json.loads(read["row"], parse_float=Decimal)
    table = model._meta.db_table
    return Verified(
        str(model._meta.verbose_name),
        row["version"],
        datetime.fromisoformat(row["recorded_at"]),
        row["hash"],
        f"{table}-{row['id']}",
        _holds(model, row, read),
    )


def _holds(model: type[FrozenRecord], row: dict[str, Any], read: dict[str, Any]) -> bool:
    entry, before = read["entry"] or {}, read["before"] or {"hash": "", "text": ""}
    try:
        found = FrozenRow(
            read["about"],
            row["version"],
            entry.get("text"),
            entry.get("hash"),
            {name: _plain(model, name, value) for name, value in row.items()},
        )
        previous = (before["hash"], before["text"])
        return not problems_of(model._meta.db_table, found, previous)
    except UNREADABLE:
        return False


def _plain(model: type[FrozenRecord], column: str, value: object) -> Plain:
    """Return a cell of a row's JSON as the ledger writes it."""
    field = _fields(model).get(column)
    if value is not None and isinstance(field, DateTimeField):
        return time(datetime.fromisoformat(str(value)))
    if value is not None and isinstance(field, JSONField):
        return canonical(value)
    return plain(value)


@cache
def _fields(model: type[FrozenRecord]) -> dict[str, Any]:
    return {str(field.column): field for field in model._meta.concrete_fields}


@cache
def _subjects() -> dict[str, list[str]]:
    """Return the columns that make each subject, which are as the migrations made them."""
    return subject_columns()
