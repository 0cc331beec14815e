"""A database of an early version, with spend in it, keeps every figure when it is migrated."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.models import Sum
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pytest_django import DjangoDbBlocker

from accounts.models import Role, RoleGrant, User
from cur_ingest.actions import RuleTerms, add_rule
from cur_ingest.bases import BASES, amount_in
from cur_ingest.models import DailyLine, Delivery, Export, MonthTotal, Part
from cur_ingest.proof import read_month
from records import verifier
from records.clock import now
from records.export import export_records
from spaces.models import Workload
from tests.database import TestDatabase, connect_as_owner, url
from tests.records.test_ledger import migrate

# Migrating a database twice is dear: one process does, for all of them.
pytestmark = pytest.mark.xdist_group("upgrading")
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
# Before lines had deliveries and net costs, exports names of their own, and records a ledger: what
# came later and had to fill what was there.
BEFORE = "0002"
Rows = dict[tuple[str, int], dict[str, Any]]


class Early:
    """Writes as the product did when its tables were at BEFORE."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        """Take the owner's connection."""
        self.connection = connection

    def add(self, table: str, **values: Any) -> int:
        """Insert a row; return its number."""
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        given = sql.SQL(", ").join(sql.Placeholder() * len(values))
        what = sql.SQL("({}) VALUES ({})").format(columns, given)
        statement = sql.SQL("INSERT INTO {} {} RETURNING id").format(
            sql.Identifier(table), what if values else sql.SQL("DEFAULT VALUES")
        )
        row = self.connection.execute(statement, list(values.values())).fetchone()
        assert row
        return int(row["id"])

    def export(self, location: str, name: str) -> int:
        """Keep an export; return its number."""
        return self.add("cur_ingest_export", location=location, name=name, format="cur2")

    def deliver(self, export: int, period: date, execution: str, *lines: dict[str, Any]) -> None:
        """Load a delivery: it takes the place of the lines before; its totals are recorded."""
        totals = {
            basis: sum((line[basis] for line in lines), Decimal(0))
            for basis in ("unblended", "amortised")
        }
        of_month = {"export_id": export, "period": period}
        delivery = self.add(
            "cur_ingest_delivery",
            **of_month,
            **totals,
            fingerprint=execution * 64,
            grain="g" * 64,
            execution=execution,
            files=Jsonb([["data/one.parquet", '"etag"', 10]]),
            source_rows=len(lines),
            currency="USD",
        )
        delete = "DELETE FROM cur_ingest_dailyline WHERE export_id = %s AND period = %s"
        self.connection.execute(delete, [export, period])
        run = self.add(
            "cur_ingest_attributionrun",
            **of_month,
            delivery_id=delivery,
            cause="load",
            reason=f"Delivery {execution} was loaded.",
        )
        for line in lines:
            self.add("cur_ingest_dailyline", **of_month, **line)
            self.add(
                "cur_ingest_monthtotal",
                run_id=run,
                spend_class=line["spend_class"],
                workload_id=line["workload_id"],
                first_day=line["day"],
                **{basis: line[basis] for basis in totals},
                **{f"positive_{basis}": max(line[basis], Decimal(0)) for basis in totals},
            )

    @property
    def rows(self) -> Rows:
        """Every row of spend, by table and number."""
        tables = self.connection.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'cur\\_ingest\\_%'"
        ).fetchall()
        return {
            (table["tablename"], row["id"]): row
            for table in tables
            if "historical" not in table["tablename"]
            for row in self.connection.execute(
                sql.SQL("SELECT * FROM {}").format(sql.Identifier(table["tablename"]))
            )
        }


@contextmanager
def early(database: str) -> Iterator[Early]:
    """Connect to a database as its owner."""
    with psycopg.connect(
        url("DATABASE_OWNER_URL", database), autocommit=True, row_factory=dict_row
    ) as connection:
        yield Early(connection)


def line(
    number: int, amount: str, spend_class: str, workload: int | None = None, **more: Any
) -> dict[str, Any]:
    """A daily line as it was; amortised is a third more, to the last digit."""
    unblended = Decimal(amount)
    return {
        "day": SEPTEMBER.replace(day=number),
        "account": f"{number:012}",
        "service": "AmazonBedrock" if spend_class == "ai" else "AmazonEC2",
        "service_code": "",
        "product_name": "",
        "billing_entity": "AWS",
        "charge_type": "Usage",
        "usage_type": "USE1-NovaLite-input-tokens",
        "principal": "",
        "tags": Jsonb({"workload": "chat"} if workload else {}),
        "currency": "USD",
        "source_rows": 1,
        "unblended": unblended,
        "amortised": unblended + Decimal("0.333333333333333333333333"),
        "spend_class": spend_class,
        "workload_id": workload,
    } | more


