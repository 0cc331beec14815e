"""Bind each format's Parquet files to one canonical table, in DuckDB's dialect for every engine.

Columns that an account didn't choose, or that a month has no use for, are NULL here. Cost columns
stay doubles where every file has them as doubles, and are text (the shortest form that reads back
as the same double) where any file has them otherwise; the shared expression makes decimals of
both. Timestamps are UTC. An empty string and NULL both mean "none" and become ''.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir

from cur_ingest.engines import Columns, Engine
from cur_ingest.engines.protocol import quoted
from cur_ingest.sources.errors import SourceError
from cur_ingest.tag_keys import RESOURCE, normalise

COSTS = {
    "unblended": "line_item_unblended_cost",
    "savings_plan_effective": "savings_plan_savings_plan_effective_cost",
    "savings_plan_commitment": "savings_plan_total_commitment_to_date",
    "savings_plan_used": "savings_plan_used_commitment",
    "reservation_effective": "reservation_effective_cost",
    "reservation_unused_upfront": "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring": "reservation_unused_recurring_fee",
}
DATES = {
    "billing_start": "bill_billing_period_start_date",
    "usage_start": "line_item_usage_start_date",
}
TEXTS = {
    "payer_account_id": "bill_payer_account_id",
    "usage_account_id": "line_item_usage_account_id",
    "product_code": "line_item_product_code",
    "service_code": "product_servicecode",
    "billing_entity": "bill_billing_entity",
    "charge_type": "line_item_line_item_type",
    "currency_code": "line_item_currency_code",
    "usage_type": "line_item_usage_type",
    "operation": "line_item_operation",
    "description": "line_item_line_item_description",
    "principal": "line_item_iam_principal",
    "resource": "line_item_resource_id",
    "pricing_unit": "pricing_unit",
    "reservation_arn": "reservation_reservation_a_r_n",
}
USAGE = "line_item_usage_amount"  # in pricing units
# The same text under the names of CUR 2.0 and of the legacy report.
REGIONS = ("product_region_code", "product_region")
# Without these neither the cost of a row nor its day can be computed.
REQUIRED = (
    "line_item_unblended_cost",
    "line_item_line_item_type",
    "bill_billing_period_start_date",
    "line_item_usage_start_date",
)
TABLE = "canonical"
PRINCIPAL = "iam_principal_"
MAP = "MAP("


@dataclass(frozen=True, slots=True)
class Canonical:
    """The bound table: the column of each kept tag key, and the cost columns that no file has.

    `tags` maps normalised keys to columns of the table; `absent` holds AWS's names; `as_text` the
    cost columns that are text.
    """

    tags: Mapping[str, str]
    absent: frozenset[str]
    as_text: frozenset[str]

    @property
    def table(self) -> ir.Table:
        """Return the table as an Ibis expression, bound to no engine yet."""
        costs = {name: "string" if name in self.as_text else "float64" for name in COSTS}
        texts = dict.fromkeys((*TEXTS, "product_name", "region", *self.tags.values()), "string")
        columns = {**dict.fromkeys(DATES, "timestamp"), **texts, **costs, "usage_amount": "float64"}
        return ibis.table(columns, name=TABLE)


def bind(
    engine: Engine,
    paths: Sequence[Path],
    *,
    tag_keys: Sequence[str],
    export: str,
) -> Canonical:
    """Create the view `canonical` over the files; `tag_keys` are normalised, each kept as a column.

    Raise SourceError for an unknown format, or when cost or dates can't be computed.
    """
    by_schema: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for path in paths:
        by_schema.setdefault(tuple(engine.columns(path).items()), []).append(path)
    schemas = [(dict(schema), files) for schema, files in by_schema.items()]
    for columns, _ in schemas:
        _refuse_unknown(columns, export)
    as_text = frozenset(
        name
        for name, column in COSTS.items()
        if any(columns.get(column, "DOUBLE") != "DOUBLE" for columns, _ in schemas)
    )
    tags = {key: f"tag_{number}" for number, key in enumerate(tag_keys)}
    selects = [
        f"SELECT {', '.join(_projection(engine, columns, files, as_text, tags))} "  # noqa: S608 - names are ours, paths and keys are quoted
        f"FROM {engine.files(files)}"
        for columns, files in schemas
    ]
    engine.define(TABLE, " UNION ALL ".join(selects))
    present = {column for columns, _ in schemas for column in columns}
    return Canonical(tags, frozenset(set(COSTS.values()) - present), as_text)


def _refuse_unknown(columns: Columns, export: str) -> None:
    if "line_item_unblended_cost" not in columns and "billedcost" in columns:
        message = (
            f"{export} is a FOCUS export, a format that can't be read yet. Give a legacy CUR in "
            "Parquet or a CUR 2.0 export."
        )
        raise SourceError(message)
    if not any(name.startswith("line_item_") for name in columns):
        message = (
            f"{export} has an unknown format: none of its columns is of a cost and usage report. "
            "Give a legacy CUR in Parquet or a CUR 2.0 export."
        )
        raise SourceError(message)
    for column in REQUIRED:
        if column not in columns:
            message = (
                f"{export} lacks the column {column}, without which cost or dates can't be "
                "computed. Add it to the export's columns and have it delivered again."
            )
            raise SourceError(message)


def _projection(
    engine: Engine,
    columns: Columns,
    files: Sequence[Path],
    as_text: frozenset[str],
    tags: Mapping[str, str],
) -> Iterable[str]:
    for name, column in DATES.items():
        yield f"{column}::TIMESTAMP AS {name}"
    for name, column in TEXTS.items():
        yield f"{_text(column, columns)} AS {name}"
    yield f"{_product_name(columns)} AS product_name"
    yield f"{_text(next((c for c in REGIONS if c in columns), ''), columns)} AS region"
    for name, column in COSTS.items():
        kind = "VARCHAR" if name in as_text else "DOUBLE"
        value = f"NULLIF({column}::VARCHAR, '')" if name in as_text else column
        yield f"({value if column in columns else 'NULL'})::{kind} AS {name}"
    usage = f"TRY_CAST({USAGE} AS DOUBLE)" if USAGE in columns else "NULL::DOUBLE"
    yield f"{usage} AS usage_amount"
    has_resource_tags = columns.get("resource_tags", "").startswith(MAP)
    from_tags = {key for key in tags if key.startswith(PRINCIPAL) or not has_resource_tags}
    has_tags = columns.get("tags", "").startswith(MAP)
    raw_keys = _raw_keys(engine, files) if has_tags and from_tags else {}
    for key, name in tags.items():
        if key in from_tags & raw_keys.keys():
            values = ", ".join(f"NULLIF(tags[{quoted(raw)}], '')" for raw in raw_keys[key])
            yield f"COALESCE({values}, '') AS {name}"
        else:
            yield f"{_resource_tag(key, columns, in_map=has_resource_tags)} AS {name}"


def _text(column: str, columns: Columns) -> str:
    return f"COALESCE({column}::VARCHAR, '')" if column in columns else "''"


def _product_name(columns: Columns) -> str:
    if columns.get("product", "").startswith(MAP):
        return "COALESCE(product['product_name'], '')"
    return _text("product_product_name", columns)


def _resource_tag(key: str, columns: Columns, *, in_map: bool) -> str:
    """Return the expression of a tag whose key AWS has normalised already."""
    stored = key if key.startswith("aws_") else f"user_{key}"
    if in_map:
        return f"COALESCE(resource_tags[{quoted(stored)}], '')"
    return _text(f"resource_tags_{stored}", columns)


def _raw_keys(engine: Engine, files: Sequence[Path]) -> Mapping[str, Sequence[str]]:
    """Return the keys of the `tags` map as they are spelled there, by normalised key."""
    rows = engine.rows(
        f"SELECT DISTINCT unnest(map_keys(tags)) FROM {engine.files(files)}"  # noqa: S608 - quoted
    )
    found: dict[str, list[str]] = {}
    for raw in sorted(str(row[0]) for row in rows):
        if raw.startswith((RESOURCE, "iamPrincipal/")):  # not those of accounts and users
            found.setdefault(normalise(raw), []).append(raw)
    return found
