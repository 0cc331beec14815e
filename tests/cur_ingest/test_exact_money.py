"""Each cost becomes the decimal that its shortest text form denotes, or nothing is loaded."""

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cur_ingest.sources import SourceError
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.reading import read, sums


def amounts_of_all_sizes(count: int) -> list[float]:
    pick = random.Random(20261121)  # noqa: S311 - a sample, not a secret
    return [
        round(pick.uniform(-1, 1) * 10 ** pick.randint(-6, 9), pick.randint(0, 10))
        for _ in range(count)
    ]


def test_every_amount_of_a_sample_is_exact(tmp_path: Path) -> None:
    costs = [*amounts_of_all_sizes(3_000), 1234567890.12, 999.9999999999, 1000.0000000001]
    rows = [
        {"line_item_unblended_cost": cost, "line_item_usage_account_id": f"{number:012}"}
        for number, cost in enumerate(costs)
    ]
    result, lines = read(deliver(tmp_path, rows), PERIOD)
    assert result.decimals == 12
    found = sums(lines, ("usage_account_id",))
    expected = {(f"{n:012}",): Decimal(repr(cost)) for n, cost in enumerate(costs)}
    assert {key: value[1] for key, value in found.items()} == expected


@pytest.mark.parametrize(
    "cost",
    [0.1 + 0.2, 1e-13, 0.1234567890123, 1000.1234567890123, 9999.999999999998, -1.5e-20],
)
def test_more_than_twelve_decimals_are_held_exactly(tmp_path: Path, cost: float) -> None:
    result, lines = read(deliver(tmp_path, [{"line_item_unblended_cost": cost}, {}]), PERIOD)
    assert sum(line["unblended"] for line in lines) == Decimal(repr(cost)) + Decimal("1.5")
    assert result.decimals in (12, 24)


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -float("inf"), 1e15, 1e300])
def test_what_is_no_amount_is_refused_with_its_column(tmp_path: Path, cost: float) -> None:
    with pytest.raises(SourceError, match=r"ai 2026-09: line_item_unblended_cost holds"):
        read(deliver(tmp_path, [{}, {"line_item_unblended_cost": cost}]), PERIOD)


def test_more_decimals_than_can_be_held_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="more than 24 decimals"):
        read(deliver(tmp_path, [{"line_item_unblended_cost": 1.5e-30}]), PERIOD)


def test_cost_as_text_is_exact_too(tmp_path: Path) -> None:
    rows = [{"line_item_unblended_cost": "1234567890.12"}, {"line_item_unblended_cost": ""}]
    doubles = [{"line_item_unblended_cost": 1234567890.12}]
    result, _ = read(deliver(tmp_path, rows, doubles), PERIOD)
    assert result.totals[0].unblended == Decimal("2469135780.24")


def test_null_cost_is_none(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"line_item_unblended_cost": None},
        {"line_item_unblended_cost": 2.0},
    ]
    result, _ = read(deliver(tmp_path, rows), PERIOD)
    assert (result.source_rows, result.totals[0].unblended) == (2, Decimal(2))
