"""Single keys: off until somebody wants them, never while one writes, and listed by `?`."""

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.actions import choose_display
from accounts.models import User
from tests.cast import Cast, added, proposal
from valueboard.context_processors import GROUPS, KEYS


def test_every_letter_leads_to_one_place() -> None:
    assert not [letter for letter, count in Counter(KEYS.values()).items() if count > 1]
    entries = {name for _, group in GROUPS for _, name, _ in group}
    assert {"board", "gaps", "maturity", "spend"} <= entries & set(KEYS)


@pytest.fixture
def keys(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> Page:
    """The workloads of a board, for somebody who switched single keys on."""
    choose_display(actor=cast.felix, locale="", shortcuts=True)
    added(cast, proposal(cast, name="Alpha"))
    added(cast, proposal(cast, name="Beta"))
    sign_in(cast.felix)
    page.goto("/")
    return page


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.closest('tr').innerText")
    return text


@pytest.mark.django_db(transaction=True)
def test_off_they_do_nothing(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> None:
    sign_in(cast.felix)
    page.goto("/")
    page.keyboard.type("?gs")
    assert page.get_by_role("dialog").count() == 0
    assert page.url.endswith("/")


@pytest.mark.django_db(transaction=True)
def test_the_help_lists_them_and_closes(keys: Page, axe: Callable[[Page], None]) -> None:
    keys.keyboard.press("?")
    listed = keys.get_by_role("dialog", name="Keyboard shortcuts")
    listed.get_by_text("Allocation Gaps").wait_for()
    axe(keys)
    keys.keyboard.type("gs")  # within the dialog, no shortcut
    assert listed.is_visible()
    keys.keyboard.press("Escape")
    assert not listed.is_visible()
    keys.locator("summary", has_text="Felix").click()
    keys.get_by_role("button", name="Keyboard shortcuts").click()
    assert listed.is_visible()


@pytest.mark.django_db(transaction=True)
def test_they_go_step_and_search_but_never_while_one_writes(keys: Page) -> None:
    keys.keyboard.press("j")
    first = focused(keys)
    keys.keyboard.press("j")
    second = focused(keys)
    assert first != second
    keys.keyboard.press("k")
    assert focused(keys) == first
    keys.keyboard.press("Control+/")
    assert focused(keys) == first
    keys.keyboard.press("/")
    keys.keyboard.type("gs?")
    assert keys.get_by_role("searchbox").input_value() == "gs?"
    keys.locator("h1").focus()
    keys.keyboard.type("gg")
    keys.wait_for_url("**/gaps/")
