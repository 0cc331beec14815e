"""Read a delivery through sources and engine, for tests below the database."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from cur_ingest.lines import Aggregate
from cur_ingest.reading import aggregated
from cur_ingest.signals import Signal
from cur_ingest.sources import open_source

SIGNALS = (
    Signal("product_code", "AmazonBedrock*"),
    Signal("product_name", "*(Amazon Bedrock Edition)*"),
    Signal("usage_type", "*:p4*.*"),
)


def read(
    location: Path | str,
    period: date,
    *,
    tag_keys: tuple[str, ...] = ("workload",),
) -> tuple[Aggregate, list[dict[str, Any]]]:
    """Return the aggregate of a period and its lines, tag columns under their keys."""
    source = open_source(str(location))
    manifest = source.manifest(period)
    with (
        source.fetched(manifest) as paths,
        aggregated(paths, manifest, tag_keys=tag_keys, signals=SIGNALS) as result,
    ):
        batches = list(result.batches())
    rows = pa.Table.from_batches(batches).to_pylist() if batches else []
    names = {column: key for key, column in result.tag_columns.items()}
    return result, [{names.get(name, name): row[name] for name in row} for row in rows]


def sums(
    rows: list[dict[str, Any]], keys: tuple[str, ...]
) -> dict[tuple[str, ...], tuple[int, Decimal, Decimal]]:
    """Add lines up by `keys`: rows of the files, unblended, amortised."""
    found: dict[tuple[str, ...], tuple[int, Decimal, Decimal]] = defaultdict(
        lambda: (0, Decimal(0), Decimal(0))
    )
    for row in rows:
        key = tuple(str(row[name]) for name in keys)
        count, unblended, amortised = found[key]
        found[key] = (
            count + row["line_count"],
            unblended + row["unblended"],
            amortised + row["amortised"],
        )
    return dict(found)
