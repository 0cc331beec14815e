"""Closings that meet: with each other, and with a load of the month."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection

from cur_ingest import attribution, loading
from cur_ingest.actions import close_month
from cur_ingest.closing import month_states
from cur_ingest.models import AttributionRun, MonthClosing
from cur_ingest.reports import seen_of_month, waiting_runs
from records.clock import now
from tests.at_once import at_once, waits
from tests.cast import Cast
from tests.spend import bedrock, load
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def seen() -> str:
    return seen_of_month(month_states(now())[SEPTEMBER], now())


def close(cast: Cast, saw: str) -> MonthClosing | RefusedError:
    try:
        return close_month(actor=cast.felix, period=SEPTEMBER, seen=saw, reason="Done.")
    except RefusedError as refused:
        return refused


def test_of_many_who_close_a_month_at_once_one_does(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("", 1))
    saw = seen()
    outcomes = at_once(*[lambda: close(cast, saw)] * 8)
    assert sum(isinstance(outcome, MonthClosing) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StaleError) for outcome in outcomes) == 7
    assert MonthClosing.objects.get().version == 1


def test_a_month_is_not_closed_while_it_is_loaded(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    """Whoever closes waits for the load, and then has not seen what it brought."""
    load(tmp_path, bedrock("", 1))
    saw, inside, go_on, attribute = seen(), Event(), Event(), attribution.attribute

    def slow(**given: Any) -> AttributionRun:
        inside.set()
        assert go_on.wait(90)
        return attribute(**given)

    def hung_up(act: Any) -> Any:
        try:
            return act()
        finally:
            connection.close()

    monkeypatch.setattr(loading, "attribute", slow)
    loads = threads.submit(hung_up, lambda: load(tmp_path, bedrock("", 2), execution="e-2"))
    assert inside.wait(60)
    closes = threads.submit(hung_up, lambda: close(cast, saw))
    try:
        assert waits(closes)
    finally:
        go_on.set()
    loads.result(60)
    assert isinstance(closes.result(60), StaleError)
    assert not MonthClosing.objects.exists()


def test_a_load_that_meets_a_closing_counts_or_waits(cast: Cast, tmp_path: Path) -> None:
    """Whichever comes first: what was closed is what pages show."""
    for number in range(5):
        folder = tmp_path / str(number)
        load(folder, bedrock("", 1))
        closing, _ = at_once(
            partial(close, cast, seen()), partial(load, folder, bedrock("", 2), execution="e-2")
        )
        latest = AttributionRun.objects.latest("pk")
        closed = isinstance(closing, MonthClosing)
        assert latest.counts is not closed
        assert waiting_runs(now()).exists() is closed
        if closed:
            return
