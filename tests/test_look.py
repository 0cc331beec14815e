"""The look holds: one scale of type and space, any width, any zoom, forced colours, less motion."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from accounts.models import User
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.cast import Cast, submitted

SHEETS = Path(settings.BASE_DIR) / "static/css"
# Paper is measured in points and millimetres; the map's labels in the units of its drawing.
SHARED = ("tokens.css", "layout.css", "components.css", "forms.css")
TYPE = re.compile(r"font-size:(?!\s*var\(--vb-text-)[^;]*;")
SPACE = re.compile(r"(?:\bgap|padding(?:-\w+)?|margin(?:-\w+)?):[^;]*?(?<![\w.-])\d*\.?\d+rem")
# Rows of a tree are set in by their level, in steps of their own.
OWN_STEPS = 2


@pytest.mark.parametrize("name", SHARED)
def test_type_and_space_are_of_one_scale(name: str) -> None:
    text = (SHEETS / name).read_text()
    assert not TYPE.findall(text)
    assert len(SPACE.findall(text)) <= OWN_STEPS


def test_a_planted_size_is_found() -> None:
    assert TYPE.search("font-size: 13px;")
    assert not TYPE.search("font-size: var(--vb-text-sm);")
    assert SPACE.search("padding: 0 0.7rem")
    assert not SPACE.search("padding: var(--vb-space-2) var(--vb-space-10)")


PAGES = ("/", "/gaps/", "/maturity/", "/spend/", "/requests/", "/settings/", "/spaces/")


@pytest.fixture
def finance(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> Page:
    approve(cast.priya, submitted(cast))
    sign_in(cast.felix)
    return page


@pytest.mark.django_db(transaction=True)
def test_nothing_scrolls_sideways_from_320_to_2560(finance: Page) -> None:
    """320 pixels are also 1280 at a zoom of 400 %, which WCAG 1.4.10 asks for."""
    for address in PAGES:
        finance.set_viewport_size({"width": 320, "height": 256})
        finance.goto(address)
        for width in (320, 640, 1920, 2560):
            finance.set_viewport_size({"width": width, "height": 800})
            wide = finance.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} wide at {width}"


@pytest.mark.django_db(transaction=True)
def test_the_widest_screens_are_used_and_keep_an_edge(finance: Page) -> None:
    finance.set_viewport_size({"width": 2560, "height": 1200})
    finance.goto("/")
    box = finance.locator("main").bounding_box()
    brand = finance.locator(".masthead .brand").bounding_box()
    title = finance.locator("h1").bounding_box()
    assert box
    assert brand
    assert title
    assert 1800 < box["width"] < 2200
    assert abs(brand["x"] - title["x"]) <= 1


COLOURS = """() => {
    const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
    const entry = ".masthead nav > a";
    return {
        current: of(`${entry}[aria-current]`, "borderBottomColor"),
        other: of(`${entry}:not([aria-current])`, "borderBottomColor"),
    };
}"""
METERS = """() => ["track", "filled"].map(
    part => getComputedStyle(document.querySelector(`.meter .${part}`)).fill
)"""
FILLS = """() => [...document.querySelectorAll(".legend .swatch .tile-fill")].map(
    each => getComputedStyle(each).fill
)"""
LENSES = """() => [...document.querySelectorAll(".segmented label")].map(
    each => getComputedStyle(each).backgroundColor
)"""
LINES = """() => document.querySelector(".chart").data.map(
    line => line.line?.color ?? line.marker?.color
)"""
MOVING = """() => [...document.querySelectorAll("*")].filter(
    each => parseFloat(getComputedStyle(each).transitionDuration) > 0.001
).length"""


@pytest.mark.django_db(transaction=True)
def test_forced_colours_take_no_meaning_away(finance: Page) -> None:
    finance.emulate_media(forced_colors="active")
    finance.goto("/maturity/")
    track, filled = finance.evaluate(METERS)
    assert track != filled
    finance.goto("/")
    colours = finance.evaluate(COLOURS)
    assert colours["current"] != colours["other"]
    assert len(set(finance.evaluate(FILLS))) > 3
    assert len(set(finance.evaluate(LENSES))) > 1
    finance.keyboard.press("Tab")
    assert finance.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.django_db(transaction=True)
def test_charts_keep_their_colours_where_colours_are_forced(finance: Page) -> None:
    finance.emulate_media(forced_colors="active")
    finance.goto(Workload.objects.get().get_absolute_url())
    finance.locator(".chart .main-svg").first.wait_for()
    lines = finance.evaluate(LINES)
    assert len(set(lines)) == len(lines) >= 2


@pytest.mark.django_db(transaction=True)
def test_less_motion_is_no_motion(finance: Page) -> None:
    finance.goto("/")
    assert finance.evaluate(MOVING) == 0
    finance.emulate_media(reduced_motion="no-preference")
    assert finance.evaluate(MOVING) > 0
