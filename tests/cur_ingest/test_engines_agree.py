"""DuckDB and Spark make the same daily lines of a delivery, and both agree with the oracles.

One Spark for all tests here: its JVM takes longer to start than most of them.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from cur_ingest.generation import CostPlan, Stream, generate
from cur_ingest.generation.services import SERVICES
from cur_ingest.lines import Aggregate, Totals
from cur_ingest.sources import SourceError
from devtools import java
from devtools.test import NO_SPARK
from tests.cur_ingest import test_drift as drift
from tests.cur_ingest import test_oracles as oracles
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest
from tests.cur_ingest.reading import read, sums
from tests.cur_ingest.test_exact_money import amounts_of_all_sizes

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.usefixtures("spark"),
    # pyspark leaves the sockets that its results come through to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
TAGS = ("workload", "cost_center", "iam_principal_team")
WORKSHOP = "workshop"
NISE, LARGE = "cur2/exports/cur2-nise", "cur2/exports/large-amounts"


@pytest.fixture(scope="session")
def spark() -> Iterator[None]:
    """Spark on two threads of this process."""
    if java.find() is None or find_spec("pyspark") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_SPARK)
        pytest.skip(NO_SPARK)
    # Short runs are over before a compiler pays.
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    yield
    from pyspark.sql import SparkSession

    if running := SparkSession.getActiveSession():
        running.stop()


@pytest.fixture
def both(settings: Settings) -> "Both":
    settings.SPARK_MASTER = "local[2]"
    return Both(settings)


class Both:
    """Reads deliveries on DuckDB and on Spark."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def read(self, location: Path, period: date = PERIOD) -> tuple[Aggregate, list[dict[str, Any]]]:
        """Return what both make of a period; they have to agree in every group and in all else."""
        results = {}
        for engine in ("duckdb", "spark"):
            self.settings.SPEND_ENGINE = engine
            results[engine] = read(location, period, tag_keys=TAGS)
        (ducks, duck_lines), (sparks, spark_lines) = results["duckdb"], results["spark"]
        for name in ("source_rows", "lines", "totals", "decimals", "tag_columns"):
            assert getattr(ducks, name) == getattr(sparks, name), name
        assert Counter(map(frozen, duck_lines)) == Counter(map(frozen, spark_lines))
        return sparks, spark_lines

    def refuses(self, location: Path) -> list[str]:
        """Return what each says when it refuses a delivery."""
        said = []
        for engine in ("duckdb", "spark"):
            self.settings.SPEND_ENGINE = engine
            with pytest.raises(SourceError) as refused:
                read(location, PERIOD, tag_keys=TAGS)
            said.append(str(refused.value))
        return said


def total(result: Aggregate) -> Totals:
    """Return what a delivery in one currency adds up to."""
    (found,) = result.totals
    return found


def frozen(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(line.items()))


def test_on_both_workshop_months(both: Both, real_data: Path) -> None:
    lines = []
    for _, period, rows, unblended, amortised in oracles.TOTALS[:2]:
        result, some = both.read(real_data / WORKSHOP, period)
        assert result.source_rows == rows
        assert total(result).unblended == Decimal(unblended)
        assert total(result).amortised == Decimal(amortised or 0)
        lines += some
    keys = ("usage_date", "usage_account_id", "product_code", "workload")
    assert sums(lines, keys) == oracles.read_workshop_oracle(real_data)


def test_on_maps_of_tags(both: Both, real_data: Path) -> None:
    for _, period, rows, unblended, _ in oracles.TOTALS[2:4]:
        result, _ = both.read(real_data / NISE, period)
        assert result.source_rows == rows
        assert total(result).unblended == Decimal(unblended)


def test_on_large_amounts(both: Both, real_data: Path) -> None:
    oracles.compare_large_amounts(both.read(real_data / LARGE, date(2026, 7, 1))[1], real_data)


