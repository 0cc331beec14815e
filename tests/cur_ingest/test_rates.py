"""Rows in another currency: converted by the month's recorded rate, exactly, or not loaded."""

import csv
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import Settings

from cur_ingest.actions import load_deliveries, loads, record_rate
from cur_ingest.actions.asking import due_periods
from cur_ingest.bases import BASES
from cur_ingest.conversion import add, converted, scaled
from cur_ingest.guard import refuse_other_currency
from cur_ingest.loading import load_period
from cur_ingest.models import (
    AttributionRun,
    DailyLine,
    Delivery,
    Export,
    Load,
    MonthTotal,
    RateVersion,
)
from cur_ingest.sources import NeedsRateError
from tests.cast import Cast
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.formulas import COST, NET, NET_RECURRING, RECURRING, USED, WHOLE
from tests.cur_ingest.test_loading import load_cur, refused
from tests.cur_ingest.test_net import ALL, TYPE
from tests.database import TestDatabase, url
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db

EUR = {"line_item_currency_code": "EUR"}
NOK = {"line_item_currency_code": "NOK"}


def rate(cast: Cast, amount: str, *, currency: str = "EUR", seen: int = 0) -> RateVersion:
    """Have finance record a rate of PERIOD."""
    return record_rate(
        actor=cast.felix,
        currency=currency,
        month=PERIOD,
        rate=Decimal(amount),
        reason="Mean of the month.",
        seen=seen,
    )


def amounts() -> dict[str, Decimal]:
    """The unblended cost of each line, by account."""
    return dict(DailyLine.objects.values_list("account", "unblended"))


def on(account: str, cost: float, **more: Any) -> dict[str, Any]:
    return {"line_item_usage_account_id": account, COST: cost, **more}


def test_a_delivery_waits_for_its_rate_and_says_where_to_record_it(
    cast: Cast, tmp_path: Path
) -> None:
    rows = [on("1", 1.0), on("2", 2.0, **EUR), on("3", 3.0, **NOK)]
    said = refused(deliver(tmp_path, rows))
    assert "has rows in EUR, NOK, and no rate to USD is recorded for September 2026" in said
    assert "once Finance records that rate under Spend, Exchange rates" in said
    rate(cast, "1.1")
    assert "has rows in NOK, and no rate" in refused(tmp_path)
    with pytest.raises(NeedsRateError):
        load_deliveries(actor=None, location=str(tmp_path))
    rate(cast, "0.09", currency="NOK")
    assert load_cur(tmp_path)[0]["unblended"] == "3.47"


def test_a_rate_of_another_month_is_none(cast: Cast, tmp_path: Path) -> None:
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=date(2026, 8, 1),
        rate=Decimal("1.1"),
        reason="August.",
        seen=0,
    )
    assert "no rate to USD is recorded for September 2026" in refused(deliver(tmp_path, [EUR]))


def test_every_amount_is_converted_to_the_last_digit(cast: Cast, tmp_path: Path) -> None:
    """Twelve decimals times ten are twenty-two: nothing is rounded."""
    rate(cast, "1.0854123457")
    rows = [
        on("1", 1234567890.12),
        on("2", 1234567890.12, **EUR),
        on("3", 0.000000000001, **EUR, **{NET: 0.0000000003}),
        on("4", -0.1, **EUR),
    ]
    (result,) = load_cur(deliver(tmp_path, rows))
    factor = Decimal("1.0854123457")
    assert amounts() == {
        "1": Decimal("1234567890.12"),
        "2": Decimal("1234567890.12") * factor,
        "3": Decimal("0.000000000001") * factor,
        "4": Decimal("-0.1") * factor,
    }
    delivery = Delivery.objects.get()
    assert delivery.unblended == add(amounts().values())
    assert DailyLine.objects.get(account="3").net_unblended == Decimal("3e-10") * factor
    assert set(DailyLine.objects.values_list("account", "currency")) == {
        ("1", "USD"),
        ("2", "EUR"),
        ("3", "EUR"),
        ("4", "EUR"),
    }
    assert delivery.rates == {"EUR": {"currency": "EUR", "rate": "1.0854123457", "version": 1}}
    raw = {code: Decimal(total["unblended"]) for code, total in delivery.by_currency.items()}
    assert raw == {
        "USD": Decimal("1234567890.12"),
        "EUR": Decimal("1234567890.020000000001"),
    }
    assert result["currency"] == "USD"


