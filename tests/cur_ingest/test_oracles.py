"""A loader is right when it agrees with the known totals and groups to the last digit."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cur_ingest.bases import BASES
from cur_ingest.sources import open_source
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.formulas import LOOKED_AT, amounts_of
from tests.cur_ingest.reading import read, sums

KEYS = (
    "line_item_usage_start_date",
    "line_item_usage_account_id",
    "line_item_product_code",
)
OCTOBER, NOVEMBER = date(2018, 10, 1), date(2018, 11, 1)
TOTALS = [
    ("workshop", OCTOBER, 119_307, "4064.4831315379", "4195.9571093179"),
    ("workshop", NOVEMBER, 124_340, "3505.3269681268", "3632.5598464968"),
    ("cur2/exports/cur2-nise", date(2026, 8, 1), 3_384, "28366.462399968", None),
    ("cur2/exports/cur2-nise", date(2026, 9, 1), 4_320, "27846.712000008", None),
    ("cur2/exports/large-amounts", date(2026, 7, 1), 20_000, "1176786970944.8524336597", None),
]


@pytest.mark.parametrize(("folder", "period", "rows", "unblended", "amortised"), TOTALS)
def test_totals_are_exact(  # noqa: PLR0917 - one row of the table
    real_data: Path,
    folder: str,
    period: date,
    rows: int,
    unblended: str,
    amortised: str | None,
) -> None:
    result, lines = read(real_data / folder, period)
    assert result.source_rows == rows == sum(line["line_count"] for line in lines)
    (totals,) = result.totals
    assert totals.currency_code == "USD"
    assert totals.unblended == Decimal(unblended) == sum(line["unblended"] for line in lines)
    assert totals.amortised == sum(line["amortised"] for line in lines)
    if amortised is not None:
        assert totals.amortised == Decimal(amortised)


def test_workshop_agrees_in_every_row(real_data: Path) -> None:
    check_workshop(str(real_data / "workshop"), real_data)


def test_large_amounts_agree_in_every_row(real_data: Path) -> None:
    check_large_amounts(str(real_data / "cur2/exports/large-amounts"), real_data)


def test_the_same_from_s3(real_data: Path, s3: S3Server) -> None:
    s3.upload(real_data / "workshop", "legacy", "billing/")
    check_workshop("s3://legacy/billing", real_data)
    s3.upload(real_data / "cur2", "cur")
    check_large_amounts("s3://cur/exports/large-amounts/", real_data)
    for folder, period, rows, unblended, _ in TOTALS[2:]:
        result, _ = read(f"s3://cur/{folder.removeprefix('cur2/')}", period)
        assert result.source_rows == rows
        assert result.totals[0].unblended == Decimal(unblended)


def check_workshop(location: str, real_data: Path) -> None:
    lines = [line for period in (OCTOBER, NOVEMBER) for line in read(location, period)[1]]
    found = sums(lines, ("usage_date", "usage_account_id", "product_code", "workload"))
    assert found == read_workshop_oracle(real_data)


def read_workshop_oracle(
    real_data: Path,
) -> dict[tuple[str, ...], tuple[int, Decimal, Decimal]]:
    with (real_data / "workshop" / "oracle_daily.csv").open() as file:
        expected: dict[tuple[str, ...], tuple[int, Decimal, Decimal]] = {
            (row["usage_date"], row["account_id"], row["product_code"], row["workload"]): (
                int(row["n"]),
                Decimal(row["unblended"]),
                Decimal(row["amortised"]),
            )
            for row in csv.DictReader(file)
        }
    assert len(expected) == 1_399
    return expected


def check_large_amounts(location: str, real_data: Path) -> None:
    compare_large_amounts(read(location, date(2026, 7, 1))[1], real_data)


def compare_large_amounts(lines: list[dict[str, Any]], real_data: Path) -> None:
    keys = ("usage_date", "usage_account_id", "product_code", "workload", "charge_type")
    found = {key: value[:2] for key, value in sums(lines, keys).items()}
    oracle = real_data / "cur2" / "exports" / "large-amounts" / "oracle_daily.csv"
    with oracle.open() as file:
        expected = {
            (
                row["usage_date"],
                row["account_id"],
                row["product_code"],
                row["workload"],
                row["charge_type"],
            ): (int(row["rows"]), Decimal(row["unblended"]))
            for row in csv.DictReader(file)
        }
    assert len(expected) == 2_159
    assert found == expected


@pytest.mark.parametrize(("folder", "period"), [case[:2] for case in TOTALS])
def test_every_group_agrees_in_every_basis(real_data: Path, folder: str, period: date) -> None:
    """With the published formulas row by row, which the files above have no oracle for."""
    _, lines = read(real_data / folder, period)
    found: dict[tuple[str, ...], dict[str, Fraction]] = {}
    for line in lines:
        keys = ("usage_date", "usage_account_id", "product_code", "charge_type")
        exactly = {basis: Fraction(line[basis]) for basis in BASES}
        _add(found, tuple(str(line[name]) for name in keys), exactly)
    expected: dict[tuple[str, ...], dict[str, Fraction]] = {}
    source = open_source(str(real_data / folder))
    with source.fetched(source.manifest(period)) as paths:
        for path in paths:
            file = pq.ParquetFile(path)
            there = [name for name in (*KEYS, *LOOKED_AT) if name in file.schema_arrow.names]
            for row in file.read(there).to_pylist():
                day, account, code = (row[name] for name in KEYS)
                kind = row["line_item_line_item_type"]
                _add(expected, (f"{day:%Y-%m-%d}", account, code, kind), amounts_of(row))
    assert found == expected


def _add(
    sums: dict[tuple[str, ...], dict[str, Fraction]],
    key: tuple[str, ...],
    amounts: Mapping[str, Fraction],
) -> None:
    held = sums.setdefault(key, dict.fromkeys(BASES, Fraction(0)))
    for basis in BASES:
        if amounts[basis]:
            held[basis] += amounts[basis]
