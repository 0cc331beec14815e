"""The look holds: one scale of type and space, the widest screens, forced colours, less motion."""

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
# What says the tokens, and what is written by or for somebody else.
ORIGINS = ("tokens.css", "palette.css", "plotly.css")
OURS = sorted(path.name for path in SHEETS.glob("*.css") if path.name not in ORIGINS)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# In the margins of paper no custom property counts.
MARGIN_BOX = re.compile(r"@bottom-\w+ \{[^}]*\}")
# A value outside the tokens, by what it sizes or paints. Paper is measured in millimetres.
BESIDE_THE_TOKENS = {
    "type": re.compile(r"font-size:(?!\s*var\(--vb-text-)[^;]*;"),
    "weight": re.compile(r"font-weight:(?!\s*var\(--vb-weight-)[^;]*;"),
    "space": re.compile(
        r"(?:\bgap|padding(?:-\w+)?|margin(?:-\w+)?):[^;]*?(?<![\w.-])\d*\.?\d+rem"
    ),
    "corner": re.compile(r"border-radius:[^;]*?(?<![\w.-])[1-9]\d*(?:px|rem)"),
    "colour": re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|\brgba?\(|\bhsl\(|light-dark\("),
}
# Rows of a tree are set in by their level, in steps of their own.
OWN_STEPS = ["padding-left: 3.75rem", "padding-left: 5rem"]


def rules(text: str) -> str:
    """Return a sheet without its comments and the margins of its sheets of paper."""
    return MARGIN_BOX.sub("", COMMENT.sub("", text))


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("of", BESIDE_THE_TOKENS)
def test_every_sheet_takes_its_values_from_the_tokens(name: str, of: str) -> None:
    found = BESIDE_THE_TOKENS[of].findall(rules((SHEETS / name).read_text()))
    assert [each for each in found if each not in OWN_STEPS] == []


@pytest.mark.parametrize(
    ("of", "rule"),
    [
        ("type", "font-size: 13px;"),
        ("weight", "font-weight: 650;"),
        ("space", "padding: 0 0.7rem"),
        ("corner", "border-radius: 0 4px 4px 0"),
        ("colour", "color: #fff;"),
        ("colour", "fill: light-dark(red, blue);"),
    ],
)
def test_a_planted_value_is_found(of: str, rule: str) -> None:
    assert BESIDE_THE_TOKENS[of].search(rule)


def test_values_by_token_are_let_through() -> None:
    rule = """#answer { padding: var(--vb-space-2) 0; font-size: var(--vb-text-sm);
        font-weight: var(--vb-weight-bold); border-radius: var(--vb-radius) 50%;
        color: var(--vb-muted); }"""
    assert not any(each.search(rule) for each in BESIDE_THE_TOKENS.values())


def test_every_token_is_used() -> None:
    text = "".join(path.read_text() for path in [*SHEETS.glob("*.css"), *SCRIPTS.glob("*.js")])
    tokens = re.findall(r"^ +(--vb-[\w-]+):", text, re.MULTILINE)
    assert {token for token in tokens if f"var({token})" not in text} <= READ_BY_SCRIPTS


SELECTOR = re.compile(r"([^{};]+)\{")
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
ATTRIBUTE = re.compile(r'(?:class|page_class)(?:="| %\})((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)')
STRING = re.compile(r'"([^"\n]*)"|`([^`]*)`')
WORD = re.compile(r"[\w-]+")
BASE = Path(settings.BASE_DIR)
SCRIPTS = BASE / "static/js"
# Tokens that a script reads by name, of the lines of charts.
READ_BY_SCRIPTS = {"--vb-declared", "--vb-projected", "--vb-actual"}
# Names that are put together with a value: of a band, a level, a field, a tone, a message.
PUT_TOGETHER = ("band-", "depth-", "of-", "is-accent", "is-success")


def said() -> set[str]:
    """Return every word that a template has in a class, and Python and JavaScript in a string."""
    words = set()
    for path in (BASE / "templates").rglob("*.html"):
        for each in ATTRIBUTE.findall(path.read_text()):
            words |= set(WORD.findall(each))
        for each in re.findall(r'="([\w -]+)"', path.read_text()):
            words |= set(each.split())
    tops = {path.parent for path in BASE.glob("*/__init__.py")} - {BASE / "tests"}
    for path in [*SCRIPTS.glob("*.js"), *(each for top in tops for each in top.rglob("*.py"))]:
        for each in STRING.findall(path.read_text()):
            words |= set(WORD.findall(" ".join(each)))
    return words


def unused(text: str, words: set[str]) -> set[str]:
    """Return the classes of a sheet that nothing says, nor puts together."""
    found = {name for each in SELECTOR.findall(rules(text)) for name in CLASS.findall(each)}
    return {each for each in found - words if not each.startswith(PUT_TOGETHER)}


def test_no_sheet_has_rules_for_what_no_page_has() -> None:
    words = said()
    assert unused(".of-a-page-long-gone, .long-gone { margin: 0; }", words) == {"long-gone"}
    assert {name: unused((SHEETS / name).read_text(), words) for name in OURS} == {
        name: set() for name in OURS
    }


# Sheets of the pages that alone have charts, or are printed as the board pack.
ALONE = {"plotly.css", "pack.css"}


def test_every_sheet_is_in_the_one_that_pages_wait_for() -> None:
    bundle = (BASE / "frontend/valueboard.css").read_text()
    bundled = set(re.findall(r"static/css/([\w-]+\.css)", bundle))
    assert {path.name for path in SHEETS.glob("*.css")} - bundled == ALONE


def test_what_pages_use_of_tabler_is_what_the_build_keeps_of_it() -> None:
    pages = [path.read_text() for path in (BASE / "templates").rglob("*.html")]
    names = {
        word for text in pages for each in ATTRIBUTE.findall(text) for word in WORD.findall(each)
    }
    sheet = (BASE / "node_modules/@tabler/core/dist/css/tabler.css").read_text()
    styled = {name for each in SELECTOR.findall(rules(sheet)) for name in CLASS.findall(each)}
    kept = re.search(r"new Set\(\s*`([^`]*)`", (BASE / "frontend/tabler.js").read_text())
    assert kept
    assert set(kept[1].split()) == names & styled


@pytest.fixture
def finance(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> Page:
    approve(cast.priya, submitted(cast))
    sign_in(cast.felix)
    return page


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
TIERS = """() => [...document.querySelectorAll(".tiers:has([aria-current]) li")].slice(0, 3).map(
    each => getComputedStyle(each).backgroundColor
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
    assert len(set(finance.evaluate(TIERS))) == 2
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
