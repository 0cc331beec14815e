"""Figures in the board's files, computed by hand: files and screen could both be wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from django.test import Client

from tests.cast import Cast, added, proposal
from tests.exports.test_board_files import about, as_book, as_csv
from tests.spend import load_months, rule_for
from tests.test_board import JANUARY, confirm
from tests.test_board_columns import YEAR


def test_every_amount_is_of_its_own_months(
    client: Client, cast: Cast, travel: Callable[[datetime], None], tmp_path: Path
) -> None:
    """Two years at 10,000 a month, and 5,000 to 8,000 in the first four months."""
    travel(JANUARY)
    made = added(cast, proposal(cast, name="Saver", estimate=replace(YEAR, months=24)))
    confirm(cast, made)
    rule_for(cast.felix, made, "saver")
    months = {date(2026, month, 1): {"saver": f"{4 + month}000"} for month in (1, 2, 3, 4)}
    load_months(tmp_path, travel, months)
    client.force_login(cast.felix)
    (row,) = as_csv(client)
    assert (
        row.items()
        >= {
            "Funded months of the funding year": "12",
            "Cost of the whole term (USD, projected)": "240000",
            "Actual of the last closed month (USD, actual)": "8000",
            "Actual of the closed months in the funding window (USD, actual)": "26000",
        }.items()
    )
    assert row["Actual run-rate (USD, actual)"] == "84000"
    assert row["State"] == "Running, Not approved"
    found = about(as_book(client))
    projected = "Total projected annual cost, each workload in its own funding year"
    assert found[f"{projected} (USD, projected)"] == [120_000]
    assert found["Total actual run-rate (USD, actual)"] == [84_000]
    assert found["Closed months"] == ["2026-01, 2026-02, 2026-03, 2026-04"]
    past = about(as_book(client, "?as_of=2026-04-30"))
    assert past["Known at"][0].startswith("2026-04-30 23:59:59")
    assert past["Address"][0].endswith("/?as_of=2026-04-30")
