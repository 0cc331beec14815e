"""What the tests of frozen records share: every frozen table, with rows, and their digest."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from pytest_django.fixtures import Settings

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapOpening
from approvals.actions import delegate_approving
from business_cases.actions import (
    merge_names,
    record_comment,
    revise_estimate,
    withdraw_request,
)
from business_cases.models import BusinessRequest, RequestKind
from cur_ingest.actions import choose_basis, record_rate
from records.actions import take_checkpoint
from records.clock import today
from records.models import Checkpoint, FrozenRecord
from records.signing import new_key
from spaces.models import Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.reviews.made import closed, opened
from tests.spend import bedrock, close_september, load, rule_for
from valueboard.lib.months import month_of

FROZEN = sorted(
    (model for model in apps.get_models() if issubclass(model, FrozenRecord)),
    key=lambda model: model._meta.db_table,
)
TABLES = [model._meta.db_table for model in FROZEN]
LEDGER = ["records_entry", "records_head"]


@pytest.fixture(autouse=True)
def location(tmp_path: Path, settings: Settings) -> Path:
    """A key and a folder for checkpoints, of each test's own."""
    folder = tmp_path / "checkpoints"
    settings.CHECKPOINT_KEY = new_key()
    settings.CHECKPOINT_LOCATION = str(folder)
    return folder


@pytest.fixture
def busy(cast: Cast, location: Path, tmp_path: Path) -> Cast:
    """A cast that has done everything that is ever recorded, and no checkpoint saw it."""
    request = submitted(cast)
    record_comment(actor=cast.priya, request=request, text="Which pilot?")
    approve(cast.priya, request)
    have_more_declined(cast, workload_of(request))
    delegate_approving(
        actor=cast.priya, delegate=cast.felix, first_day=today(), last_day=today(), reason="Away."
    )
    unbacked = added(cast, proposal(cast, name="Unbacked", case=None))
    rule_for(cast.felix, unbacked, "unbacked")
    load(tmp_path / "bill", bedrock("unbacked", 12.5), bedrock("", 3.25))
    close_september(cast)
    choose_basis(actor=cast.felix, basis="unblended", seen=0, reason="As on the invoice.")
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=date(2026, 9, 1),
        rate=Decimal("1.0854"),
        reason="Mean of the month.",
        seen=0,
    )
    look_for_gaps()
    gap = GapOpening.objects.get(workload=unbacked, kind="unbacked")
    request_from_owner(actor=cast.felix, opening=gap, seen=0, rationale="It has spend.")
    added(cast, proposal(cast, name="Lawyers", case=replace(SAVING, anchor="Lawyers")))
    merge_names(
        actor=cast.felix,
        value_type=SAVING.value_type,
        name="Lawyers",
        into=SAVING.anchor,
        seen=0,
        reason="The same invoices.",
    )
    closed(cast, opened(cast), unbacked)
    return cast


@pytest.fixture
def recorded(busy: Cast) -> Cast:
    """The same with a checkpoint: no frozen table is empty."""
    take_checkpoint(actor=busy.felix, kind=Checkpoint.Kind.ON_DEMAND)
    return busy


def have_more_declined(cast: Cast, workload: Workload) -> None:
    """Ask for more funding, and withdraw that."""
    terms = replace(TERMS, monthly=Decimal(90_000), effective=month_of(today()))
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=terms, reason="More.")
    more = BusinessRequest.objects.get(workload=workload, kind=RequestKind.MORE_FUNDING)
    withdraw_request(actor=cast.olivia, request=more, seen=more.revision)


def count(table: str) -> int:
    """Return how many rows a table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (rows,) = cursor.fetchone()
    return int(rows)


def digest() -> str:
    """Return a SHA-256 over every row of every frozen table, the ledger and the heads."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in [*TABLES, *LEDGER]:
            cursor.execute(f"SELECT r::text FROM {table} r ORDER BY id")
            found.update(table.encode())
            for (row,) in cursor.fetchall():
                found.update(row.encode() + b"\n")
    return found.hexdigest()
