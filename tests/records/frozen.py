"""What the tests of frozen records share: every frozen table, with rows, and their digest."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from allocation_gaps.actions import request_from_owner
from allocation_gaps.reports import find_gaps
from business_cases.actions import merge_names
from records.clock import now
from records.models import FrozenRecord
from tests.approvals.test_deciding import approve
from tests.cast import SAVING, Cast, added, proposal, submitted
from tests.spend import bedrock, load, rule_for

FROZEN = sorted(
    (model for model in apps.get_models() if issubclass(model, FrozenRecord)),
    key=lambda model: model._meta.db_table,
)
TABLES = [model._meta.db_table for model in FROZEN]
LEDGER = ["records_entry", "records_head"]


@pytest.fixture
def recorded(cast: Cast, tmp_path: Path) -> Cast:
    """A cast that has done everything that is ever recorded: no frozen table is empty."""
    approve(cast.priya, submitted(cast))
    unbacked = added(cast, proposal(cast, name="Unbacked", case=None))
    rule_for(cast.felix, unbacked, "unbacked")
    load(tmp_path / "bill", bedrock("unbacked", 12.5), bedrock("", 3.25))
    gap = next(gap for gap in find_gaps(cast.felix, now()) if gap.workload == unbacked)
    request_from_owner(actor=cast.felix, gap=gap, seen=gap.version, rationale="It has spend.")
    added(cast, proposal(cast, name="Lawyers", case=replace(SAVING, anchor="Lawyers")))
    merge_names(
        actor=cast.felix,
        value_type=SAVING.value_type,
        name="Lawyers",
        into=SAVING.anchor,
        seen=0,
        reason="The same invoices.",
    )
    return cast


def count(table: str) -> int:
    """Return how many rows a table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name from our models
        (rows,) = cursor.fetchone()
    return int(rows)


def digest() -> str:
    """Return a SHA-256 over every row of every frozen table, the ledger and the heads."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in [*TABLES, *LEDGER]:
            cursor.execute(f"SELECT r::text FROM {table} r ORDER BY id")  # noqa: S608 - as above
            found.update(table.encode())
            for (row,) in cursor.fetchall():
                found.update(row.encode() + b"\n")
    return found.hexdigest()
