"""Write small deliveries as AWS lays them out, for tests that need what no real one shows."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PERIOD = date(2026, 9, 1)
# What a row has unless a test says otherwise.
ROW: dict[str, Any] = {
    "bill_billing_period_start_date": datetime(2026, 9, 1, tzinfo=UTC),
    "bill_billing_entity": "AWS",
    "line_item_usage_start_date": datetime(2026, 9, 5, 13, tzinfo=UTC),
    "line_item_line_item_type": "Usage",
    "line_item_usage_account_id": "111122223333",
    "line_item_product_code": "AmazonEC2",
    "line_item_usage_type": "BoxUsage:m5.large",
    "line_item_currency_code": "USD",
    "line_item_unblended_cost": 1.5,
    "resource_tags": {"user_workload": "chat"},
}
MAPS = ("resource_tags", "tags", "product")


def write_parquet(
    path: Path,
    rows: list[dict[str, Any]],
    *,
    only: list[str] | None = None,
    count: int | None = None,
) -> None:
    """Write rows (each completed by ROW) with the columns that any of them has, or `only` those.

    `count` keeps the first rows, 0 the columns alone.
    """
    write_table(path, [{**ROW, **row} for row in rows], only=only, count=count)


def write_table(
    path: Path,
    rows: list[dict[str, Any]],
    *,
    only: list[str] | None = None,
    count: int | None = None,
) -> None:
    """Write rows as they are; a dict becomes a map."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    fields = []
    for name in names if only is None else only:
        values = [row[name] for row in rows if row.get(name) is not None]
        kind = pa.infer_type(values) if values else pa.null()
        if name in MAPS or any(isinstance(value, dict) for value in values):
            kind = pa.map_(pa.string(), pa.string())
        elif pa.types.is_timestamp(kind):
            kind = pa.timestamp("ms", kind.tz)
        fields.append(pa.field(name, kind))
    columns = {
        field.name: [
            list(row[field.name].items())
            if isinstance(row.get(field.name), dict)
            else row.get(field.name)
            for row in rows
        ]
        for field in fields
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns, schema=pa.schema(fields)).slice(0, count), path)


def write_manifest(
    root: Path,
    keys: list[str],
    *,
    execution: str = "e-1",
    partition: str = "BILLING_PERIOD=2026-09",
) -> Path:
    """Write the manifest of PERIOD of the export `ai` below `root`."""
    path = root / "metadata" / partition / "ai-Manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "executionId": execution,
        "dataFiles": [f"s3://bucket-at-aws/exports/ai/{key}" for key in keys],
        "columns": [],
    }
    path.write_text(json.dumps(content))
    return path


def deliver(root: Path, *files: list[dict[str, Any]], execution: str = "e-1") -> Path:
    """Write a CUR 2.0 delivery of PERIOD with one Parquet file per list of rows."""
    keys = [
        f"data/BILLING_PERIOD=2026-09/ai-{number:05}.snappy.parquet"
        for number in range(1, len(files) + 1)
    ]
    for key, rows in zip(keys, files, strict=True):
        write_parquet(root / key, rows)
    write_manifest(root, keys, execution=execution)
    return root
