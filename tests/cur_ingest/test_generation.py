"""Generated deliveries add up to their plan, look like real ones, and come out the same again."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cur_ingest.attribution import SETTLEMENTS
from cur_ingest.generation import CostPlan, Stream, generate, surroundings
from cur_ingest.generation.services import SERVICES
from tests.cur_ingest.reading import read, sums

MONTH, NEXT = date(2026, 9, 1), date(2026, 10, 1)
AMOUNT = Decimal("12345.67")
ACCOUNTS = {"1" * 12: "Payer", "2" * 12: "Commerce"}


def plan_of(*streams: Stream, credit: Decimal = Decimal(0)) -> CostPlan:
    return CostPlan("1" * 12, ACCOUNTS, streams, credit=credit)


def every_service(*, workload: str = "chat") -> list[Stream]:
    return [
        Stream(service, "2" * 12, {MONTH: AMOUNT}, workload=f"{workload}-{service}")
        for service in SERVICES
    ]


def charges(lines: list[dict[str, Any]], workload: str) -> Decimal:
    """Usage charges of a tagged workload, amortised."""
    return sum(
        (
            line["amortised"]
            for line in lines
            if line["workload"] == workload and line["charge_type"] not in SETTLEMENTS
        ),
        Decimal(0),
    )


def test_each_stream_adds_up_to_its_amount_to_the_cent(tmp_path: Path) -> None:
    plan = plan_of(*every_service(), credit=Decimal(250))
    rows = generate(tmp_path, plan, [MONTH], until=date(2026, 10, 20))
    result, lines = read(tmp_path, MONTH)
    assert result.source_rows == rows
    assert result.decimals == 12
    for stream in plan.streams:
        if stream.service not in {"amazon_q", "marketplace", "support"}:  # have no resources
            assert charges(lines, stream.workload) == AMOUNT, stream.service
    total = sum(line["amortised"] for line in lines if line["charge_type"] not in SETTLEMENTS)
    assert total == AMOUNT * len(SERVICES)


def test_savings_plans_tax_and_credits_are_on_the_bill(tmp_path: Path) -> None:
    generate(
        tmp_path, plan_of(*every_service(), credit=Decimal(250)), [MONTH], until=date(2026, 10, 3)
    )
    _, lines = read(tmp_path, MONTH)
    by_type = {key[0]: value for key, value in sums(lines, ("charge_type",)).items()}
    covered, back = by_type["SavingsPlanCoveredUsage"], by_type["SavingsPlanNegation"]
    assert covered[1] == -back[1] > covered[2] > 0 == back[2]
    fee = by_type["SavingsPlanRecurringFee"]
    assert fee[1] > fee[2] > 0
    assert by_type["Credit"][1] == -250
    assert by_type["Tax"][1] > 0
    assert "FlatRateSubscription" in by_type


def test_bedrock_has_three_product_codes_and_four_kinds_of_tokens(tmp_path: Path) -> None:
    generate(tmp_path, plan_of(*every_service()), [MONTH], until=date(2026, 10, 3))
    _, lines = read(tmp_path, MONTH)
    codes = {line["product_code"] for line in lines if line["workload"]}
    assert {"AmazonBedrock", "AmazonBedrockService", "8mq2xk4v9r7t1n5c3b6z0w8y2a"} <= codes
    claude = {line["usage_type"] for line in lines if line["workload"] == "chat-claude"}
    assert len(claude) == 4
    assert any("cache-read" in usage for usage in claude)
    assert {line["principal"][:12] for line in lines if line["workload"] == "chat-nova"} == {
        "arn:aws:sts:"
    }


def test_a_month_that_is_not_over_has_its_days_so_far(tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    plan = plan_of(Stream("claude", "2" * 12, {MONTH: AMOUNT}, workload="chat"))
    generate(whole, plan, [MONTH], until=date(2026, 10, 3))
    generate(part, plan, [MONTH], until=date(2026, 9, 10))
    usage = [line for line in read(part, MONTH)[1] if line["charge_type"] == "Usage"]
    assert max(line["usage_date"] for line in usage) == date(2026, 9, 10)
    key = ("usage_date", "usage_type")
    so_far = sums(usage, key)
    assert so_far.items() <= sums(read(whole, MONTH)[1], key).items()


def test_spend_begins_on_its_first_day(tmp_path: Path) -> None:
    stream = Stream("nova", "2" * 12, {MONTH: AMOUNT}, "chat", first_day=date(2026, 9, 17))
    generate(tmp_path, plan_of(stream), [MONTH], until=date(2026, 10, 3))
    usage = [line for line in read(tmp_path, MONTH)[1] if line["charge_type"] == "Usage"]
    assert min(line["usage_date"] for line in usage) == date(2026, 9, 17)
    assert charges(usage, "chat") == AMOUNT


def test_untagged_callers_are_named_and_marketplace_says_little(tmp_path: Path) -> None:
    streams = [
        Stream("claude", "2" * 12, {MONTH: AMOUNT}, principal="user/BedrockAPIKey-1"),
        Stream("marketplace", "2" * 12, {MONTH: AMOUNT}),
    ]
    generate(tmp_path, plan_of(*streams), [MONTH], until=date(2026, 10, 3))
    _, lines = read(tmp_path, MONTH)
    callers = {line["principal"] for line in lines if line["product_code"].startswith("AmazonB")}
    assert f"arn:aws:iam::{'2' * 12}:user/BedrockAPIKey-1" in callers
    (entity,) = {line["billing_entity"] for line in lines if line["product_code"][0] == "3"}
    assert entity == "AWS Marketplace"
    assert not any(line["workload"] for line in lines)


@pytest.mark.parametrize("rows", [5_000, 40_001])
def test_as_many_rows_as_asked_for_say_the_same(tmp_path: Path, rows: int) -> None:
    plan = plan_of(*every_service())
    generate(tmp_path / "few", plan, [MONTH], until=date(2026, 10, 3))
    written = generate(tmp_path / "many", plan, [MONTH], until=date(2026, 10, 3), rows=rows)
    many, lines = read(tmp_path / "many", MONTH)
    few, _ = read(tmp_path / "few", MONTH)
    assert written == many.source_rows == rows
    assert many.totals == few.totals
    assert len(lines) == few.lines


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    streams = surroundings(ACCOUNTS, "1" * 12, [MONTH, NEXT])

    def digest(name: str, seed: int) -> str:
        until = date(2026, 10, 7)
        generate(tmp_path / name, plan_of(*streams), [MONTH, NEXT], until=until, seed=seed)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        assert len(files) == 4
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    assert digest("a", 1) == digest("b", 1) != digest("c", 2)


def test_columns_are_those_of_cur_2(tmp_path: Path, real_data: Path) -> None:
    generate(tmp_path, plan_of(*every_service()), [MONTH], until=date(2026, 10, 3))
    (file,) = (tmp_path / "data").rglob("*.parquet")
    known = {
        line.split(",")[0]
        for line in (real_data / "schemas" / "cur2_cid.txt").read_text().splitlines()
    }
    # That list is of one organisation's choice, which left the currency out.
    assert set(pq.read_schema(file).names) <= known | {"line_item_currency_code"}
    assert len(pq.read_schema(file).names) >= 28


def test_a_month_without_spend_has_no_rows(tmp_path: Path) -> None:
    generate(tmp_path, plan_of(), [MONTH], until=date(2026, 10, 3))
    assert read(tmp_path, MONTH)[0].source_rows == 0
