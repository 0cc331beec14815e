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


# As narrow as 1280 pixels are at a zoom of 400 %, which WCAG 1.4.10 asks for; and very wide.
EXTREMES = (320, 2560)
# What of a page lies beside its window, the outermost first, beyond what scrolls by itself.
STICKING_OUT = """() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.body.querySelectorAll("*")].filter(
        each => each.getBoundingClientRect().right > clientWidth + 0.5
    ).slice(0, 8).map(each => each.cloneNode(false).outerHTML.slice(0, 150));
}"""

# What moves for longer than anybody sees, though less motion is asked for as in all journeys.
MOVING = """() => document.getAnimations().filter(
    each => each.effect.getComputedTiming().endTime > 1
).map(each => each.effect.target.outerHTML.slice(0, 150))"""


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
        fits(page, way)
    for width in EXTREMES:
        way = As(width, 844, "light")
        show(page, way)
        fits(page, way)
    show(page, WAYS[0])


def fits(page: Page, way: As) -> None:
    """Fail where the page as it is shown scrolls sideways."""
    out = page.evaluate(STICKING_OUT)
    assert not out, f"{page.url} is too wide at {way.width}, {way.scheme}: {out}"


def visit(page: Page, axe: Axe, address: str) -> str:
    """Load a page once, look at it, and return it as it was sent."""
    show(page, WAYS[0])
    answer = page.goto(address)
    assert answer, address
    assert answer.ok, f"{address} answers {answer.status}"
    moving = page.evaluate(MOVING)
    assert not moving, f"{address} moves, though less motion is asked for: {moving}"
    look(page, axe)
    return answer.text()
