"""Write generated months as AWS Data Exports delivers them: Parquet files, then a manifest."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cur_ingest.generation.plan import CostPlan
from cur_ingest.generation.rows import UNITS, Cell, Kind, Units, cells_of, unit_of
from valueboard.lib.months import add_months

ROWS_A_FILE = 500_000
ROWS_A_GROUP = 125_000
# Rows that each day of each line has unless a number of rows is asked for.
ROWS_A_CELL = 2
NAMESPACE = "arn:aws:bcm-data-exports:us-east-1:{payer}:export/{name}"
MAP = pa.map_(pa.string(), pa.string())

Texts = dict[str, Callable[[Kind], str | None]]


def generate(
    folder: Path,
    plan: CostPlan,
    months: Sequence[date],
    *,
    until: date,
    seed: int = 1,
    rows: int | None = None,
) -> int:
    """Write one delivery per month into `folder`, and return the number of rows.

    `until` is the last day that has happened; `rows` is the number of rows of each month, at
    least one per line and day. The same arguments write the same bytes.
    """
    return sum(
        write_month(folder, plan, month, until=until, seed=seed, rows=rows) for month in months
    )


def write_month(
    folder: Path, plan: CostPlan, month: date, *, until: date, seed: int, rows: int | None
) -> int:
    """Write the delivery of one month: data files, then the manifest that names them."""
    cells = cells_of(plan, month, until, seed)
    partition = f"BILLING_PERIOD={month:%Y-%m}"
    data = folder / "data" / partition
    data.mkdir(parents=True, exist_ok=True)
    table = _Table(plan, month, cells, np.random.default_rng([seed, month.toordinal()]), rows)
    keys = []
    for number, start in enumerate(range(0, max(table.count, 1), ROWS_A_FILE), start=1):
        name = f"{plan.name}-{number:05}.snappy.parquet"
        end = min(start + ROWS_A_FILE, table.count)
        with pq.ParquetWriter(data / name, table.schema, store_schema=False) as writer:
            for batch in table.batches(start, end):
                writer.write_batch(batch)
        keys.append(f"s3://{plan.name}-billing/exports/{plan.name}/data/{partition}/{name}")
    delivered = min(until, add_months(month, 1) + timedelta(days=2))
    manifest = {
        "exportArn": NAMESPACE.format(payer=plan.payer, name=plan.name),
        "exportName": plan.name,
        "executionId": f"{delivered:%Y%m%d}T040000Z-{seed}",
        "dataFiles": keys,
        "columns": [{"name": field.name, "type": str(field.type)} for field in table.schema],
    }
    place = folder / "metadata" / partition
    place.mkdir(parents=True, exist_ok=True)
    # Last of all, as AWS does: who finds it finds complete data.
    (place / f"{plan.name}-Manifest.json").write_text(json.dumps(manifest, indent=1))
    return table.count


class _Table:
    """The rows of a month, made a batch at a time."""

    def __init__(
        self,
        plan: CostPlan,
        month: date,
        cells: Sequence[Cell],
        pick: np.random.Generator,
        rows: int | None,
    ) -> None:
        self.plan, self.month, self.pick = plan, month, pick
        self.kinds = [cell.kind for cell in cells]
        days = len(cells[0].unblended) if cells else 0
        unblended = _stack(cells, days, "unblended")
        # Cells are numbered kind by kind, day by day; empty days have no rows.
        self.filled = np.flatnonzero(unblended[0])
        self.days = days
        wanted = max(rows or 0, len(self.filled)) if rows else len(self.filled) * ROWS_A_CELL
        self.count = wanted if len(self.filled) else 0
        self.amounts = {
            "line_item_unblended_cost": unblended,
            "savings_plan_savings_plan_effective_cost": _stack(cells, days, "effective"),
            "savings_plan_total_commitment_to_date": _stack(cells, days, "commitment"),
            "savings_plan_used_commitment": _stack(cells, days, "used"),
        }
        if plan.discount:
            self.amounts |= self._net(days)
        self.texts = {name: self._dictionary(text) for name, text in self._texts().items()}
        self.maps = {
            "product": pa.array([_product(kind) for kind in self.kinds], MAP),
            "resource_tags": pa.array([_tags(kind) for kind in self.kinds], MAP),
        }
        self.prices = np.array([unit_of(kind.line, month)[1] for kind in self.kinds])
        self.month_long = np.array([kind.month_long for kind in self.kinds], bool)
        self.schema = next(self.batches(0, 0)).schema

    def batches(self, start: int, end: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows from `start` to `end`, a row group at a time."""
        for first in range(start, max(end, start + 1), ROWS_A_GROUP):
            yield self._batch(np.arange(first, min(first + ROWS_A_GROUP, end)))

    def _batch(self, numbers: npt.NDArray[np.int64]) -> pa.RecordBatch:
        cells = max(len(self.filled), 1)
        cell = self.filled[numbers % cells] if len(numbers) else numbers
        part = numbers // cells
        kinds, day = (cell // self.days, cell % self.days) if self.days else (cell, cell)
        hours = (part * 7 + kinds * 5 + day) % 24
        long = self.month_long[kinds]
        start = np.datetime64(self.month, "ms") + (day * 24 + np.where(long, 0, hours)).astype(
            "timedelta64[h]"
        )
        following = np.datetime64(add_months(self.month, 1), "ms")
        end = np.where(long, following, start + np.timedelta64(1, "h"))
        columns: dict[str, Any] = {
            "identity_line_item_id": _ids(numbers),
            "bill_billing_period_start_date": np.full(
                len(numbers), np.datetime64(self.month, "ms")
            ),
            "bill_billing_period_end_date": np.full(len(numbers), following),
            "line_item_usage_start_date": start,
            "line_item_usage_end_date": end,
        }
        indices = pa.array(kinds.astype(np.int32))
        for name, values in (self.texts | self.maps).items():
            columns[name] = values.take(indices)
        for name, units in self.amounts.items():
            columns[name] = self._money(units, cell, part, numbers)
        columns["line_item_usage_amount"] = np.round(
            np.abs(np.asarray(columns["line_item_unblended_cost"])) / self.prices[kinds], 6
        )
        return pa.record_batch(columns)

    def _net(self, days: int) -> dict[str, tuple[Units, npt.NDArray[np.bool_]]]:
        """Return what is charged after the discount, for the charges that there is one on."""
        percent = np.array([self.plan.discount if _is_discounted(k) else 0 for k in self.kinds])
        off = np.repeat(percent, days)
        gross = self.amounts
        commitment = gross["savings_plan_total_commitment_to_date"]
        columns = {
            "line_item_net_unblended_cost": gross["line_item_unblended_cost"],
            "savings_plan_net_savings_plan_effective_cost": gross[
                "savings_plan_savings_plan_effective_cost"
            ],
            "savings_plan_net_recurring_commitment_for_billing_period": commitment,
        }
        net = {
            name: (units - units * off // 100, known) for name, (units, known) in columns.items()
        }
        return net | {"savings_plan_recurring_commitment_for_billing_period": commitment}

    def _money(
        self,
        units: tuple[Units, npt.NDArray[np.bool_]],
        cell: npt.NDArray[np.int64],
        part: npt.NDArray[np.int64],
        numbers: npt.NDArray[np.int64],
    ) -> pa.Array:
        """Divide each cell's amount among its rows, the first of them taking what is left over."""
        amounts, known = units
        cells = max(len(self.filled), 1)
        rows = self.count // cells + (numbers % cells < self.count % cells)
        total = amounts[cell]
        even = total // np.maximum(rows, 1)
        share = np.where(part == 0, total - even * (rows - 1), even)
        # Whole numbers below 2**53 divided by a power of ten below 2**53: correctly rounded.
        return pa.array(share / UNITS, mask=~known[cell])

    def _dictionary(self, text: Callable[[Kind], str | None]) -> pa.Array:
        return pa.array([text(kind) for kind in self.kinds], pa.string())

    def _texts(self) -> Texts:
        accounts, payer = self.plan.accounts, self.plan.payer
        return {
            "bill_bill_type": lambda _kind: "Anniversary",
            "bill_billing_entity": lambda kind: kind.line.billing_entity,
            "bill_payer_account_id": lambda _kind: payer,
            "bill_payer_account_name": lambda _kind: accounts[payer],
            "line_item_usage_account_id": lambda kind: kind.account,
            "line_item_usage_account_name": lambda kind: accounts[kind.account],
            "line_item_line_item_type": lambda kind: kind.line.charge_type,
            "line_item_product_code": lambda kind: kind.line.product_code,
            "line_item_usage_type": lambda kind: kind.line.usage_type,
            "line_item_operation": lambda kind: kind.line.operation,
            "line_item_resource_id": lambda kind: kind.resource or None,
            "line_item_iam_principal": lambda kind: kind.principal or None,
            "line_item_line_item_description": lambda kind: kind.description,
            "line_item_currency_code": lambda _kind: self.plan.currency,
            "pricing_unit": lambda kind: unit_of(kind.line, self.month)[0],
            "product_servicecode": lambda kind: kind.line.service_code or None,
            "product_region_code": lambda _kind: "us-east-1",
            "product_instance_type": lambda kind: kind.line.instance_type or None,
            "savings_plan_savings_plan_a_r_n": lambda kind: kind.plan_arn or None,
        }


def _stack(cells: Sequence[Cell], days: int, name: str) -> tuple[Units, npt.NDArray[np.bool_]]:
    """Return the amounts of all cells in a row, and where there are any."""
    none = np.zeros(days, np.int64)
    found: list[Units | None] = [getattr(cell, name) for cell in cells]
    amounts = np.concatenate([none if each is None else each for each in found] or [none])
    return amounts, np.repeat(np.array([each is not None for each in found], bool), days)


def _is_discounted(kind: Kind) -> bool:
    """Tell whether AWS's discount is on a charge: of its own services, not of tax and credits."""
    line = kind.line
    return line.billing_entity == "AWS" and line.charge_type not in {"Tax", "Credit"}


def _product(kind: Kind) -> list[tuple[str, str]]:
    return [("product_name", kind.line.product_name), ("region", "us-east-1")]


def _tags(kind: Kind) -> list[tuple[str, str]]:
    if not kind.resource:
        return []
    tags = [("user_workload", kind.workload), ("user_environment", "production")]
    return [tag for tag in tags if tag[1]] if kind.workload or not kind.line.calls else []


def _ids(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Return an id for each row: unique within a delivery, and as opaque as AWS's."""
    return pa.array((numbers * 2654435761 % 2**40).astype("U13")).cast(pa.string())
