"""Pages that refuse: sent before, changed meanwhile, busy, not allowed; what was typed stays."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError
from playwright.sync_api import Page, expect
from psycopg.errors import LockNotAvailable

from accounts.models import User
from cur_ingest.actions import change_rule
from spaces.models import Space
from tests.cast import Cast, added
from tests.cur_ingest.test_attribution import by_tag, rule

pytestmark = pytest.mark.django_db(transaction=True)
SIZES, SCHEMES = ((1440, 900), (390, 844)), ("light", "dark")


@pytest.fixture
def look(page: Page, axe: Callable[[Page], None]) -> Callable[[str], None]:
    """Hold a page that can't be opened by its address against axe, in all sizes and schemes."""

    def look_at(name: str) -> None:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                axe(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                if folder := os.environ.get("VALUEBOARD_SCREENSHOTS"):
                    page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png")
        page.set_viewport_size({"width": 1440, "height": 900})

    return look_at


def test_a_form_sent_before_is_shown_and_can_be_sent_as_new(
    page: Page,
    sign_in: Callable[[User], None],
    cast: Cast,
    look: Callable[[str], None],
    console_errors: list[str],
) -> None:
    sign_in(cast.adam)
    page.goto("/spaces/new/")
    key = page.locator("main [name=idempotency_key]").input_value()
    page.get_by_label("Name").fill("Legal")
    page.get_by_role("main").get_by_role("button").click()
    # A tab that was restored: the page as it was, with the key that was used.
    page.goto("/spaces/new/")
    page.locator("main [name=idempotency_key]").evaluate("(field, key) => field.value = key", key)
    page.get_by_label("Name").fill("Claims")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This form was sent before")
    look("sent-before")
    page.get_by_role("button", name="Send this as new").click()
    expect(page.get_by_text("Claims was created.")).to_be_visible()
    assert {"Legal", "Claims"} <= set(Space.objects.values_list("name", flat=True))
    assert all("409" in error for error in console_errors)
    console_errors.clear()


def test_both_texts_stand_on_the_page_of_who_came_second(
    page: Page,
    sign_in: Callable[[User], None],
    cast: Cast,
    look: Callable[[str], None],
    console_errors: list[str],
) -> None:
    version = rule(cast, by_tag(added(cast)))
    sign_in(cast.felix)
    page.goto(f"/spend/rules/{version.rule_id}/")
    change_rule(
        actor=cast.felix,
        rule=version.rule,
        seen=1,
        terms=by_tag(version.workload, "other"),
        reason="Elsewhere.",
    )
    page.get_by_label("Account is").fill("111122223333")
    page.get_by_label("Reason").fill("It moved.")
    page.get_by_role("button", name="Record the change").click()
    expect(page.get_by_text("What you typed is still in the form below.")).to_be_visible()
    expect(page.get_by_label("Account is")).to_have_value("111122223333")
    look("changed-meanwhile")
    assert all("409" in error for error in console_errors)
    console_errors.clear()


def test_a_busy_database_and_a_refusal_show_what_was_typed(  # noqa: PLR0917 - fixtures
    page: Page,
    sign_in: Callable[[User], None],
    cast: Cast,
    look: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    console_errors: list[str],
) -> None:
    def wait_in_vain(**_words: object) -> None:
        raise OperationalError from LockNotAvailable("canceled")

    sign_in(cast.adam)
    page.goto("/spaces/new/")
    page.get_by_label("Name").fill("Legal & Claims")
    monkeypatch.setattr("valueboard.views.spaces.create_space", wait_in_vain)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Others are at work on this")
    look("busy")
    monkeypatch.undo()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Legal & Claims was created.")).to_be_visible()
    page.goto("/spaces/new/")
    page.get_by_label("Name").fill("Another")
    sign_in(cast.sam)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_text("This page is for the role Administrator.")).to_be_visible()
    expect(page.get_by_text("Another")).to_be_visible()
    look("refused")
    assert all("503" in error or "403" in error for error in console_errors)
    console_errors.clear()
