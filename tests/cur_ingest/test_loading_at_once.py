"""Loads and changes of rules that meet: each month is of one delivery and one set of rules."""

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client

from cur_ingest.actions import RuleTerms, add_rule, load_deliveries
from cur_ingest.attribution import attribute
from cur_ingest.loading import Outcome
from cur_ingest.models import AttributionRun, DailyLine, Delivery, MonthTotal, Part
from cur_ingest.proof import read_month
from cur_ingest.reports import month_totals
from cur_ingest.splitting import Share
from cur_ingest.unclaimed import unclaimed_groups_of
from cur_ingest.views import spend as views
from records.clock import now
from tests.at_once import waits
from tests.cast import Cast, added, proposal
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.test_attribution import BEDROCK
from tests.spend import bedrock, load, rule_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_delivery_loaded_at_once_is_loaded_once(tmp_path: Path) -> None:
    location = str(deliver(tmp_path, [{}, {"line_item_usage_account_id": "2"}]))
    start = Barrier(4)

    def load(_number: int) -> Outcome:
        try:
            start.wait(60)
            (result,) = load_deliveries(actor=None, location=location)
            return result.outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(load, range(4)))
    assert sorted(outcomes) == [Outcome.LOADED, *[Outcome.UNCHANGED] * 3]
    assert Delivery.objects.count() == 1
    assert DailyLine.objects.aggregate(n=Sum("source_rows"))["n"] == 2


def test_a_rule_made_during_loads_reaches_every_month(
    tmp_path: Path, cast: Cast, owner_cursor: psycopg.Cursor
) -> None:
    moment = datetime(2026, 9, 20, 12, tzinfo=UTC)
    owner_cursor.execute("UPDATE records_clock SET ahead = %s - clock_timestamp()", [moment])
    chat = added(cast, proposal(cast, name="Chat"))
    places = [str(deliver(tmp_path / str(number), [BEDROCK])) for number in range(4)]
    start = Barrier(5)

    def load(location: str) -> None:
        try:
            start.wait(60)
            load_deliveries(actor=None, location=location)
        finally:
            connection.close()

    def make_rule() -> None:
        try:
            start.wait(60)
            terms = RuleTerms(1, chat, service="AmazonBedrock")
            add_rule(actor=cast.felix, terms=terms, reason="While it loads.")
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        tasks = [*(pool.submit(load, place) for place in places), pool.submit(make_rule)]
    for task in tasks:
        task.result()
    assert set(DailyLine.objects.values_list("workload__name", flat=True)) == {"Chat"}
    latest = AttributionRun.objects.order_by("export", "-version").distinct("export")
    totals = MonthTotal.objects.filter(run__in=latest)
    assert totals.filter(workload=chat).count() == totals.count() == 4