def test_all_bases_of_a_month_in_two_currencies_are_proven(cast: Cast, tmp_path: Path) -> None:
    rate(cast, "0.0912345678", currency="NOK")
    fee = {
        TYPE: "SavingsPlanRecurringFee",
        WHOLE: 1.0,
        USED: 0.0,
        RECURRING: 3.0,
        NET_RECURRING: 2.0,
    }
    rows = [
        {**ALL, **row} for row in (on("1", 5.5), on("2", 7.25, **NOK), on("3", 9.0, **NOK, **fee))
    ]
    load_cur(deliver(tmp_path, rows))
    line = DailyLine.objects.get(account="3")
    # Scaled and converted, and rounded once.
    assert line.net_amortised == Decimal("0.060823045200000000000000")
    delivery, run = Delivery.objects.get(), AttributionRun.objects.get()
    for basis in BASES:
        total = sum(MonthTotal.objects.filter(run=run).values_list(basis, flat=True))
        assert (
            total
            == getattr(delivery, basis)
            == sum(DailyLine.objects.values_list(basis, flat=True))
        )


def test_an_amount_that_needs_24_decimals_is_rounded_once_line_by_line(
    cast: Cast, tmp_path: Path
) -> None:
    rate(cast, "1.0854123457")
    cost = 0.1 + 0.2
    rows = [on("1", cost, **EUR), on("2", 1.2345678901234e-07, **EUR), on("3", 1.0)]
    load_cur(deliver(tmp_path, rows))
    exact = Decimal(repr(cost)) * Decimal("1.0854123457")
    assert amounts()["1"] == exact.quantize(Decimal("1e-24"))
    assert add(amounts().values()) == Delivery.objects.get().unblended


def test_rounding_is_half_even_at_the_24th_decimal() -> None:
    half = Decimal("1e-24") / 2
    assert converted(half, Decimal(1)) == 0
    assert converted(half * 3, Decimal(1)) == Decimal("2e-24")
    assert scaled(Decimal(1), Decimal(1), Decimal(3)) == Decimal("0.333333333333333333333333")
    assert scaled(Decimal(2), Decimal(1), Decimal(3)) == Decimal("0.666666666666666666666667")
    big = Decimal("9999999999999.123456789012")
    assert scaled(big, Decimal(7), Decimal(7), rate=Decimal("1.0854123457")) == converted(
        big, Decimal("1.0854123457")
    )


def test_a_corrected_rate_has_the_month_read_again(cast: Cast, tmp_path: Path) -> None:
    rate(cast, "1.1")
    deliver(tmp_path, [on("1", 10.0, **EUR), on("2", 1.0)])
    load_cur(tmp_path)
    assert load_cur(tmp_path)[0]["outcome"] == "unchanged"
    rate(cast, "0.5", currency="NOK")
    assert load_cur(tmp_path)[0]["outcome"] == "unchanged"
    rate(cast, "1.2", seen=1)
    # What is loaded stays until then.
    assert amounts() == {"1": Decimal(11), "2": Decimal(1)}
    (result,) = load_cur(tmp_path)
    assert (result["outcome"], result["unblended"]) == ("replaced", "13")
    assert [d.rates["EUR"]["version"] for d in Delivery.objects.order_by("pk")] == [1, 2]


def test_a_currency_in_lower_case_is_the_same_one(cast: Cast, tmp_path: Path) -> None:
    rate(cast, "2")
    rows = [
        on("1", 1.0, line_item_currency_code="eur"),
        on("2", 1.0, line_item_currency_code="usd"),
    ]
    load_cur(deliver(tmp_path, rows))
    assert amounts() == {"1": Decimal(2), "2": Decimal(1)}
    assert load_cur(tmp_path)[0]["outcome"] == "unchanged"


