"""What a daily line keeps: all services by day, AI lines finer, tags under one spelling."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from cur_ingest.sources import SourceError
from cur_ingest.tag_keys import normalise
from tests.cur_ingest.deliveries import PERIOD, ROW, deliver, write_manifest, write_parquet
from tests.cur_ingest.reading import read


def test_other_services_are_kept_by_day_and_ai_lines_finer(tmp_path: Path) -> None:
    callers = [{"line_item_iam_principal": f"arn:aws:iam::1:user/{name}"} for name in "ab"]
    bedrock = {"line_item_product_code": "amazonbedrockservice"}
    types = [{"line_item_usage_type": name} for name in ("USE1-input", "USE1-output")]
    rows = [
        {**extra, **caller, **kind}
        for extra in ({}, bedrock)
        for caller in callers
        for kind in types
    ]
    _, lines = read(deliver(tmp_path, rows), PERIOD)
    assert len(lines) == 1 + 4
    (coarse,) = (line for line in lines if line["product_code"] == "AmazonEC2")
    assert (coarse["usage_type"], coarse["principal"], coarse["line_count"]) == ("", "", 4)


def test_an_empty_text_and_none_at_all_are_one_line(tmp_path: Path) -> None:
    empty = {"bill_payer_account_id": "", "resource_tags": {"user_workload": ""}}
    none = {"bill_payer_account_id": None, "resource_tags": None}
    _, (line,) = read(deliver(tmp_path, [empty, none]), PERIOD)
    assert (line["payer_account_id"], line["line_count"]) == ("", 2)
    assert line["unblended"] == Decimal("3.0")


@pytest.mark.parametrize(
    "row",
    [
        {"product_servicecode": "AmazonBedrockFoundationModels"},
        {"product": {"product_name": "Claude Opus 5.5 (Amazon Bedrock Edition)"}},
        {"line_item_usage_type": "USE1-BoxUsage:p4d.24xlarge"},
        {"bill_billing_entity": "AWS Marketplace", "line_item_product_code": "5hnnev4d0v7"},
    ],
)
def test_every_way_of_being_ai_or_perhaps_ai_is_kept_finer(
    tmp_path: Path, row: dict[str, object]
) -> None:
    _, (line,) = read(deliver(tmp_path, [row]), PERIOD)
    assert line["usage_type"] == row.get("line_item_usage_type", ROW["line_item_usage_type"])


def test_days_are_utc_whatever_zone_a_timestamp_is_written_in(tmp_path: Path) -> None:
    late = datetime(2026, 9, 6, 1, tzinfo=timezone(timedelta(hours=2)))
    aware = [{"line_item_usage_start_date": late}]
    naive = [{"line_item_usage_start_date": datetime(2026, 9, 5, 23)}]  # noqa: DTZ001 - as AWS writes it
    text = [{"line_item_usage_start_date": "2026-09-05T23:00:00Z"}]
    _, lines = read(deliver(tmp_path, aware, naive, text), PERIOD)
    assert [(line["usage_date"], line["line_count"]) for line in lines] == [(date(2026, 9, 5), 3)]


def test_a_charge_for_the_month_stays_in_its_billing_period(tmp_path: Path) -> None:
    tax = {
        "line_item_line_item_type": "Tax",
        "line_item_usage_start_date": datetime(2026, 8, 31, 23, tzinfo=UTC),
    }
    result, _ = read(deliver(tmp_path, [tax, {}]), PERIOD)
    assert (result.source_rows, result.totals[0].unblended) == (2, Decimal(3))


def test_a_row_of_another_period_is_refused(tmp_path: Path) -> None:
    row = {"bill_billing_period_start_date": datetime(2026, 8, 1, tzinfo=UTC)}
    with pytest.raises(SourceError, match="belongs to the billing period 2026-08"):
        read(deliver(tmp_path, [{}, row]), PERIOD)


def test_a_row_without_a_period_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="1 rows name no billing period"):
        read(deliver(tmp_path, [{}, {"bill_billing_period_start_date": None}]), PERIOD)


def test_files_of_different_schemas_are_read_alike(tmp_path: Path) -> None:
    tagless = [{"resource_tags": None, "line_item_usage_type": None}]
    result, lines = read(deliver(tmp_path, [{}], [{"product_servicecode": "x"}], tagless), PERIOD)
    assert result.source_rows == 3
    assert sorted(line["workload"] for line in lines) == ["", "chat"]


def test_only_the_columns_that_cost_and_dates_need_are_required(tmp_path: Path) -> None:
    needed = [
        "bill_billing_period_start_date",
        "line_item_usage_start_date",
        "line_item_line_item_type",
        "line_item_unblended_cost",
    ]
    key = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"
    write_manifest(tmp_path, [key])
    write_parquet(tmp_path / key, [{}], only=needed)
    _, (line,) = read(tmp_path, PERIOD)
    assert (line["product_code"], line["workload"], line["unblended"]) == ("", "", Decimal("1.5"))
    for column in needed:
        write_parquet(tmp_path / key, [{}], only=[name for name in needed if name != column])
        with pytest.raises(SourceError, match=f"ai lacks the column {column}"):
            read(tmp_path, PERIOD)


def test_tags_map_with_raw_keys_is_read_where_it_is_the_only_one(tmp_path: Path) -> None:
    rows = [
        {"tags": {"resourceTags/Workload": "chat", "iamPrincipal/workload": "of-caller"}},
        {"tags": {"iamPrincipal/Workload": "of-caller"}},
    ]
    key = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"
    write_manifest(tmp_path, [key])
    columns = [name for name in ROW if name != "resource_tags"]
    write_parquet(tmp_path / key, rows, only=[*columns, "tags"])
    _, lines = read(tmp_path, PERIOD, tag_keys=("workload", "iam_principal_workload"))
    found = sorted((line["workload"], line["iam_principal_workload"]) for line in lines)
    assert found == [("", "of-caller"), ("chat", "of-caller")]


def test_tags_of_principals_stand_beside_resource_tags(tmp_path: Path) -> None:
    row = {"tags": {"resourceTags/workload": "chat", "iamPrincipal/team": "blue"}}
    _, (line,) = read(deliver(tmp_path, [row]), PERIOD, tag_keys=("workload", "iam_principal_team"))
    assert (line["workload"], line["iam_principal_team"]) == ("chat", "blue")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("workload", "workload"),
        ("user_workload", "workload"),
        ("user:Workload", "workload"),
        ("Cost Center", "cost_center"),
        ("CostCenter", "cost_center"),
        ("resourceTags/Cost-Center", "cost_center"),
        ("aws:createdBy", "aws_created_by"),
        ("aws_created_by", "aws_created_by"),
        ("iamPrincipal/team", "iam_principal_team"),
    ],
)
def test_tag_keys_have_one_spelling(written: str, key: str) -> None:
    assert normalise(written) == key
    assert normalise(key) == key
