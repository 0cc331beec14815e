"""A page in both widths and both schemes, each looked at for what only it can show."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from playwright.sync_api import Page

from tests.browser import Axe


class As(NamedTuple):
    """How a page is looked at."""

    width: int
    height: int
    scheme: Literal["light", "dark"]


# In this order only one thing changes at a time. A scheme changes colours alone (`light-dark()`,
# which tests/journeys/test_looking.py watches over), so in dark the rules about colours are enough.
WAYS = (
    As(1440, 900, "light"),
    As(1440, 900, "dark"),
    As(390, 844, "dark"),
    As(390, 844, "light"),
)


def show(page: Page, way: As) -> None:
    """Have the page's window be as wide, and prefer the scheme."""
    page.set_viewport_size({"width": way.width, "height": way.height})
    page.emulate_media(color_scheme=way.scheme)


def look(
    page: Page, axe: Axe, *, within: str = "", opened: Callable[[Page], None] | None = None
) -> None:
    """Look at what the page shows now in both widths and both schemes; it ends as it began.

    `opened` opens what another width has closed, if it has.
    """
    for way in WAYS:
        show(page, way)
        if opened:
            opened(page)
        axe(page, colours_only=way.scheme == "dark", within=within)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= way.width, f"{page.url} is {wide} wide at {way.width}, {way.scheme}"
    show(page, WAYS[0])


def visit(page: Page, axe: Axe, address: str) -> None:
    """Load a page once, and look at it."""
    show(page, WAYS[0])
    answer = page.goto(address)
    assert answer, address
    assert answer.ok, f"{address} answers {answer.status}"
    look(page, axe)