@pytest.mark.parametrize(
    "costs",
    [
        [1e9],
        [1e9, -1e9],
        # Read with 24 decimals, and added up line by line.
        [1e9, 1.2345678901234e-07],
        # Each fits; the positive ones of a group don't.
        [6000.0, 6000.0, -6000.0],
    ],
)
def test_a_rate_that_makes_an_amount_too_large_is_named(
    cast: Cast, tmp_path: Path, costs: list[float]
) -> None:
    wrong = rate(cast, "9999999999")
    rows = [on(str(number), cost, **EUR) for number, cost in enumerate(costs)]
    said = refused(deliver(tmp_path, rows))
    assert "too large to be kept once it is converted by 1 EUR = 9,999,999,999 USD" in said
    assert "have Finance record the right rate under Spend, Exchange rates (/spend/rates/)" in said
    (waiting,) = Load.objects.all()
    assert waiting.state == Load.State.NEEDS_RATE
    rate(cast, "1.1", seen=wrong.version)
    # It is asked for by itself, as what had no rate.
    assert Load.objects.filter(state=Load.State.WAITING).exists()
    load_cur(tmp_path)
    assert add(amounts().values()) == Delivery.objects.get().unblended


# --- recording them ---


def test_only_finance_records_rates(cast: Cast, client: Client) -> None:
    for person, status in ((cast.felix, 200), (cast.priya, 403), (cast.olivia, 403)):
        client.force_login(person)
        assert client.get("/spend/rates/new/").status_code == status
    client.force_login(cast.priya)
    assert client.get("/spend/rates/").status_code == 200
    with pytest.raises(PermissionDenied, match="Only Finance"):
        record_rate(
            actor=cast.priya, currency="EUR", month=PERIOD, rate=Decimal(1), reason="Mine.", seen=0
        )
    assert not RateVersion.objects.exists()


def test_a_rate_is_corrected_by_a_version_and_never_overlooked(cast: Cast) -> None:
    rate(cast, "1.1")
    with pytest.raises(RefusedError, match="EUR has a rate for September 2026 already"):
        rate(cast, "1.2")
    rate(cast, "1.2", seen=1)
    with pytest.raises(StaleError):
        rate(cast, "1.3", seen=1)
    assert [f"{r.rate:.1f}" for r in RateVersion.objects.order_by("version")] == ["1.1", "1.2"]
    with pytest.raises(RefusedError, match="needs no rate"):
        rate(cast, "1", currency="USD")


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"rate": Decimal(-1)}, "rate_is_above_zero"),
        ({"currency": "eur"}, "rate_is_of_another_currency"),
    ],
)
def test_the_database_keeps_no_rate_that_is_none(
    cast: Cast, changed: dict[str, Any], constraint: str
) -> None:
    good = {"currency": "EUR", "month": PERIOD, "into": "USD", "rate": Decimal(1), "reason": "Why."}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RateVersion.objects.create(**good | changed, recorded_by=cast.felix)


def test_the_page_records_corrects_and_says_what_lags_behind(
    cast: Cast, client: Client, tmp_path: Path
) -> None:
    client.force_login(cast.felix)
    assert "Only deliveries in another currency need one" in client.get("/spend/rates/").text
    refused(deliver(tmp_path, [EUR]))
    wanting = client.get("/spend/rates/").text
    assert "has rows in EUR, and no rate to USD is recorded for September 2026" in wanting
    wanted = "/spend/rates/new/?month=2026-09&amp;currency=EUR"
    assert f'href="{wanted}"' in wanting
    assert 'name="currency" value="EUR"' in client.get(wanted.replace("&amp;", "&")).text
    typed = {"currency": "EUR", "month": "2026-09", "rate": "1.0854", "reason": "ECB."}
    answer = client.post("/spend/rates/new/", typed, follow=True)
    assert "1 EUR = 1.0854 USD" in answer.text
    again = client.post("/spend/rates/new/", typed)
    assert (again.status_code, "Correct that one" in again.text) == (422, True)
    load_cur(deliver(tmp_path, [EUR]))
    assert "up to date" in client.get("/spend/rates/").text
    page = client.get("/spend/rates/EUR/2026-09/").text
    assert 'value="1.0854"' in page
    client.post("/spend/rates/EUR/2026-09/", {"rate": "1.09", "reason": "Typo.", "seen": "1"})
    listed = client.get("/spend/rates/").text
    assert "1 EUR = 1.09 USD" in listed
    assert "ai 2026-09 was converted by an" in " ".join(listed.split())
    for nowhere in ("EUR/2026-08", "NOK/2026-09", "EUR/soon"):
        assert client.get(f"/spend/rates/{nowhere}/").status_code == 404


