"""The Deliveries page while a month is loaded: it follows by itself, and stops with the load."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from cur_ingest.models import Delivery, Load
from records.clock import now
from tests.cast import Cast
from tests.notices.worker import work
from tests.spend import bedrock, load


@pytest.mark.django_db(transaction=True)
def test_the_page_follows_a_load_and_stops_with_it(
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
    cast: Cast,
    tmp_path: Path,
) -> None:
    load(tmp_path, bedrock("", 900.0))
    sign_in(cast.felix)
    page.goto("/spend/deliveries/")
    page.get_by_role("button", name="Load again September 2026").click()
    expect(page.get_by_text("This page looks again by itself")).to_be_visible()
    asked = Load.objects.unfinished().filter(asked_by=cast.felix)
    asked.update(
        state=Load.State.RUNNING,
        phase=Load.Phase.FETCHING,
        started_at=now(),
        tries=1,
        files=4,
        files_done=1,
        bytes=4000,
        bytes_done=1000,
        rows_done=1234,
    )
    expect(page.get_by_text("1 of 4 files")).to_be_visible()
    expect(page.get_by_text("1,234 rows")).to_be_visible()
    axe(page)
    asked.update(files_done=3, bytes_done=3000)
    expect(page.get_by_text("3 of 4 files")).to_be_visible()
    work("spend")
    expect(page.get_by_text("Unchanged")).to_be_visible()
    expect(page.get_by_text("This page looks again by itself")).to_have_count(0)
    expect(page.locator("[hx-trigger^=every]")).to_have_count(0)
    assert Delivery.objects.count() == 1
