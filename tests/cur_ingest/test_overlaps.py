"""Two exports of one payer's bill count twice: it is said, and with what to do."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from business_cases.moment import moment_of
from business_cases.position import Position
from business_cases.reading import read_facts
from cur_ingest.actions import count_again, leave_out, load_deliveries
from cur_ingest.models import DailyLine, Delivery, Export
from cur_ingest.overlaps import read_overlaps
from cur_ingest.proof import read_month
from cur_ingest.reports import deciding_runs, seen_of_run
from cur_ingest.sources import NotTakenError
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.deliveries import PERIOD, deliver, write_parquet
from tests.lib.test_sheets import cells_of
from tests.spend import bedrock, close_september, rule_for

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
    assert len(asked) == 1
    assert ([str(each) for each in overlap.exports], overlap.periods) == (
        ["cur2", "legacy"],
        (PERIOD,),
    )


def test_what_the_later_delivery_has_no_more_is_not_counted_twice(bill: Bill) -> None:
    bill("legacy", of(OURS))
    bill("cur2", of(OURS), of(THEIRS))
    assert read_overlaps(now())
    bill("cur2", of(THEIRS), execution="e-2")
    assert not read_overlaps(now())
    remarks = Delivery.objects.get(execution="e-2").remarks
    assert f"held the bill of payer {OURS}, which is no longer in it." in remarks[-1]


def test_a_bill_that_does_not_say_whose_it_is_takes_the_place(bill: Bill) -> None:
    bill("ours", of(OURS))
    bill("ours", of(""), execution="e-2")
    assert [delivery.payers for delivery in Delivery.objects.order_by("version")] == [[OURS], []]


@pytest.mark.parametrize("other", ["", OURS])
def test_an_export_that_does_not_say_whose_bill_it_is_is_asked_about(
    client: Client, cast: Cast, bill: Bill, other: str
) -> None:
    """Nobody knows whether it is counted twice, so nobody claims it, and nobody is silent."""
    bill("legacy", of(""))
    assert not read_overlaps(now())
    bill("cur2", of(other))
    for page in pages(client, cast.felix):
        assert "<strong>Counted twice?</strong> cur2 and legacy may deliver the same bill" in page
        assert "not all of them say whose it is. Each counts in full, in September 2026." in page
        assert "Counted twice:" not in page
    known_at = now()
    with CaptureQueriesContext(connection) as asked:
        (overlap,) = read_overlaps(known_at)
    assert (len(asked), overlap.payers, overlap.periods) == (1, (), (PERIOD,))


def test_a_delivery_without_rows_counts_nothing_twice(bill: Bill, tmp_path: Path) -> None:
    bill("legacy", of(OURS))
    empty = deliver(tmp_path / "cur2", [])
    write_parquet(next(empty.rglob("*.parquet")), [of("")], count=0)
    load_deliveries(actor=None, location=str(empty))
    assert Delivery.objects.filter(source_rows=0, payers=[]).exists()
    assert not read_overlaps(now())


def as_felix(client: Client, cast: Cast, export: Export, **typed: str) -> Any:
    client.force_login(cast.felix)
    address = f"/spend/deliveries/{export.pk}/2026-09/count/"
    shown = client.get(address)
    seen = re.search(r'name="seen" value="(\w+)"', shown.content.decode())
    assert seen
    return client.post(address, {"seen": seen[1], "reason": "cur2 has it."} | typed)


def spent(workload: Workload, moment: datetime) -> list[Decimal]:
    facts = read_facts(None, [moment], only=[workload.pk])
    (position,) = Position.all_of(facts, moment_of(facts, moment))
    return [month.amount for month in position.spend]


def total() -> Decimal:
    return read_month(PERIOD, now()).proofs[0].delivered.amount


def test_what_is_left_out_counts_nowhere_until_it_is_counted_again(
    client: Client, cast: Cast, bill: Bill
) -> None:
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    row = of(OURS) | bedrock("chat", 10)
    legacy = bill("legacy", row)
    bill("cur2", row)
    before = now()
    assert total() == 20
    assert as_felix(client, cast, legacy).status_code == 302
    assert total() == 10
    assert DailyLine.objects.counting().count() == 1
    assert spent(chat, now()) == [10]
    assert not read_overlaps(now())
    for page in pages(client, cast.felix):
        assert "Counted twice" not in page
        assert "Left out" in page
        assert "Felix" in page
    # The past shows what it showed.
    assert spent(chat, before) == [20]
    rule_for(cast.felix, chat, "chatter")
    assert total() == 10
    assert read_month(PERIOD, now()).holds
    assert as_felix(client, cast, legacy).status_code == 302
    assert total() == 20
    assert read_overlaps(now())


def test_what_is_left_out_is_not_loaded_again(client: Client, cast: Cast, bill: Bill) -> None:
    legacy = bill("legacy", of(OURS))
    bill("cur2", of(OURS))
    as_felix(client, cast, legacy)
    with pytest.raises(NotTakenError, match=r"Felix .*left this month out.*Count it again first"):
        load_deliveries(
            actor=None, location=str(deliver(Path(legacy.location), [of(OURS)], execution="e-2"))
        )
    assert total() == Decimal("1.25")


def test_a_closed_month_is_opened_before_anything_of_it_is_left_out(
    client: Client, cast: Cast, bill: Bill, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 10, 3, 12, tzinfo=UTC))
    legacy = bill("legacy", of(OURS))
    bill("cur2", of(OURS))
    close_september(cast)
    answer = as_felix(client, cast, legacy)
    assert answer.status_code == 422
    assert "is closed. Open it again first" in answer.content.decode()
    assert total() == Decimal("2.5")


def test_nobody_decides_about_what_they_did_not_see(client: Client, cast: Cast, bill: Bill) -> None:
    legacy = bill("legacy", of(OURS))
    assert as_felix(client, cast, legacy, seen="0" * 64).status_code == 409
    assert total() == Decimal("1.25")


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia"])
def test_only_finance_leaves_out(client: Client, cast: Cast, bill: Bill, name: str) -> None:
    legacy = bill("legacy", of(OURS))
    client.force_login(getattr(cast, name))
    address = f"/spend/deliveries/{legacy.pk}/2026-09/count/"
    assert client.post(address, {"reason": "So."}).status_code == 403
    run = deciding_runs(now()).get()
    for act in (leave_out, count_again):
        with pytest.raises(PermissionDenied):
            act(
                actor=getattr(cast, name),
                export=legacy,
                period=PERIOD,
                seen=seen_of_run(run),
                reason="So.",
            )
    assert total() == Decimal("1.25")


def test_files_of_a_month_say_what_was_left_out_of_it(
    client: Client, cast: Cast, bill: Bill
) -> None:
    bill("one", of(OURS))
    two = bill("two", of(OURS))
    answer = as_felix(client, cast, two, reason="One delivers the same.")
    assert answer.status_code == 302
    text = client.get("/spend/export.csv?month=2026-09").content.decode()
    (note,) = (line for line in text.splitlines() if "Left out of all figures" in line)
    assert note.startswith("2026-09,note,")
    assert "by Felix Example" in note
    assert ",two," in note
    book = b"".join(client.get("/spend/export.xlsx?month=2026-09"))
    about = [[text for _, text in row] for row in cells_of(book, 2)]
    (row,) = (row for row in about if row[0] == "left out of all figures")
    assert (row[1], row[2], row[-1]) == ("two", "Felix Example", "One delivers the same.")
