"""Re-attribute a month of daily lines, beside a bare UPDATE of the same rows; Django is set up.

Each is measured in a transaction that is rolled back after its constraints were checked, and dead
rows are vacuumed away, so that every round begins with the same lines; the two take turns in going
first.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from django.db import connection, transaction

from accounts.models import User
from cur_ingest.attribution import attribute
from cur_ingest.bases import BASES
from cur_ingest.models import AttributionRun, Delivery, Export, Rule, RuleVersion
from spaces.models import Space, Workload

ROUNDS = 3
WORKLOADS = 50
PERIOD = date(2026, 9, 1)
FILL = """
INSERT INTO cur_ingest_dailyline (delivery_id, export_id, period, day, payer, account, service,
    service_code, product_name, billing_entity, charge_type, usage_type, region, resource,
    principal, pricing_unit, model, token_kind, tier, cross_region, tags, currency, source_rows,
    spend_class, unblended, amortised, net_unblended, net_amortised)
SELECT %(delivery)s, %(export)s, %(period)s, %(period)s::date + n %% 30, '1', (n %% 40)::text,
    'AmazonBedrock', 'AmazonBedrock', '', 'AWS', 'Usage',
    'USE1-Model' || n %% 25 || '-input-tokens', 'us-east-1', 'arn:aws:bedrock:p/' || n %% 500,
    'arn:aws:iam::1:user/' || n %% 200, '1K tokens', 'Model' || n %% 25, 'input', 'standard', '',
    jsonb_build_object('workload', 'w' || n %% 60), 'USD', 1, 'other', 1.5, 1.5, 1.5, 1.5
FROM generate_series(1, %(lines)s) n
"""
WANTED = """CREATE TEMP TABLE wanted AS
SELECT id, spend_class, workload_id, rule_version_id FROM cur_ingest_dailyline"""
RESET = """UPDATE cur_ingest_dailyline
SET spend_class = 'other', workload_id = NULL, rule_version_id = NULL"""
BARE = """UPDATE cur_ingest_dailyline d SET spend_class = w.spend_class,
    workload_id = w.workload_id, rule_version_id = w.rule_version_id
FROM wanted w WHERE w.id = d.id"""


def main() -> None:
    """Fill a database, attribute, and print both medians and their ratio."""
    lines, owner = int(sys.argv[1]), sys.argv[2]
    delivery = _fill(lines)

    def attributing() -> None:
        cause = AttributionRun.Cause.RULES
        attribute(actor=None, delivery=delivery, cause=cause, reason="Measured.")

    with transaction.atomic():
        attributing()
    _execute(WANTED)
    _execute("ANALYZE wanted")
    _execute(RESET)
    bare: list[float] = []
    whole: list[float] = []
    for number in range(ROUNDS):
        acts = [(bare, lambda: _execute(BARE)), (whole, attributing)]
        for found, act in acts if number % 2 else acts[::-1]:
            with psycopg.connect(owner, autocommit=True) as vacuuming:
                vacuuming.execute("VACUUM ANALYZE cur_ingest_dailyline")
            found.append(_seconds(act))
    first, second = statistics.median(bare), statistics.median(whole)
    print(f"{lines:>12,} {first:>10.1f} s {second:>12.1f} s {second / first:>8.2f}", flush=True)


def _fill(lines: int) -> Delivery:
    """Make a delivery of AI lines, and rules for five of six tags, one of them a split."""
    user = User.objects.create_user("o@example.com", "O")
    space = Space.objects.create(name="S", slug="s")
    export = Export.objects.create(location="/bench", name="bench", format=Export.Format.CUR2)
    delivery = Delivery.objects.create(
        export=export,
        period=PERIOD,
        fingerprint="f",
        grain="g",
        execution="e",
        files=[],
        source_rows=lines,
        currency="USD",
        **dict.fromkeys(BASES, Decimal("1.5") * lines),
    )
    workloads = [
        Workload.objects.create(
            name=f"W{n}", slug=f"w{n}", space=space, owner=user, state="claimed"
        )
        for n in range(WORKLOADS)
    ]
    for number, workload in enumerate(workloads):
        splits = number == 0
        RuleVersion(
            rule=Rule.objects.create(),
            priority=100,
            tag_key="workload",
            tag_value=f"w{number}",
            workload=None if splits else workload,
            split="proportional" if splits else "",
            shares=[{"workload": w.pk, "percent": None} for w in workloads[1:6]] if splits else [],
            reason="Measured.",
        ).save()
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "delivery": delivery.pk,
            "export": export.pk,
            "period": PERIOD,
            "lines": lines,
        }
        cursor.execute(FILL, values)
    return delivery


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _seconds(act: Callable[[], None]) -> float:
    with transaction.atomic():
        begin = time.monotonic()
        act()
        _execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.monotonic() - begin
        transaction.set_rollback(True)
    return seconds