def test_pages_and_files_say_what_was_converted(cast: Cast, client: Client, tmp_path: Path) -> None:
    rate(cast, "1.0854")
    load_cur(deliver(tmp_path, [on("1", 10.0, **EUR)]))
    client.force_login(cast.felix)
    words = "Rows in EUR were converted: 1 EUR = 1.0854 USD (rate version 1)."
    assert words in " ".join(client.get("/spend/?month=2026-09").text.split())
    line = DailyLine.objects.get()
    page = " ".join(client.get(f"/spend/lines/{line.pk}/").text.split())
    assert words in page
    assert "EUR, shown in USD" in page
    answer = client.get("/spend/lines/export.csv?month=2026-09")
    assert isinstance(answer, StreamingHttpResponse)
    (row,) = csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines())
    assert (row["charged in"], row["currency"]) == ("EUR", "USD")
    assert Decimal(row["unblended"]) == Decimal("10.854")


def test_a_rate_that_is_corrected_during_a_load_is_looked_at_again(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The correction finds the month under way, and the load has its rate already."""
    rate(cast, "1.1")
    deliver(tmp_path, [on("1", 100.0, **EUR)])

    def corrected_meanwhile(**given: Any) -> Any:
        loaded = load_period(**given)
        rate(cast, "1.2", seen=1)
        return loaded

    monkeypatch.setattr(loads, "load_period", corrected_meanwhile)
    load_deliveries(actor=None, location=str(tmp_path))
    export = Export.objects.get()
    long_after = datetime(2027, 9, 1, tzinfo=UTC)
    assert due_periods(export, [PERIOD], long_after) == [PERIOD]
    monkeypatch.undo()
    load_deliveries(actor=None, location=str(tmp_path))
    assert amounts() == {"1": Decimal(120)}
    assert due_periods(export, [PERIOD], long_after) == []


def test_a_delivery_that_says_no_currency_says_so(cast: Cast, tmp_path: Path) -> None:
    """Whose amounts they are is taken for granted, and not in silence."""
    said = "Rows without a currency were taken to be in USD."
    load_cur(deliver(tmp_path / "some", [on("1", 1.0)]))
    assert said not in Delivery.objects.get().notes
    blank = {"line_item_currency_code": ""}
    load_cur(deliver(tmp_path / "none", [on("1", 1.0), on("2", 1.0, **blank)]))
    assert said in Delivery.objects.latest("pk").notes


def test_amounts_recorded_in_another_currency_are_not_added_to(
    cast: Cast, tmp_path: Path, settings: Settings
) -> None:
    """A setting is changed in a moment, and what was recorded stays as it is."""
    load_cur(deliver(tmp_path / "one", [on("1", 1.0)]))
    settings.REPORTING_CURRENCY = "EUR"
    said = refused(deliver(tmp_path / "two", [on("1", 1.0, **EUR)]))
    assert "What was loaded until now is in USD, and REPORTING_CURRENCY says EUR" in said
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("command", [["-c", "import valueboard.wsgi"], ["manage.py", "worker"]])
@pytest.mark.django_db(transaction=True)
def test_no_page_shows_amounts_in_a_currency_they_are_not_in(
    cast: Cast, tmp_path: Path, test_database: TestDatabase, command: list[str]
) -> None:
    """Nothing is converted when the setting changes, so nothing starts."""
    load_cur(deliver(tmp_path, [on("1", 1.0)]))
    named = os.environ | {
        "DATABASE_URL": url("DATABASE_URL", test_database.name),
        "REPORTING_CURRENCY": "EUR",
    }
    done = subprocess.run(
        [sys.executable, *command],
        env=named,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode != 0
    assert "says EUR, and what was loaded is in USD" in done.stderr
    assert "Set it to USD again." in done.stderr


def test_a_database_that_was_not_migrated_has_nothing_to_refuse() -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL search_path = pg_catalog")
        refuse_other_currency()