def fill(begun: Early) -> None:
    """Two exports of one name; a month that was restated, and the one before it."""
    user = begun.add(
        "accounts_user",
        email="felix@example.com",
        name="Felix",
        password="",
        is_active=True,
        is_superuser=False,
        date_joined=SEPTEMBER,
    )
    space = begun.add("spaces_space", name="Commerce", slug="commerce")
    workload = begun.add(
        "spaces_workload",
        name="Chat",
        slug="chat",
        purpose="",
        state="claimed",
        space_id=space,
        owner_id=user,
    )
    rule = begun.add("cur_ingest_rule")
    version = begun.add(
        "cur_ingest_ruleversion",
        rule_id=rule,
        workload_id=workload,
        priority=10,
        account="",
        service="",
        tag_key="workload",
        tag_value="chat",
        active=True,
        reason="Tagged so.",
    )
    mine = {"workload": workload, "rule_version_id": version}
    one, two = begun.export("/bill/one", "bill"), begun.export("/bill/two", "Bill")
    begun.deliver(one, AUGUST, "a", line(1, "7.000000000000000000000001", "ai", **mine))
    begun.deliver(one, SEPTEMBER, "b", line(2, "1000000.01", "ai", **mine))
    begun.deliver(
        one,
        SEPTEMBER,
        "c",
        line(3, "1234567890.123456789012345678901234", "ai", **mine),
        line(4, "3.25", "ai"),
        line(5, "-0.5", "other", charge_type="Credit"),
        line(6, "12.1", "unclassified", billing_entity="AWS Marketplace"),
    )
    begun.deliver(two, SEPTEMBER, "d", line(7, "0.000000000001", "other"))


@pytest.fixture(scope="module")
def upgraded(
    django_db_setup: None, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker
) -> Iterator[Rows]:
    """What was there before the upgrade; the tests are connected to what came of it."""
    name = f"vb_upgraded_{os.getpid()}"
    test_database.drop(name)
    with connect_as_owner("postgres") as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    try:
        migrate(name, "cur_ingest", BEFORE)
        # Python's own 28 digits would round what is added up.
        with early(name) as begun, localcontext(prec=60):
            fill(begun)
            before = begun.rows
        migrate(name)
        with django_db_blocker.unblock():
            connections.close_all()
            connections.databases["default"]["NAME"] = name
            yield before
            connections.close_all()
    finally:
        connections.databases["default"]["NAME"] = test_database.name
        test_database.drop(name)


def test_no_value_that_was_there_has_changed(upgraded: Rows) -> None:
    with early(connections.databases["default"]["NAME"]) as now_there:
        after = now_there.rows
    changed = {
        (table, number, column): after[table, number][column]
        for (table, number), row in upgraded.items()
        for column, value in row.items()
        if after[table, number][column] != value
    }
    second = max(number for table, number in upgraded if table == "cur_ingest_export")
    # Of two exports that were called alike, the later one says which it is.
    assert changed == {("cur_ingest_export", second, "name"): f"Bill {second}"}


def test_lines_are_those_of_the_latest_delivery_and_net_as_they_are_gross(upgraded: Rows) -> None:
    latest = Delivery.objects.order_by("export", "period", "-version").distinct("export", "period")
    assert {delivery.execution for delivery in latest} == {"a", "c", "d"}
    for delivery in latest:
        lines = DailyLine.objects.filter(delivery=delivery)
        for basis in BASES:
            assert lines.aggregate(sum=Sum(basis))["sum"] == amount_in(delivery, basis)
    assert DailyLine.objects.count() == 6
    for each in DailyLine.objects.all():
        assert (each.net_unblended, each.net_amortised) == (each.unblended, each.amortised)


def test_every_month_is_proved_and_every_record_verified(upgraded: Rows, tmp_path: Path) -> None:
    export_records(tmp_path / "export")
    assert verifier.verify(tmp_path / "export").findings == []
    for period, total in ((AUGUST, "7.333333333333333333333334"), (SEPTEMBER, None)):
        month = read_month(period, now())
        assert month.holds
        assert all(export.holds for export in month.exports)
        assert total is None or month.shown.total.amount == Decimal(total)
    chat = MonthTotal.objects.filter(workload__name="Chat", run__delivery__execution="c").get()
    exact = Decimal("1234567890.123456789012345678901234")
    assert [amount_in(chat, basis) for basis in ("unblended", "net_unblended")] == [exact] * 2


def test_months_from_before_are_attributed_anew_and_still_add_up(upgraded: Rows) -> None:
    before = {basis: proof.total.amount for basis, proof in proofs().items()}
    felix, chat = User.objects.get(), Workload.objects.get()
    RoleGrant.objects.create(user=felix, role=Role.FINANCE)
    terms = RuleTerms(1, chat, account="000000000004")
    add_rule(actor=felix, terms=terms, reason="Found since.", include_closed=True)
    assert {basis: proof.total.amount for basis, proof in proofs().items()} == before
    assert proofs()["unblended"].of(Part.UNCLAIMED).amount == 0
    assert all(proof.holds for proof in proofs().values())
    # Told apart since: what settles the bill is no longer among the other services.
    assert proofs()["unblended"].of(Part.CREDIT).amount == Decimal("-0.5")
    assert Export.history.count() == Export.objects.count() == 2


def proofs() -> dict[str, Any]:
    return {proof.basis: proof for proof in read_month(SEPTEMBER, now()).proofs}
