"""One measurement of loading, in a process of its own: `python -m bench.month WHAT FOLDER …`.

Prints seconds of each run and the peak memory of the process, as JSON. A first run over a small
month warms the process up: imports, connections, compiled queries.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import django
import duckdb
import pandas as pd
import pyarrow.parquet as pq

django.setup()

from django.db import connection  # noqa: E402

from cur_ingest.actions import load_deliveries  # noqa: E402
from cur_ingest.generation import CostPlan, Stream, generate, surroundings  # noqa: E402
from cur_ingest.models import DailyLine, Delivery  # noqa: E402

MONTH = date(2026, 9, 1)
PAYER = "999900000000"
# What ValueBoard aggregates of such an export, written for DuckDB alone: the same groups, the same
# exact conversion, the same keys of the maps, and nothing checked.
MONEY = "CASE WHEN abs({0}) < 1000 THEN {0}::DECIMAL(28,12) ELSE {0}::VARCHAR::DECIMAL(28,12) END"
FINE = (
    "(bill_billing_entity = 'AWS Marketplace' OR line_item_product_code ILIKE 'AmazonBedrock%' "
    "OR line_item_product_code IN ('AmazonSageMaker', 'AmazonQ') "
    "OR product['product_name'] ILIKE '%(Amazon Bedrock Edition)%')"
)
KEYS = """line_item_usage_start_date::DATE, bill_payer_account_id, line_item_usage_account_id,
    line_item_product_code, product['product_name'], bill_billing_entity,
    line_item_line_item_type, line_item_currency_code, resource_tags['user_workload']"""
FINE_KEYS = (
    "product_servicecode",
    "line_item_usage_type",
    "product_region_code",
    "line_item_resource_id",
    "line_item_iam_principal",
    "pricing_unit",
)
BARE = f"""
    SELECT {KEYS}, {", ".join(f"CASE WHEN {FINE} THEN {key} END" for key in FINE_KEYS)}, count(*),
        sum(CASE WHEN {FINE} THEN {MONEY.format("line_item_usage_amount")} END),
        sum({MONEY.format("line_item_unblended_cost")}),
        sum(CASE line_item_line_item_type
            WHEN 'SavingsPlanCoveredUsage'
                THEN {MONEY.format("savings_plan_savings_plan_effective_cost")}
            WHEN 'SavingsPlanRecurringFee'
                THEN {MONEY.format("savings_plan_total_commitment_to_date")}
                    - {MONEY.format("savings_plan_used_commitment")}
            WHEN 'SavingsPlanNegation' THEN 0::DECIMAL(28,12)
            ELSE {MONEY.format("line_item_unblended_cost")} END)
    FROM read_parquet('{{}}/data/**/*.parquet', hive_partitioning=false) GROUP BY ALL
"""  # noqa: S608 - names are ours
COLUMNS = [
    "line_item_usage_start_date",
    "bill_payer_account_id",
    "line_item_usage_account_id",
    "line_item_product_code",
    "product",
    "bill_billing_entity",
    "line_item_line_item_type",
    "line_item_currency_code",
    "resource_tags",
    *FINE_KEYS,
    "line_item_usage_amount",
    "line_item_unblended_cost",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
]


def write(folder: str, rows: str) -> None:
    """Generate a month of an organisation with 60 accounts, about 40,000 daily lines."""
    accounts = {PAYER: "Payer", **{f"{n:012}": f"Account {n}" for n in range(1, 60)}}
    services = ("claude", "nova", "profile", "marketplace", "sagemaker", "gpu")
    streams = [
        Stream(
            service, account, {MONTH: Decimal(1000 + 7 * n)}, workload=f"w-{n}-{service}",
            principal=f"user/u{n}",
        )
        for n, account in enumerate(accounts)
        for service in services
    ]  # fmt: skip
    plan = CostPlan(PAYER, accounts, (*streams, *surroundings(accounts, PAYER, [MONTH])))
    generate(Path(folder), plan, [MONTH], until=date(2026, 10, 20), rows=int(rows))


def load(location: str) -> None:
    """Load a month as `load_cur` and the worker do, up to the commit."""
    load_deliveries(actor=None, location=location)


def bare(folder: str) -> None:
    """Only aggregate."""
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(f"CREATE TEMP TABLE lines AS {BARE.format(folder)}")


def with_pandas(folder: str) -> None:
    """Read the same columns and add up doubles, a file at a time."""
    parts = []
    keys = [*COLUMNS[:4], "product_name", *COLUMNS[5:8], "workload", *FINE_KEYS]
    for path in sorted(Path(folder).rglob("*.parquet")):
        frame = pq.read_table(path, columns=COLUMNS).to_pandas()
        frame["product_name"] = [dict(pairs).get("product_name") for pairs in frame.pop("product")]
        frame["workload"] = [
            dict(pairs).get("user_workload") for pairs in frame.pop("resource_tags")
        ]
        frame["line_item_usage_start_date"] = frame["line_item_usage_start_date"].dt.date
        parts.append(frame.groupby(keys, dropna=False)[COLUMNS[-5:]].sum())
    pd.concat(parts).groupby(level=keys, dropna=False).sum()


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that something takes."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


WHAT = {"load": load, "bare": bare, "pandas": with_pandas}


def main() -> None:
    """Do one thing: the first folder warms up, each of the others is measured."""
    what, *rest = sys.argv[1:]
    if what == "write":
        write(*rest)
        return
    warm, *measured = rest
    WHAT[what](warm)
    seconds = [timed(partial(WHAT[what], folder)) for folder in measured]
    told = {
        "seconds": seconds,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "lines": DailyLine.objects.count() // max(Delivery.objects.count(), 1),
    }
    print(json.dumps(told))
    connection.close()


if __name__ == "__main__":
    main()
