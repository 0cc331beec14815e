"""Two exports of one payer's bill count twice: it is said, and with what to do."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cur_ingest.actions import load_deliveries
from cur_ingest.models import Delivery, Export
from cur_ingest.overlaps import read_overlaps
from records.clock import now
from tests.cast import Cast
from tests.cur_ingest.deliveries import PERIOD, deliver

pytestmark = pytest.mark.django_db

OURS, THEIRS = "111122223333", "999988887777"
Bill = Callable[..., Export]


def of(payer: str, **more: Any) -> dict[str, Any]:
    return {"bill_payer_account_id": payer, "line_item_unblended_cost": 1.25} | more


@pytest.fixture
def bill(tmp_path: Path) -> Bill:
    """Deliver an export's bill and load it."""

    def deliver_it(name: str, *rows: dict[str, Any], execution: str = "e-1") -> Export:
        folder = deliver(tmp_path / name, list(rows), execution=execution)
        load_deliveries(actor=None, location=str(folder))
        export = Export.objects.get(location=str(folder))
        Export.objects.filter(pk=export.pk).update(name=name)
        return export

    return deliver_it


def pages(client: Client, user: User) -> list[str]:
    client.force_login(user)
    answers = [client.get(page) for page in ("/spend/", "/spend/deliveries/")]
    return [" ".join(answer.content.decode().split()) for answer in answers]


def test_a_delivery_keeps_whose_bill_it_is_and_its_totals(bill: Bill) -> None:
    euro = {"line_item_usage_account_id": "2"}
    bill("both", of(THEIRS), of(OURS), of(OURS, **euro), of(""))
    delivery = Delivery.objects.get()
    assert delivery.payers == [OURS, THEIRS]
    assert (delivery.unblended, delivery.source_rows) == (Decimal(5), 4)


def test_one_payers_bill_in_two_exports_is_said_on_both_pages(
    client: Client, cast: Cast, bill: Bill
) -> None:
    bill("legacy", of(OURS), of(THEIRS))
    bill("other", of("444455556666"))
    assert not any("Counted twice" in page for page in pages(client, cast.felix))
    bill("cur2", of(OURS))
    for page in pages(client, cast.felix):
        assert "<strong>Counted twice:</strong> cur2 and legacy each deliver the bill" in page
        assert f"payer {OURS}, and each counts in full, in September 2026." in page
        assert THEIRS not in page
    known_at = now()
    with CaptureQueriesContext(connection) as asked:
        (overlap,) = read_overlaps(known_at)
    assert len(asked) == 2
    assert ([str(each) for each in overlap.exports], overlap.periods) == (
        ["cur2", "legacy"],
        (PERIOD,),
    )


def test_what_the_later_delivery_has_no_more_is_not_counted_twice(bill: Bill) -> None:
    bill("legacy", of(OURS))
    bill("cur2", of(OURS))
    assert read_overlaps(now())
    bill("cur2", of(THEIRS), execution="e-2")
    assert not read_overlaps(now())


def test_rows_that_name_no_payer_are_nobodys(bill: Bill) -> None:
    bill("legacy", of(""))
    bill("cur2", of(""))
    assert not read_overlaps(now())
