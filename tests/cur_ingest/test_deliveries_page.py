"""The Deliveries page: what is loading, what was loaded, what differs, and what to do."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cur_ingest.actions import load_deliveries
from cur_ingest.delivered import not_loaded
from cur_ingest.models import Delivery, Export, Load
from records.clock import now
from tests.cast import Cast
from tests.cur_ingest.deliveries import PERIOD, deliver

pytestmark = pytest.mark.django_db

PAGE = "/spend/deliveries/"


def page(client: Client, user: User, address: str = PAGE, **headers: str) -> str:
    client.force_login(user)
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def twice(folder: Path) -> Export:
    """An export whose month was delivered twice: one row of 1.50 more, and one of 0.01 less."""
    load_deliveries(actor=None, location=str(deliver(folder, [{}, {}])))
    rows = [{}, {}, {}, {"line_item_unblended_cost": -0.01}]
    load_deliveries(actor=None, location=str(deliver(folder, rows, execution="e-2")))
    return Export.objects.get()


def test_totals_and_differences_stand_in_every_basis(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    twice(tmp_path)
    shown = page(client, cast.felix)
    for basis in ("amortised", "unblended", "net amortised", "net unblended"):
        assert shown.count(basis) >= 2
    assert shown.count(">$4.49<") == shown.count(">+$1.49<") == 4
    assert "+2" in shown


def test_an_administrator_sees_states_and_no_amounts(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    for address in (PAGE, f"{PAGE}{export.pk}/2026-09/"):
        shown = page(client, cast.adam, address)
        assert "Loaded" in shown
        assert "$" not in shown
        assert "Load again" in shown


@pytest.mark.parametrize("name", ["priya", "erin"])
def test_who_reads_spend_reads_it_and_loads_nothing(
    client: Client, cast: Cast, tmp_path: Path, name: str
) -> None:
    export = twice(tmp_path)
    shown = page(client, getattr(cast, name))
    assert "$4.49" in shown
    assert "Load again" not in shown
    assert client.post(f"{PAGE}{export.pk}/load/", {"period": "2026-09"}).status_code == 403


@pytest.mark.parametrize("name", ["olivia", "sam"])
def test_others_see_nothing_of_it(client: Client, cast: Cast, tmp_path: Path, name: str) -> None:
    export = twice(tmp_path)
    client.force_login(getattr(cast, name))
    for address in (PAGE, f"{PAGE}{export.pk}/2026-09/"):
        assert client.get(address).status_code == 403


def test_the_history_of_a_month_keeps_every_delivery(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    shown = page(client, cast.felix, f"{PAGE}{export.pk}/2026-09/")
    assert shown.index("Version 2") < shown.index("Version 1")
    assert shown.index("$4.49") < shown.index("$3")
    assert "the command line" in shown
    client.force_login(cast.felix)
    for wrong in ("2026-08", "2026-13", "september", "0000-01"):
        assert client.get(f"{PAGE}{export.pk}/{wrong}/").status_code == 404


def test_the_page_asks_again_only_while_something_runs(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    assert "hx-trigger" not in page(client, cast.felix)
    load = Load.objects.create(
        export=export,
        period=date(2026, 10, 1),
        state="running",
        phase="fetching",
        origin="schedule",
        asked_at=now(),
        tries=2,
        files=4,
        files_done=1,
        bytes=1000,
        bytes_done=250,
        rows_done=7,
    )
    part = page(client, cast.felix, **{"HX-Request": "true"})
    assert not part.startswith("<!DOCTYPE")
    assert 'hx-trigger="every 2s"' in part
    assert "1 of 4 files" in part
    assert "7 rows" in part
    assert 'width="25"' in part
    assert "Fetching files, try 2" in part
    Load.objects.filter(pk=load.pk).update(
        state="failed", finished_at=now(), phase="", error="The bucket is gone. Check the name."
    )
    over = page(client, cast.felix, **{"HX-Request": "true"})
    assert "hx-trigger" not in over
    assert "The bucket is gone. Check the name." in over


def test_what_needs_a_rate_leads_to_the_rates_whoever_reads_them(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    load = {"state": "needs_rate", "origin": "schedule", "asked_at": now(), "finished_at": now()}
    Load.objects.create(export=twice(tmp_path), period=date(2026, 10, 1), **load)
    link = 'href="/spend/rates/" >Exchange rates</a>'
    assert link in page(client, cast.felix)
    assert link not in page(client, cast.adam)


def test_a_month_says_which_delivery_is_not_in_its_figures(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    ended = {"export": export, "period": PERIOD, "origin": "schedule", "asked_at": now()}
    other = ended | {"period": date(2026, 8, 1), "state": "needs_rate", "finished_at": now()}
    Load.objects.create(**other)
    addresses = ("/spend/?month=2026-09", "/spend/2026-09/close/")
    for address in addresses:
        assert "into these figures" not in page(client, cast.felix, address)
    Load.objects.create(state="needs_rate", finished_at=now(), **ended)
    for address in addresses:
        shown = page(client, cast.felix, address)
        assert f"<strong>{export}: needs a rate.</strong>" in shown
        assert f'href="/spend/deliveries/{export.pk}/2026-09/"' in shown
    delivery = Delivery.objects.latest("pk")
    Load.objects.create(state="loaded", finished_at=now(), delivery=delivery, **ended)
    for address in addresses:
        assert "into these figures" not in page(client, cast.felix, address)


def test_nothing_is_missed_of_a_paused_export_that_never_had_the_month(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    ended = {"export": export, "period": date(2026, 8, 1), "origin": "command", "asked_at": now()}
    Load.objects.create(state="failed", finished_at=now(), **ended)
    Export.objects.update(active=True)
    assert len(not_loaded(date(2026, 8, 1))) == 1
    Export.objects.update(active=False)
    assert not_loaded(date(2026, 8, 1)) == []
    Load.objects.create(state="failed", finished_at=now(), **ended | {"period": PERIOD})
    assert len(not_loaded(PERIOD)) == 1


def test_buttons_ask_the_worker(client: Client, cast: Cast, tmp_path: Path) -> None:
    export = twice(tmp_path)
    client.force_login(cast.adam)
    address = f"{PAGE}{export.pk}/load/"
    again = client.post(address, {"period": "2026-09"}, follow=True).content.decode()
    assert "September 2026 of ai is loaded as soon as the worker is free." in again
    assert "Load again" not in again
    twice_at_once = client.post(address, {"period": "2026-09"}, follow=True).content.decode()
    assert "is being loaded already" in twice_at_once
    client.post(address, {"period": "2024-02"})
    client.post(address, {})
    assert "is no month" in client.post(address, {"period": "02/24"}, follow=True).content.decode()
    ahead = client.post(address, {"period": "2099-01"}, follow=True).content.decode()
    assert "January 2099 has not begun" in ahead
    waiting = Load.objects.unfinished().order_by("pk")
    assert [load.period for load in waiting] == [PERIOD, date(2024, 2, 1), None]
    assert {load.asked_by for load in waiting} == {cast.adam}
    assert client.get(address).status_code == 405


def test_older_months_wait_behind_a_link_unless_they_need_eyes(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    export = twice(tmp_path)
    delivery = Delivery.objects.latest("version")
    for month in range(1, 9):
        old = {"state": "unchanged", "delivery": delivery}
        state = {"state": "refused", "error": "It is older."} if month == 1 else old
        Load.objects.create(
            export=export,
            period=date(2026, month, 1),
            origin="schedule",
            asked_at=now(),
            finished_at=now() + timedelta(seconds=1),
            **state,
        )
    shown = page(client, cast.felix)
    assert "September 2026" in shown
    assert "January 2026" in shown
    assert "February 2026" not in shown
    assert "2 older months" in shown
    assert "February 2026" in page(client, cast.felix, f"{PAGE}?months=all")


def test_queries_do_not_grow_with_exports_and_months(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    twice(tmp_path / "one")
    client.force_login(cast.felix)

    def queries() -> int:
        client.get(PAGE)
        with CaptureQueriesContext(connection) as found:
            client.get(PAGE)
        return len(found)

    before = queries()
    for number in range(3):
        place = str(deliver(tmp_path / f"more-{number}", [{}]))
        load_deliveries(actor=cast.adam, location=place)
    assert queries() == before


def test_nothing_there_yet_says_what_comes(client: Client, cast: Cast) -> None:
    assert "An Administrator configures" in page(client, cast.felix)
    assert "/spend/exports/new/" in page(client, cast.adam)
