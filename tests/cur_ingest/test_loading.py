"""`load_cur`: what is loaded, what is left alone, and what is refused with nothing changed."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum

from cur_ingest.models import AttributionRun, DailyLine, Delivery, Export, MonthTotal, TagKey
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest, write_parquet
from tests.cur_ingest.test_oracles import TOTALS, read_workshop_oracle
from tests.spend import bedrock, close_september, load

FIRST = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"

pytestmark = pytest.mark.django_db


def load_cur(location: Path | str, *arguments: str) -> list[dict[str, Any]]:
    """Run the command as a machine does."""
    out = StringIO()
    call_command("load_cur", str(location), *arguments, "--json", stdout=out)
    results: list[dict[str, Any]] = json.loads(out.getvalue())
    return results


def test_what_comes_after_closing_is_said_to_be_kept_beside(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("chat", 1.0))
    close_september(cast)
    deliver(tmp_path, [bedrock("chat", 2.0)], execution="e-2")
    out = StringIO()
    call_command("load_cur", str(tmp_path), stdout=out)
    assert "kept beside the month, which finance closed; they decide about it" in out.getvalue()


def refused(location: Path | str, *arguments: str) -> str:
    """Run the command where it must fail, and return what it says; nothing may have changed."""
    before = held()
    with pytest.raises(CommandError) as caught:
        call_command("load_cur", str(location), *arguments, stdout=StringIO())
    assert caught.value.returncode == 1
    assert held() == before
    return str(caught.value)


def held() -> list[Any]:
    """What the database has of deliveries and lines."""
    return [
        list(Delivery.objects.order_by("pk").values()),
        list(DailyLine.objects.order_by("pk").values()),
        list(AttributionRun.objects.order_by("pk").values()),
        list(MonthTotal.objects.order_by("pk").values()),
    ]


@pytest.mark.parametrize(("folder", "period", "rows", "unblended", "amortised"), TOTALS)
def test_known_totals_reach_the_database(  # noqa: PLR0917 - one row of the table
    real_data: Path,
    folder: str,
    period: date,
    rows: int,
    unblended: str,
    amortised: str | None,
) -> None:
    (result,) = load_cur(real_data / folder, "--period", f"{period:%Y-%m}")
    assert (result["outcome"], result["rows"]) == ("loaded", rows)
    assert result["unblended"] == unblended
    sums = DailyLine.objects.aggregate(u=Sum("unblended"), a=Sum("amortised"), n=Sum("source_rows"))
    delivery = Delivery.objects.get()
    assert sums["u"] == delivery.unblended == Decimal(unblended)
    assert sums["a"] == delivery.amortised
    assert sums["n"] == delivery.source_rows == rows
    if amortised is not None:
        assert delivery.amortised == Decimal(amortised)


def test_every_row_of_the_workshop_oracle_is_in_the_database(real_data: Path) -> None:
    load_cur(real_data / "workshop")
    assert lines_by_workload() == read_workshop_oracle(real_data)


def test_the_same_from_a_real_s3_server(real_data: Path, s3: S3Server) -> None:
    s3.upload(real_data / "workshop", "loaded", "billing/")
    results = load_cur("s3://loaded/billing")
    assert [result["unblended"] for result in results] == ["4064.4831315379", "3505.3269681268"]
    assert lines_by_workload() == read_workshop_oracle(real_data)
    assert [result["outcome"] for result in load_cur("s3://loaded/billing")] == ["unchanged"] * 2


def lines_by_workload() -> dict[tuple[str, ...], tuple[int, Decimal, Decimal]]:
    """The daily lines as the oracle groups them."""
    rows = DailyLine.objects.values_list("day", "account", "service", "tags__workload").annotate(
        n=Sum("source_rows"), u=Sum("unblended"), a=Sum("amortised")
    )
    found: dict[tuple[str, ...], tuple[int, Decimal, Decimal]] = {}
    for day, account, service, workload, *amounts in rows:
        found[str(day), account, service, workload or ""] = (amounts[0], amounts[1], amounts[2])
    return found


def test_plain_output_names_rows_totals_and_what_was_done(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_cur", str(deliver(tmp_path, [{}, {}])), stdout=out)
    assert out.getvalue() == (
        "ai 2026-09: loaded. 2 rows, 1 daily lines; unblended 3 USD, amortised 3 USD\n"
    )


def test_the_same_delivery_again_changes_nothing(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    load_cur(tmp_path)
    before = held()
    assert load_cur(tmp_path)[0]["outcome"] == "unchanged"
    assert held() == before


def test_a_new_delivery_replaces_the_month(tmp_path: Path) -> None:
    load_cur(deliver(tmp_path, [{}, {"line_item_usage_account_id": "2"}]))
    (result,) = load_cur(deliver(tmp_path, [{"line_item_unblended_cost": 7.5}], execution="e-2"))
    assert (result["outcome"], result["unblended"]) == ("replaced", "7.5")
    assert DailyLine.objects.aggregate(n=Count("pk"), u=Sum("unblended")) == {"n": 1, "u": 7.5}
    assert [delivery.version for delivery in Delivery.objects.order_by("pk")] == [1, 2]
    assert Export.objects.count() == 1


def test_a_tag_key_kept_from_now_on_is_a_reason_to_read_again(tmp_path: Path) -> None:
    deliver(tmp_path, [{"resource_tags": {"user_team": "blue"}}])
    load_cur(tmp_path)
    TagKey.objects.create(key="team")
    assert load_cur(tmp_path)[0]["outcome"] == "replaced"
    assert DailyLine.objects.get().tags == {"team": "blue"}


def test_two_exports_stand_side_by_side(tmp_path: Path) -> None:
    load_cur(deliver(tmp_path / "one", [{}]))
    load_cur(deliver(tmp_path / "two", [{}, {}]))
    assert DailyLine.objects.aggregate(n=Sum("source_rows"))["n"] == 3


def test_an_older_delivery_is_refused(tmp_path: Path) -> None:
    load_cur(deliver(tmp_path, [{}, {}], execution="20260911T000000Z"))
    deliver(tmp_path, [{}], execution="20260910T000000Z")
    assert "is older than 20260911T000000Z" in refused(tmp_path)


def test_an_older_delivery_is_known_by_the_folder_of_its_execution(tmp_path: Path) -> None:
    """Ids of executions are no times; the folders that create-new makes begin with one."""
    for day, execution in (("2026-09-11", "f00d"), ("2026-09-10", "beef")):
        key = f"data/BILLING_PERIOD=2026-09/{day}T04:00:00.000Z-{execution}/ai-00001.parquet"
        write_parquet(tmp_path / key, [{}])
        write_manifest(tmp_path, [key], execution=execution)
        if execution == "f00d":
            load_cur(tmp_path)
    assert "delivery beef is older than f00d" in refused(tmp_path)


def test_a_delivery_that_was_replaced_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, [{}], execution="b")
    load_cur(tmp_path)
    write_manifest(tmp_path, [FIRST], execution="a")
    load_cur(tmp_path)
    write_manifest(tmp_path, [FIRST], execution="b")
    assert "replaced by a newer one since" in refused(tmp_path)


def test_an_empty_delivery_is_refused_where_there_were_rows(tmp_path: Path) -> None:
    load_cur(deliver(tmp_path, [{}]))
    table = tmp_path / FIRST
    write_parquet(table, [{}], count=0)
    write_manifest(tmp_path, [FIRST], execution="e-2")
    assert "has no rows, and 1 are loaded" in refused(tmp_path)


def test_an_empty_first_delivery_is_loaded(tmp_path: Path) -> None:
    write_parquet(tmp_path / FIRST, [{}], count=0)
    write_manifest(tmp_path, [FIRST])
    assert load_cur(tmp_path)[0]["rows"] == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"bill_billing_period_start_date": datetime(2026, 8, 1, tzinfo=UTC)}, "2026-08"),
        ({"line_item_unblended_cost": float("nan")}, "no amount of money"),
        ({"line_item_usage_account_id": "1" * 40}, "can't be kept"),
        ({"line_item_product_code": "a\0b"}, "can't be kept"),
    ],
)
def test_a_wrong_row_leaves_the_loaded_month_as_it_was(
    tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    load_cur(deliver(tmp_path, [{}]))
    deliver(tmp_path, [{}, row], execution="e-2")
    assert said in refused(tmp_path)


def test_one_bad_month_keeps_no_other_month_out(tmp_path: Path, real_data: Path) -> None:
    for path in (real_data / "workshop").rglob("*.*"):
        target = tmp_path / path.relative_to(real_data / "workshop")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            target.write_bytes(path.read_bytes())
    november = "WorkshopCUR/WorkshopCUR/year=2018/month=11/WorkshopCUR-00001.snappy.parquet"
    (tmp_path / november).write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    out = StringIO()
    with pytest.raises(CommandError, match="2018-11"):
        call_command("load_cur", str(tmp_path), "--json", stdout=out)
    october, bad = json.loads(out.getvalue())
    assert (october["period"], october["outcome"]) == ("2018-10", "loaded")
    assert (bad["period"], bad["outcome"]) == ("2018-11", "failed")
    assert "2018-11" in bad["error"]
    assert Delivery.objects.get().unblended == Decimal("4064.4831315379")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--period", "2026-10"], "no period 2026-10"),
        (["--period", "October"], "no month"),
    ],
)
def test_periods_are_checked(tmp_path: Path, arguments: list[str], said: str) -> None:
    deliver(tmp_path, [{}])
    with pytest.raises(CommandError, match=said):
        call_command("load_cur", str(tmp_path), *arguments)


def test_errors_are_json_for_machines(tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("load_cur", str(tmp_path / "nowhere"), "--json", stdout=out)
    assert "is not a folder" in json.loads(out.getvalue())["error"]


def test_a_month_of_every_tax_and_credit_is_loaded_in_full(tmp_path: Path) -> None:
    kinds = ["Usage", "Tax", "Credit", "Refund", "Fee", "FlatRateSubscription", "Discount"]
    rows = [{"line_item_line_item_type": kind} for kind in kinds]
    load_cur(deliver(tmp_path, rows))
    assert set(DailyLine.objects.values_list("charge_type", flat=True)) == set(kinds)
    assert Delivery.objects.get().unblended == Decimal("10.5")
    assert Delivery.objects.get().period == PERIOD
