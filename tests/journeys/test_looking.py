"""Looking at a page misses nothing in any combination of width and scheme, though it asks less."""

from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.browser import Axe
from tests.journeys.looking import WAYS, As, look, show

PLAIN = "<!doctype html><html lang=en><title>Plain</title><main><h1>Plain</h1>{}</main></html>"
SHEETS = [
    path
    for folder in ("static/css", "static/dist")
    for path in sorted((Path(settings.BASE_DIR) / folder).glob("*.css"))
]
# Shown in one combination only; before that nobody sees it, and so axe doesn't either.
PLANTED = """([width, scheme, css]) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:root { color-scheme: light dark } #planted { display: none }
        @media (width: ${width}px) and (prefers-color-scheme: ${scheme}) {
            #planted { display: block; ${css} }
        }`);
    document.adoptedStyleSheets = [sheet];
}"""


class Plant(NamedTuple):
    """What is wrong, how it is made so, and the rule that says so."""

    html: str
    css: str
    rule: str


OF_COLOUR = (
    Plant('<p id="planted">Pale text.</p>', "color: #999; background: #888", "color-contrast"),
    Plant(
        '<div id="planted"><p>Some words, <a href="/">a link</a> and more.</p></div>',
        "& a { color: #222; text-decoration: none } color: #000; background: #fff",
        "link-in-text-block",
    ),
)
OF_WIDTH = (
    Plant('<div id="planted"><button></button></div>', "", "button-name"),
    Plant(
        '<div id="planted"><button>a</button><button>b</button></div>',
        "& button { all: unset; font-size: 8px; padding: 0 }",
        "target-size",
    ),
)


def grow(page: Page, plant: Plant, way: As) -> None:
    page.set_content(PLAIN.format(plant.html))
    page.evaluate(PLANTED, [way.width, way.scheme, plant.css])


@pytest.mark.parametrize("plant", OF_COLOUR, ids=lambda plant: plant.rule)
def test_a_colour_that_is_wrong_in_one_combination_is_found(
    page: Page, axe: Axe, plant: Plant
) -> None:
    for way in WAYS:
        grow(page, plant, way)
        with pytest.raises(pytest.fail.Exception, match=plant.rule):
            look(page, axe)
        for other in WAYS:
            if other != way:
                show(page, other)
                axe(page)


@pytest.mark.parametrize("plant", OF_WIDTH, ids=lambda plant: plant.rule)
def test_what_is_wrong_at_one_width_is_found(page: Page, axe: Axe, plant: Plant) -> None:
    for way in WAYS:
        if way.scheme == "light":
            grow(page, plant, way)
            with pytest.raises(pytest.fail.Exception, match=plant.rule):
                look(page, axe)


def test_what_is_too_wide_on_a_phone_is_found(page: Page, axe: Axe) -> None:
    page.set_content(PLAIN.format('<div id="planted">Wide</div>'))
    page.evaluate(PLANTED, [390, "dark", "width: 500px"])
    with pytest.raises(AssertionError, match=r"wide at 390, dark: .*planted"):
        look(page, axe)


def by_scheme(text: str) -> bool:
    """Whether a sheet can change more than colours with the scheme of the system."""
    return "prefers-color-scheme" in text


def test_a_scheme_changes_colours_alone() -> None:
    """So `light-dark()`, which takes nothing but colours, is all that knows it."""
    assert SHEETS
    assert not [path.name for path in SHEETS if by_scheme(path.read_text())]
    assert by_scheme("@media (prefers-color-scheme: dark) { p { display: none } }")