def test_on_a_generated_delivery(both: Both, tmp_path: Path) -> None:
    accounts = {"1" * 12: "Payer", "2" * 12: "Commerce"}
    month = date(2026, 9, 1)
    streams = tuple(
        Stream(service, "2" * 12, {month: Decimal("12345.67")}, workload=f"chat-{service}")
        for service in SERVICES
    )
    plan = CostPlan("1" * 12, accounts, streams, credit=Decimal(250))
    rows = generate(tmp_path, plan, [month], until=date(2026, 10, 20))
    assert both.read(tmp_path, month)[0].source_rows == rows


def test_on_what_is_restated_drifts_and_needs_every_decimal(both: Both, tmp_path: Path) -> None:
    """A second delivery in place of the first, its files of three schemas, amounts of all sizes."""
    costs = [*amounts_of_all_sizes(2_000), 1234567890.12, 999.9999999999, 1000.0000000001]
    first = [
        {"line_item_unblended_cost": cost, "line_item_usage_account_id": f"{number:012}"}
        for number, cost in enumerate(costs)
    ]
    as_text = [
        {
            "line_item_unblended_cost": "1234567890.12",
            "line_item_usage_start_date": datetime(2026, 9, 30, 23, 59, 59),  # noqa: DTZ001 - naive, as some files are
            "tags": {"iamPrincipal/team": "search", "resourceTags/Cost Center": "17"},
            "resource_tags": None,
        }
    ]
    late = [
        {
            "line_item_usage_start_date": datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC),
            "line_item_product_code": "AmazonBedrock",
            "line_item_usage_amount": 1e-9,
            "line_item_iam_principal": "arn:aws:iam::1:user/alice",
        }
    ]
    deliver(tmp_path, first)
    result, _ = both.read(tmp_path)
    assert total(result).unblended == sum(Decimal(repr(cost)) for cost in costs)
    deliver(tmp_path, first[:100], as_text, late, execution="e-2")
    result, lines = both.read(tmp_path)
    assert total(result).unblended == sum(
        (Decimal(repr(cost)) for cost in costs[:100]), Decimal("1234567891.62") + 0
    )
    assert {line["usage_date"] for line in lines} == {date(2026, 9, 5), date(2026, 9, 30)}


def test_on_files_that_drift(both: Both, tmp_path: Path) -> None:
    ways = [
        drift.Way("upper", "text", "text with offset", "json", 3),
        drift.Way(costs="decimal", times="naive", tags="struct"),
        drift.Way("title", times="zone", tags="flat"),
        drift.Way(times="text", tags="raw"),
        drift.Way(),
    ]
    keys = [f"data/BILLING_PERIOD=2026-09/ai-{n:05}.snappy.parquet" for n in range(len(ways))]
    for key, way in zip(keys, ways, strict=True):
        drift.write(tmp_path / key, drift.ROWS, way)
    write_manifest(tmp_path, keys)
    result, lines = both.read(tmp_path)
    assert total(result).unblended == len(ways) * Decimal("1234567913.7700000001")
    assert {line["cost_center"] for line in lines} == {"", "4711", 'it\'s "7"'}


@pytest.mark.parametrize("cost", [0.1 + 0.2, -1.5e-20])
def test_on_more_than_twelve_decimals(both: Both, tmp_path: Path, cost: float) -> None:
    fee = {
        "line_item_line_item_type": "SavingsPlanRecurringFee",
        "savings_plan_total_commitment_to_date": cost,
        "savings_plan_used_commitment": 0.7,
    }
    rows: list[dict[str, Any]] = [{"line_item_unblended_cost": cost}, fee]
    result, _ = both.read(deliver(tmp_path, rows))
    exact = Decimal(repr(cost))
    assert result.decimals == 24
    assert total(result).amortised == exact + exact - Decimal("0.7")


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), 1e15, 1.5e-30])
def test_both_refuse_what_is_no_amount(both: Both, tmp_path: Path, cost: float) -> None:
    rows: list[dict[str, Any]] = [{}, {"line_item_unblended_cost": cost}]
    first, second = both.refuses(deliver(tmp_path, rows))
    assert "ai 2026-09: " in first
    assert ("column" in first) == ("column" in second)
