"""The proof of a month: per export, in every basis, converted currencies included."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cur_ingest.actions import choose_basis, record_rate
from cur_ingest.attribution import DoesNotAddUpError, groups_of
from cur_ingest.bases import BASES
from cur_ingest.conversion import add
from cur_ingest.copying import blocks
from cur_ingest.currencies import totals_by_currency
from cur_ingest.models import AttributionRun, DailyLine, Delivery, Export, Part, RuleVersion
from cur_ingest.proof import read_month
from cur_ingest.sources import SourceError
from cur_ingest.totals import Group
from records.clock import now
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_loading import held, load_cur
from tests.lib.test_sheets import cells_of
from tests.spend import bedrock, close_september, load, load_months, rule_for
from valueboard.lib.errors import RefusedError

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _october(travel: Callable[[datetime], None]) -> None:
    travel(datetime(2026, 10, 3, 12, tzinfo=UTC))


def as_felix(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.felix)
    return client


@pytest.mark.parametrize(
    "folder", ["workshop", "cur2/exports/cur2-nise", "cur2/exports/large-amounts"]
)
def test_every_real_delivery_is_proved_and_its_lines_are_the_parts(
    real_data: Path, folder: str
) -> None:
    load_cur(real_data / folder)
    for delivery in Delivery.objects.all():
        month = read_month(delivery.period, now())
        (export,) = month.exports
        assert export.holds
        for proof in export.proofs:
            for each in proof.parts:
                lines = DailyLine.objects.counting().filter(period=delivery.period)
                amounts = lines.of_part(each.part).values_list(proof.basis, flat=True)
                assert sum(amounts, Decimal(0)) == each.amount.amount, (each.part, proof.basis)


def test_a_month_that_does_not_agree_is_red_and_not_closed(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("", 10))
    delivery = Delivery.objects.get()
    # A run without its totals: what no load leaves behind.
    AttributionRun.objects.create(
        export=delivery.export, period=SEPTEMBER, delivery=delivery, cause="rules", reason="Lost."
    )
    page = as_felix(cast).get("/spend/").content.decode()
    assert "does not agree" in page
    assert "Have the month loaded again" in page
    assert "$10.00" in page
    with pytest.raises(RefusedError, match="does not agree"):
        close_september(cast)


def test_the_proof_of_each_export_opens_by_itself_where_it_does_not_agree(
    cast: Cast, tmp_path: Path
) -> None:
    load(tmp_path / "a", bedrock("", 10))
    load(tmp_path / "b", bedrock("", 5))
    folds = r'<details class="fold" (open)?>\s*<summary class="card-head">\s*<h2 id="proof-(\d+)"'
    first, second = (str(export.pk) for export in Export.objects.order_by("pk"))
    page = as_felix(cast).get("/spend/").content.decode()
    assert set(re.findall(folds, page)) == {("", first), ("", second)}
    delivery = Delivery.objects.get(export=int(first))
    AttributionRun.objects.create(
        export=delivery.export, period=SEPTEMBER, delivery=delivery, cause="rules", reason="Lost."
    )
    page = as_felix(cast).get("/spend/").content.decode()
    assert sorted(re.findall(folds, page)) == [("", second), ("open", first)]


def test_the_whole_bill_stands_beside_its_parts(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("", 10), bedrock("", 5) | {"line_item_line_item_type": "Tax"})
    page = " ".join(as_felix(cast).get("/spend/").content.decode().split())
    assert re.search(r'<dt>The whole bill</dt> <dd class="value" title="[^"]*\$15', page)


def test_a_line_lost_on_its_way_undoes_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, bedrock("", 10))
    before = held()

    def one_less(*given: Any) -> Iterator[bytes]:
        for block in blocks(*given):
            yield block.split(b"\n", 1)[1]

    monkeypatch.setattr("cur_ingest.loading.blocks", one_less)
    # Of lines that cost nothing no total tells that one is missing.
    with pytest.raises(SourceError, match="do not add up"):
        load(tmp_path, bedrock("", 0), bedrock("chat", 0), execution="e-2")
    assert held() == before


def test_totals_that_are_not_the_deliverys_undo_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, bedrock("", 10))
    before = held()

    def one_less(delivery: Delivery) -> list[Group]:
        return groups_of(delivery)[1:]

    monkeypatch.setattr("cur_ingest.attribution.groups_of", one_less)
    with pytest.raises(DoesNotAddUpError, match="totals are"):
        load(tmp_path, bedrock("", 12), execution="e-2")
    assert held() == before


def test_a_workbook_has_numbers_and_says_where_they_come_from(cast: Cast, tmp_path: Path) -> None:
    chat = added(cast, proposal(cast, name="=Chat"))
    rule_for(cast.felix, chat, "chat")
    load(tmp_path, bedrock("chat", 10.25), bedrock("", 2))
    close_september(cast)
    load(tmp_path, bedrock("chat", 11), execution="e-2")
    choose_basis(actor=cast.felix, basis="unblended", seen=0, reason="As invoiced.")
    answer = as_felix(cast).get("/spend/export.xlsx?month=2026-09")
    assert answer["Content-Disposition"] == 'attachment; filename="spend-2026-09.xlsx"'
    book = b"".join(answer)
    rows = [[text for _, text in row] for row in cells_of(book)]
    workload = next(row for row in rows if row[1] == "workload")
    assert workload[2:5] == ["'=Chat", "Commerce", ""]
    assert workload[5:8] == ["unblended", "actual", "USD"]
    assert (Decimal(workload[8]), workload[9]) == (Decimal("10.25"), "10.25")
    proofs = [row for row in cells_of(book) if row[1][1] == "proof"]
    assert len(proofs) == 2 * len(BASES) * (len(Part) + 2)
    assert all(row[-2][0] == "n" and row[-1][0] == "inlineStr" for row in proofs)
    said = [[text for _, text in row] for row in cells_of(book, 2)]
    found = {row[0]: row[1:] for row in said}
    assert found["state"][0] == "closed by finance"
    assert found["basis that pages show"][0].startswith("unblended")
    assert found["closing, version 1"][1] == cast.felix.name
    assert found["closing, version 1"][3] == "The books are closed."
    assert found["exported"][1] == cast.felix.name
    assert found["delivery of ai"][0].startswith("version 1, e-1")
    assert found["attribution run of ai"][0] == "version 1, A delivery was loaded"
    assert "e-2" in found["waits beside the closed month"][0]
    rules = [row for row in said if row[0] == "rule version in force"]
    assert [row[4] for row in rules] == ["Tagged so."]
    assert f"version id {RuleVersion.objects.get().pk}," in rules[0][1]


def test_converted_currencies_show_what_was_charged_the_rate_and_what_that_is() -> None:
    delivery = Delivery(
        currency="USD",
        by_currency={
            "EUR": dict.fromkeys(BASES, "10.000000000000000000000000000001"),
            "USD": dict.fromkeys(BASES, "5"),
        },
        rates={"EUR": {"currency": "EUR", "rate": "1.0850", "version": 2}},
    )
    found = [each for each in totals_by_currency(delivery) if each.basis == "unblended"]
    assert [(each.code, each.rate, each.version) for each in found] == [
        ("EUR", "1.085", 2),
        ("USD", "1", None),
    ]
    assert found[0].charged.unit == "EUR"
    assert found[0].converted.amount == Decimal("10.850000000000000000000000000001085")
    assert found[1].converted.amount == 5
    delivery.rates = {}
    assert not totals_by_currency(delivery)


def test_a_month_with_two_currencies_is_proved_in_one(cast: Cast, tmp_path: Path) -> None:
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=SEPTEMBER,
        rate=Decimal("1.085"),
        reason="Mean of the month.",
        seen=0,
    )
    load(tmp_path, bedrock("", 10) | {"line_item_currency_code": "EUR"}, bedrock("", 5))
    month = read_month(SEPTEMBER, now())
    assert month.holds
    for proof in month.proofs:
        found = [each for each in month.currencies if each.basis == proof.basis]
        assert [each.charged.amount for each in found] == [10, 5]
        assert sum(each.converted.amount for each in found) == proof.delivered.amount
    page = as_felix(cast).get("/spend/").content.decode()
    assert "Converted currencies" in page
    assert "1.085" in page


def test_nothing_to_claim_is_not_said_to_be_all_given_away(cast: Cast, tmp_path: Path) -> None:
    """What is below 0 stands in no group, and is unclaimed all the same."""
    load(tmp_path, bedrock("", -5.0))
    page = as_felix(cast).get("/spend/?month=2026-09").content.decode()
    assert "No unclaimed AI spend above 0 in this month." in page
    assert "given to workloads." not in page
    assert re.search(r"What is at or below 0 comes to\s.*−\$5\.00", page)


def test_groups_and_what_is_not_listed_come_to_their_part(cast: Cast, tmp_path: Path) -> None:
    market = {"bill_billing_entity": "AWS Marketplace", "line_item_product_code": "licence"}
    load(
        tmp_path,
        bedrock("a", 9e12 + 0.5),
        bedrock("a", 0.12345678901234568) | {"line_item_usage_account_id": "222222222222"},
        bedrock("b", 3.0),
        bedrock("c", -2.5),
        {**market, "line_item_unblended_cost": -1.0},
    )
    answer = as_felix(cast).get("/spend/?month=2026-09")
    shown = answer.context["month"].shown.by_part
    for name, number in (("unclaimed", 2), ("unclassified", 0)):
        listed = [group.amount for group in answer.context[name]]
        assert len(listed) == number
        assert add([*listed, answer.context[f"{name}_rest"].amount]) == shown[name].amount
    assert answer.context["unclaimed"][0].amount == Decimal("9000000000000.62345678901234568")
    page = answer.content.decode()
    assert "Not listed: groups at or below 0" in page
    assert "−$2.50" in page


def test_months_stand_beside_each_other_and_each_comes_to_its_whole_bill(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    august, september = date(2026, 8, 1), SEPTEMBER
    load_months(tmp_path, travel, {august: {"chat": "31", "": "5"}, september: {"chat": "42"}})
    month = read_month(september, now())
    assert [each.state.period for each in month.months] == [september, august]
    for each in month.months:
        (delivery,) = Delivery.objects.filter(period=each.state.period)
        assert each.proof.total.amount == delivery.amortised
        assert sum(amount.amount for _, amount in each.columns) == delivery.amortised
    assert month.change is not None
    (row,) = month.workloads
    assert row.change is not None
    assert month.change.amount == row.change.amount == 11
    page = " ".join(as_felix(cast).get("/spend/?month=2026-09").content.decode().split())
    foot = re.findall(r"<tfoot>(.*?)</tfoot>", page)
    assert any("Attributed to workloads" in each and "$42.00" in each for each in foot)
    assert "Change from August 2026" in page
    assert '<span class="sub">new</span>' not in page
    assert 'href="/spend/?month=2026-08"' in page


def test_an_open_month_says_up_to_which_day_it_goes_and_in_which_currency(
    cast: Cast, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("", 10, line_item_usage_start_date=datetime(2026, 9, 9, tzinfo=UTC)))
    page = " ".join(as_felix(cast).get("/spend/").content.decode().split())
    assert "September 2026, open, days up to 9 Sep 2026. In USD. Cost basis: amortised" in page
    close_september(cast)
    page = " ".join(as_felix(cast).get("/spend/").content.decode().split())
    assert "September 2026, closed by finance. In USD." in page


def test_a_workload_that_is_new_is_told_so_the_changes_come_to_their_total(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    for name in ("chat", "review"):
        rule_for(cast.felix, added(cast, proposal(cast, name=name.capitalize())), name)
    months = {date(2026, 8, 1): {"chat": "31"}, SEPTEMBER: {"chat": "42", "review": "7"}}
    load_months(tmp_path, travel, months)
    page = " ".join(as_felix(cast).get("/spend/?month=2026-09").content.decode().split())
    assert re.search(r'\+\$7\.00</data> ?<span class="sub" ?>new</span>', page)
    (foot,) = [each for each in re.findall(r"<tfoot>(.*?)</tfoot>", page) if "Attributed" in each]
    assert "+$18.00" in foot
