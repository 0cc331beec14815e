"""A month that is delivered again and again: what counts is the last delivery, and that alone."""

import os
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from cur_ingest.actions import ask_load, run_load
from cur_ingest.models import DailyLine, Delivery, Export, Load
from cur_ingest.proof import read_month
from records.clock import now
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest, write_parquet
from tests.cur_ingest.test_loading import load_cur, refused

Rows = list[dict[str, Any]]
Put = Callable[[], str]  # brings what lies in the folder to where it is loaded from

pytestmark = pytest.mark.django_db


def usage(account: str, cost: str) -> dict[str, Any]:
    return {"line_item_usage_account_id": account, "line_item_unblended_cost": float(cost)}


def tax(cost: str) -> dict[str, Any]:
    return {"line_item_line_item_type": "Tax", "line_item_unblended_cost": float(cost)}


# The Tax line grows with each; rows come and go.
FOUR: list[list[Rows]] = [
    [[usage("1", "10.0000000001"), tax("1.1")], [usage("2", "20.2")], [usage("3", "0.3")]],
    [[usage("1", "10.0000000001"), tax("2.2")], [usage("2", "20.2")], [usage("4", "40.4")]],
    [[usage("1", "10.0000000001"), tax("3.3")], [usage("4", "40.4")]],
    [[usage("1", "11.0000000002"), tax("4.4")], [usage("4", "40.4"), usage("5", "-5.5")]],
]
TOTALS = [Decimal(text) for text in ("31.6000000001", "72.8000000001", "53.7000000001")]
LAST = Decimal("50.3000000002")
TIMES = [f"2026090{number}T000000Z" for number in range(1, 5)]
# As AWS named them before, and as test deliveries do: nothing in them says which came first.
NAMES = ["9d0c", "41fa", "c7e3", "0b58"]


@pytest.fixture(params=["folder", "S3"])
def put(request: pytest.FixtureRequest, tmp_path: Path) -> Put:
    """A place that a delivery is written to over what lies there, as AWS does."""
    if request.param == "folder":
        return lambda: str(tmp_path)
    s3: S3Server = request.getfixturevalue("s3")
    bucket = tmp_path.name.replace("_", "-")
    s3.client().create_bucket(Bucket=bucket)

    def upload() -> str:
        s3.put(tmp_path, bucket, "billing/")
        return f"s3://{bucket}/billing"

    return upload


def assert_month_is(total: Decimal, rows: int) -> None:
    """Look at the month in every way that it is read."""
    lines = DailyLine.objects.filter(period=PERIOD)
    assert lines.aggregate(u=Sum("unblended"), n=Sum("source_rows")) == {"u": total, "n": rows}
    assert lines.counting().aggregate(u=Sum("unblended"))["u"] == total
    month = read_month(PERIOD, now())
    assert all(proof.holds for proof in month.proofs)
    assert {proof.delivered.amount for proof in month.proofs} == {total}
    (statement,) = month.exports
    assert statement.holds
    assert {proof.delivered.amount for proof in statement.proofs} == {total}


@pytest.mark.parametrize("executions", [TIMES, NAMES], ids=["times", "names"])
def test_of_four_deliveries_the_last_one_counts(
    tmp_path: Path, put: Put, executions: list[str]
) -> None:
    for files, execution, total in zip(FOUR, executions, [*TOTALS, LAST], strict=True):
        deliver(tmp_path, *files, execution=execution)
        (result,) = load_cur(put())
        assert Decimal(result["unblended"]) == total
        assert_month_is(total, sum(map(len, files)))
        taxes = DailyLine.objects.filter(charge_type="Tax").values_list("unblended", flat=True)
        assert list(taxes) == [Decimal(str(files[0][1]["line_item_unblended_cost"]))]
    assert list(Delivery.objects.order_by("version").values_list("unblended", flat=True)) == [
        *TOTALS,
        LAST,
    ]
    # A third chunk lies there since the second delivery.
    assert len(list((tmp_path / "data").rglob("*.parquet"))) == len(FOUR[1])
    for files, execution in zip(FOUR[:3], executions[:3], strict=True):
        deliver(tmp_path, *files, execution=execution)
        said = refused(put())
        assert f"is older than {executions[3]}" in said or "replaced by a newer one since" in said
        assert_month_is(LAST, 4)


def test_executions_lie_side_by_side_and_the_manifest_on_top_says_which(
    tmp_path: Path, put: Put
) -> None:
    keys: list[list[str]] = []
    for number, files in enumerate(FOUR[:2], start=1):
        execution = f"2026-09-0{number}T03:04:05.678Z-e-{number}"
        folder = f"BILLING_PERIOD=2026-09/{execution}"
        keys.append([f"data/{folder}/ai-{n:05}.snappy.parquet" for n in range(1, len(files) + 1)])
        for key, rows in zip(keys[-1], files, strict=True):
            write_parquet(tmp_path / key, rows)
        write_manifest(tmp_path, keys[-1], execution=execution, partition=folder)
        write_manifest(tmp_path, keys[-1], execution=f"e-{number}")
        (result,) = load_cur(put())
        assert_month_is(TOTALS[number - 1], sum(map(len, files)))
        assert result["outcome"] == ("loaded" if number == 1 else "replaced")
    # Under an id that was never seen: the folder that it names tells that it is the older one.
    write_manifest(tmp_path, keys[0], execution="e-3")
    assert "is older than e-2" in refused(put())
    assert_month_is(TOTALS[1], 4)


def test_a_manifest_ahead_of_its_files_leaves_the_month(tmp_path: Path, put: Put) -> None:
    deliver(tmp_path, *FOUR[0], execution=TIMES[0])
    load_cur(put())
    there = [str(path.relative_to(tmp_path)) for path in (tmp_path / "data").rglob("*.parquet")]
    missing = "data/BILLING_PERIOD=2026-09/ai-00009.snappy.parquet"
    write_manifest(tmp_path, [*there, missing], execution=TIMES[1])
    assert "ai-00009.snappy.parquet is missing from" in refused(put())
    assert_month_is(TOTALS[0], 4)
    deliver(tmp_path, *FOUR[1], execution=TIMES[1])
    load_cur(put())
    assert_month_is(TOTALS[1], 4)


def test_files_written_again_under_a_manifest_that_was_loaded_leave_the_month(
    cast: Cast, tmp_path: Path
) -> None:
    """The next delivery's first file came, and its writer stalled: no age makes up for that."""
    deliver(tmp_path, *FOUR[0], execution=NAMES[0])
    yesterday = time.time() - 24 * 60 * 60
    for path in tmp_path.rglob("*.*"):
        os.utime(path, (yesterday, yesterday))
    load_cur(tmp_path)
    first = min((tmp_path / "data").rglob("*.parquet"))
    write_parquet(first, FOUR[1][0])
    os.utime(first, (yesterday + 60, yesterday + 60))
    load = ask_load(actor=cast.felix, export=Export.objects.get(), period=PERIOD)
    run_load(load_id=load.pk)
    load.refresh_from_db()
    assert "was loaded, and its manifest was not" in load.error
    assert load.state == Load.State.WAITING
    assert_month_is(TOTALS[0], 4)
    deliver(tmp_path, *FOUR[1], execution=NAMES[1])
    load_cur(tmp_path)
    assert_month_is(TOTALS[1], 4)
