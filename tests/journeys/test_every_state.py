"""Open dialogs, menus and cards, and parts that were swapped: each looked at as a page is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.actions import choose_display
from accounts.models import User
from allocation_gaps.actions import look_for_gaps
from maturity.actions import keep_scores
from spaces.models import Workload
from tests.browser import Axe
from tests.cast import Cast
from tests.journeys.looking import WAYS, look, show

# What has the page in the state, wherever it is by now: what is open already stays so.
State = Callable[[Page], None]


def explained(page: Page) -> None:
    """How a figure is made, in its panel."""
    title = page.locator("dialog #made-title")
    if not title.is_visible():
        page.locator("main a.figure:visible").first.click()
        title.wait_for()


def card(page: Page) -> None:
    """The card of a tile, of the map that this width has."""
    page.locator("svg.treemap a[data-key]:visible").first.focus()
    page.locator(".map-card").wait_for()


def menu(text: str) -> State:
    """A menu of the page or its header, which opens at its summary."""

    def opened(page: Page) -> None:
        toggle = page.locator(".nav-toggle")
        summary = page.locator("summary", has_text=text)
        if not summary.is_visible() and toggle.get_attribute("aria-expanded") == "false":
            toggle.click()
        if summary.locator("..").get_attribute("open") is None:
            summary.click()

    return opened


def keys(page: Page) -> None:
    """The list of keyboard shortcuts."""
    if not page.locator("dialog#keys").is_visible():
        page.keyboard.press("?")
        page.locator("dialog#keys").wait_for()


def swapped(page: Page) -> None:
    """What a chosen filter puts in the place of the part before."""
    if "?" not in page.url:
        page.locator("main form[hx-get] select:visible").first.select_option(index=1)
        page.wait_for_url("**/*?*")


def ticked(page: Page) -> None:
    """The score without the gaps that are ticked off."""
    box = page.locator("main [type=checkbox]").first
    if not box.is_checked():
        with page.expect_response("**/maturity/what-if/?*"):
            box.check()


def compared(page: Page) -> None:
    """Two days beside each other, after a swap."""
    if "?" not in page.url:
        page.get_by_label("Compare with").fill("2026-10-01")
        page.locator("#movers-title").wait_for()


def zoomed(page: Page) -> None:
    """The zooming view of the map, in the width that it was opened in."""
    if not page.locator("#zoom-view").is_visible():
        page.get_by_role("button", name="Zooming view").click()
        page.locator("#zoom-view .slice").first.wait_for()


def computed(page: Page) -> None:
    """What a form says of figures while they are typed."""
    if not page.get_by_label("Monthly cost at the start").input_value():
        page.get_by_label("Monthly cost at the start").fill("10,000")
        page.locator("#panel").get_by_text("$").first.wait_for()


def told(page: Page) -> None:
    """That something was saved."""
    if not page.locator("[data-toast]").count():
        page.get_by_role("button", name="Save").first.click()
        page.locator("[data-toast]").wait_for()


STATES: dict[str, tuple[str, str, State]] = {
    "figure of the board": ("felix", "/", explained),
    "figure of gaps": ("felix", "/gaps/", explained),
    "figure of maturity": ("felix", "/maturity/", explained),
    "card": ("felix", "/", card),
    "bands": ("felix", "/", menu("Investment Prospect")),
    "more filters": ("felix", "/", menu("More filters")),
    "exports": ("felix", "/", menu("Export")),
    "navigation": ("felix", "/", menu("Governance")),
    "user": ("felix", "/", menu("Felix Example")),
    "keys": ("felix", "/", keys),
    "filtered board": ("felix", "/", swapped),
    "compared board": ("felix", "/", compared),
    "zoomed board": ("felix", "/", zoomed),
    "filtered gaps": ("felix", "/gaps/", swapped),
    "filtered requests": ("felix", "/requests/", swapped),
    "filtered lines": ("felix", "/spend/lines/", swapped),
    "what if": ("felix", "/maturity/what-if/", ticked),
    "panel of a request": ("olivia", "/requests/new/", computed),
    "toast": ("olivia", "/settings/", told),
}
SHARES = 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("share", range(SHARES))
def test_every_state(  # noqa: PLR0917 - fixtures
    page: Page,
    sign_in: Callable[[User], None],
    axe: Axe,
    cast: Cast,
    organisation: Workload,
    share: int,
) -> None:
    look_for_gaps()
    keep_scores()
    choose_display(actor=cast.felix, locale="", shortcuts=True)
    for who, address, state in list(STATES.values())[share::SHARES]:
        sign_in(getattr(cast, who))
        show(page, WAYS[0])
        page.goto(address)
        look(page, axe, opened=state)
