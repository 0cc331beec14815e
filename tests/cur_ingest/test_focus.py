"""FOCUS 1.0 and 1.2 with AWS columns: read into the same lines as a cost and usage report."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from cur_ingest.bases import BASES
from cur_ingest.models import DailyLine, Delivery, Export
from cur_ingest.sources import SourceError
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest, write_table
from tests.cur_ingest.reading import read
from tests.cur_ingest.test_loading import load_cur

SEPTEMBER = date(2024, 9, 1)
ROW: dict[str, Any] = {
    "BilledCost": 1.5,
    "EffectiveCost": 1.25,
    "ChargeCategory": "Usage",
    "BillingPeriodStart": datetime(2026, 9, 1),  # noqa: DTZ001 - as AWS writes it
    "ChargePeriodStart": datetime(2026, 9, 5, 13),  # noqa: DTZ001
    "BillingAccountId": "999900001111",
    "SubAccountId": "111122223333",
    "BillingCurrency": "USD",
    "ServiceName": "Amazon Bedrock",
    "x_ServiceCode": "AmazonBedrock",
    "PublisherName": "Amazon Web Services, Inc.",
    "RegionId": "us-east-1",
    "ResourceId": "arn:aws:bedrock:…",
    "PricingUnit": "1K tokens",
    "PricingQuantity": 12.5,
    "x_UsageType": "USE1-NovaLite-input-tokens",
    "Tags": {"Workload": "chat"},
}


def focus(
    folder: Path, *rows: dict[str, Any], drop: tuple[str, ...] = (), lower: bool = False
) -> Path:
    """Write a FOCUS delivery of PERIOD; each row is completed by ROW."""
    key = "data/billing_period=2026-09/ai-00001.snappy.parquet"
    complete = [{k: v for k, v in {**ROW, **row}.items() if k not in drop} for row in rows]
    if lower:
        complete = [{name.lower(): value for name, value in row.items()} for row in complete]
    write_table(folder / key, complete)
    write_manifest(folder, [key], partition="billing_period=2026-09")
    return folder


def test_the_sample_adds_up_to_its_known_totals(real_data: Path) -> None:
    result, lines = read(
        real_data / "focus/exports/focus-sample", SEPTEMBER, tag_keys=("application",)
    )
    (totals,) = result.totals
    assert result.source_rows == 500 == sum(line["line_count"] for line in lines)
    assert totals.unblended == totals.net_unblended == Decimal("5.9883937432")
    assert totals.amortised == totals.net_amortised == Decimal("2.0000000000")
    assert totals.currency_code == "USD"
    assert {line["charge_type"] for line in lines} == {"Usage", "Credit"}
    # Its tags are JSON text.
    assert "BrightLensMatrix" in {line["application"] for line in lines}
    # Red Hat sells there through the Marketplace.
    assert {line["billing_entity"] for line in lines} == {"AWS", "AWS Marketplace"}


@pytest.mark.django_db
def test_the_sample_is_loaded_with_its_proof(real_data: Path) -> None:
    (result,) = load_cur(real_data / "focus/exports/focus-sample")
    assert (result["rows"], result["unblended"], result["amortised"]) == (500, "5.9883937432", "2")
    delivery = Delivery.objects.get()
    assert delivery.export.format == Export.Format.FOCUS
    assert delivery.remarks[0].startswith("FOCUS costs are after negotiated discounts already")
    for basis in BASES:
        assert DailyLine.objects.aggregate(sum=Sum(basis))["sum"] == getattr(delivery, basis)


@pytest.mark.parametrize("lower", [False, True])
def test_columns_are_those_of_a_line(tmp_path: Path, lower: bool) -> None:  # noqa: FBT001
    _, (line,) = read(focus(tmp_path, {}, lower=lower), PERIOD)
    assert line == {
        "usage_date": date(2026, 9, 5),
        "payer_account_id": "999900001111",
        "usage_account_id": "111122223333",
        "product_code": "AmazonBedrock",
        "product_name": "Amazon Bedrock",
        "billing_entity": "AWS",
        "charge_type": "Usage",
        "currency_code": "USD",
        "service_code": "AmazonBedrock",
        "usage_type": "USE1-NovaLite-input-tokens",
        "region": "us-east-1",
        "resource": "arn:aws:bedrock:…",
        "principal": "",
        "pricing_unit": "1K tokens",
        "line_count": 1,
        "usage_amount": Decimal("12.5"),
        "amortised": Decimal("1.25"),
        "unblended": Decimal("1.5"),
        "net_amortised": Decimal("1.25"),
        "net_unblended": Decimal("1.5"),
        "workload": "chat",
    }


def test_what_1_2_calls_otherwise_is_found(tmp_path: Path) -> None:
    meter = {"SkuMeter": "USE1-NovaLite-output-tokens"}
    _, (line,) = read(focus(tmp_path, meter, drop=("x_UsageType",)), PERIOD)
    assert line["usage_type"] == "USE1-NovaLite-output-tokens"


def test_without_the_columns_that_may_lack_names_stand_in(tmp_path: Path) -> None:
    rows = {"SubAccountId": None}
    drop = ("x_ServiceCode", "x_UsageType", "ResourceId", "Tags", "PublisherName")
    _, (line,) = read(focus(tmp_path, rows, drop=drop), PERIOD)
    assert (line["product_code"], line["usage_account_id"]) == ("Amazon Bedrock", "999900001111")
    assert (line["workload"], line["resource"], line["usage_type"]) == ("", "", "")


PLAN = {"CommitmentDiscountId": "arn:…", "CommitmentDiscountType": "Savings Plan"}
RESERVED = {"CommitmentDiscountId": "arn:…", "CommitmentDiscountType": "Reserved"}


@pytest.mark.parametrize(
    ("row", "charge_type"),
    [
        ({"ChargeCategory": "Usage"}, "Usage"),
        ({"ChargeCategory": "Tax"}, "Tax"),
        ({"ChargeCategory": "Credit"}, "Credit"),
        ({"ChargeCategory": "Adjustment"}, "Refund"),
        ({"ChargeCategory": "Purchase"}, "Fee"),
        ({"ChargeCategory": "Something new"}, "Something new"),
        ({"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Used", **PLAN}, "Usage"),
        (
            {"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Unused", **PLAN},
            "SavingsPlanRecurringFee",
        ),
        ({"ChargeCategory": "Purchase", **PLAN}, "SavingsPlanRecurringFee"),
        (
            {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time", **PLAN},
            "SavingsPlanUpfrontFee",
        ),
        ({"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Unused", **RESERVED}, "RIFee"),
        ({"ChargeCategory": "Purchase", **RESERVED}, "RIFee"),
    ],
)
def test_charges_are_named_as_in_a_cost_and_usage_report(
    tmp_path: Path, row: dict[str, Any], charge_type: str
) -> None:
    result, (line,) = read(focus(tmp_path, row), PERIOD)
    assert line["charge_type"] == charge_type
    assert (result.totals[0].unblended, result.totals[0].amortised) == (
        Decimal("1.5"),
        Decimal("1.25"),
    )


@pytest.mark.parametrize(
    "column",
    ["BilledCost", "EffectiveCost", "ChargeCategory", "BillingPeriodStart", "ChargePeriodStart"],
)
def test_a_column_that_cost_or_dates_need_is_named(tmp_path: Path, column: str) -> None:
    with pytest.raises(SourceError, match=f"ai lacks the column {column}"):
        read(focus(tmp_path, {}, drop=(column,)), PERIOD)


@pytest.mark.parametrize("column", ["BilledCost", "EffectiveCost"])
def test_what_is_no_amount_is_refused_with_its_column(tmp_path: Path, column: str) -> None:
    with pytest.raises(SourceError, match=f"{column} holds"):
        read(focus(tmp_path, {column: float("inf")}), PERIOD)


def test_files_of_two_formats_in_one_delivery_are_refused(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    focus(tmp_path, {})
    write_manifest(
        tmp_path,
        [
            "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet",
            "data/billing_period=2026-09/ai-00001.snappy.parquet",
        ],
    )
    (tmp_path / "metadata/billing_period=2026-09/ai-Manifest.json").unlink()
    with pytest.raises(SourceError, match="files of two formats"):
        read(tmp_path, PERIOD)