def test_a_rule_waits_for_the_load_of_a_month(
    tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month is attributed by rules that stand still; the rule then reaches what was loaded."""
    chat = added(cast, proposal(cast, name="Chat"))
    location, inside, go_on = str(deliver(tmp_path, [BEDROCK])), Event(), Event()

    def slow(**given: Any) -> AttributionRun:
        inside.set()
        assert go_on.wait(90)
        return attribute(**given)

    def load() -> None:
        try:
            load_deliveries(actor=None, location=location)
        finally:
            connection.close()

    def make_rule() -> None:
        try:
            terms = RuleTerms(1, chat, service="AmazonBedrock")
            add_rule(actor=cast.felix, terms=terms, reason="Meanwhile.", include_closed=True)
        finally:
            connection.close()

    monkeypatch.setattr("cur_ingest.loading.attribute", slow)
    with ThreadPoolExecutor(2) as pool:
        loads = pool.submit(load)
        assert inside.wait(60)
        rules = pool.submit(make_rule)
        try:
            assert waits(rules)
        finally:
            go_on.set()
        loads.result(60)
        rules.result(60)
    assert DailyLine.objects.get().workload == chat


def test_a_load_that_fails_at_its_end_leaves_the_month_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = str(deliver(tmp_path, [{}]))
    load_deliveries(actor=None, location=location)
    deliver(tmp_path, [{}, {}], execution="e-2")

    def fail(**_values: object) -> None:
        message = "the power went"
        raise RuntimeError(message)

    monkeypatch.setattr("cur_ingest.loading.attribute", fail)
    with pytest.raises(RuntimeError, match="the power went"):
        load_deliveries(actor=None, location=location)
    assert DailyLine.objects.aggregate(n=Sum("source_rows"))["n"] == 1
    assert Delivery.objects.count() == 1


def test_a_month_is_read_as_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = str(deliver(tmp_path, [{}]))
    load_deliveries(actor=None, location=location)
    deliver(tmp_path, [{}, {}], execution="e-2")

    def load() -> None:
        try:
            load_deliveries(actor=None, location=location)
        finally:
            connection.close()

    def totals(known_at: datetime) -> list[MonthTotal]:
        """Read the totals; before anything else is read another delivery is there."""
        found = month_totals(known_at)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(load).result()
        return found

    monkeypatch.setattr("cur_ingest.proof.month_totals", totals)
    # A load may have begun before the moment that it can be seen at.
    month = read_month(PERIOD, now() + timedelta(hours=1))
    assert {proof.delivered.amount for proof in month.proofs} == {Decimal("1.5")}
    assert all(proof.holds for proof in month.proofs)
    assert [line.amount.amount for line in month.other] == [Decimal("1.5")]


def test_a_file_is_of_one_delivery_whatever_is_loaded_while_it_is_sent(
    client: Client, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines come first and its parts of split lines last, and both add up to the page."""
    monkeypatch.setattr("valueboard.lib.sheets.LINES", 1)  # sent at a time
    one, other = (added(cast, proposal(cast, name=name)) for name in ("One", "Other"))
    load(tmp_path, bedrock("one", 100), bedrock("shared", 10))
    rule_for(cast.felix, one, "one")
    halves = tuple(Share(workload.pk, Decimal(50)) for workload in (one, other))
    split = RuleTerms(5, tag_key="workload", tag_value="shared", split="fixed", shares=halves)
    add_rule(actor=cast.felix, terms=split, reason="Both use it.", include_closed=True)

    def restate() -> None:
        try:
            load(tmp_path, bedrock("one", 500), bedrock("shared", 70), execution="e-2")
        finally:
            connection.close()

    client.force_login(cast.felix)
    response = client.get("/spend/lines/export.csv?month=2026-09&workload=one")
    sent = pieces_of(response)
    begun = [next(sent), next(sent)]
    with ThreadPoolExecutor(1) as pool:
        pool.submit(restate).result(60)
    text = b"".join([*begun, *sent]).decode()
    rows = [(row["row"], row["unblended"]) for row in csv.DictReader(text.splitlines())]
    assert rows == [("line", "100"), ("part of split lines", "5")]
    assert DailyLine.objects.filter(workload=one).get().unblended == 500


def pieces_of(response: Any) -> Iterator[bytes]:
    """Return what a response streams, piece by piece."""
    return iter(response.streaming_content)


def test_the_page_of_a_month_is_of_one_delivery_whatever_is_loaded_meanwhile(
    client: Client, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, bedrock("", 10))
    read = unclaimed_groups_of

    def restate() -> None:
        try:
            load(tmp_path, bedrock("", 70), execution="e-2")
        finally:
            connection.close()

    def after_a_load(*args: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(restate).result(60)
        return read(*args)

    monkeypatch.setattr(views, "unclaimed_groups_of", after_a_load)
    client.force_login(cast.felix)
    shown = client.get("/spend/?month=2026-09").context
    assert [group.amount for group in shown["unclaimed"]] == [10]
    assert shown["month"].shown.of(Part.UNCLAIMED).amount == 10
    assert DailyLine.objects.get().unblended == 70
