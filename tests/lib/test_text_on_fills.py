"""Text and marks on every fill of the sheets, in both themes: read from the sheets themselves."""

import re
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import pytest
from django.conf import settings

from tests.lib.colour import VISIONS, contrast, distance, seen

SHEETS = Path(settings.BASE_DIR) / "static/css"
THEMES = {"light": 0, "dark": 1}
TEXT, MARK, APART = 4.5, 3, 10  # WCAG 1.4.3, 1.4.11; CIEDE2000 as between the bands

PAIR = re.compile(r"light-dark\(\s*(#[0-9a-f]{3,6})\s*,\s*(#[0-9a-f]{3,6})\s*\)")
HEX = re.compile(r"#[0-9a-f]{3,6}\b")
TOKEN = re.compile(r"(--vb-[\w-]+):\s*([^;]+);")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
GROUNDS = ("ground", "surface", "raised", "tint")
NOTES = ("warning-tint", "error-tint", "revised-tint", "done-tint")


def full(colour: str) -> str:
    """Write `#fff` as `#ffffff`."""
    return "#" + "".join(2 * each for each in colour[1:]) if len(colour) == len("#fff") else colour


def shades(value: str) -> tuple[str, str] | None:
    """Return a colour as both themes show it; None for what is no colour of its own."""
    if name := re.search(r"var\((--vb-[\w-]+)\)", value):
        return TOKENS.get(name[1])
    if pair := PAIR.search(value):
        return full(pair[1]), full(pair[2])
    if plain := HEX.search(value):
        return full(plain[0]), full(plain[0])
    return None


TOKENS: dict[str, tuple[str, str]] = {}
for token, said in TOKEN.findall((SHEETS / "tokens.css").read_text()):
    if found := shades(said):
        TOKENS[token] = found


def of(token: str, theme: str) -> str:
    return TOKENS[f"--vb-{token}"][THEMES[theme]]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *product(("body", "strong-text", "muted", "accent", "accent-hover"), GROUNDS),
        *product(("body", "strong-text", "muted", "accent"), NOTES),
        *product(("error", "warning", "done", "revised"), GROUNDS),
        *((tint.removesuffix("-tint"), tint) for tint in NOTES),
        ("header-text", "header"),
        ("header-text", "header-pill"),
    ],
)
def test_text_is_readable_on_what_it_stands_on(text: str, ground: str, theme: str) -> None:
    assert contrast(of(text, theme), of(ground, theme)) >= TEXT


def filled(text: str) -> Iterator[tuple[str, tuple[str, str], tuple[str, str]]]:
    """Every rule that sets text and what it stands on, with both."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for selector, body in RULE.findall(text):
        said = dict(re.findall(r"(?:^|;)\s*(color|background(?:-color)?):\s*([^;]+)", body))
        ground = shades(said.get("background") or said.get("background-color") or "")
        colour = shades(said.get("color") or "")
        if ground and colour:
            yield selector.strip(), colour, ground


@pytest.mark.parametrize("path", sorted(SHEETS.glob("*.css")), ids=lambda path: path.name)
def test_every_rule_that_fills_can_be_read(path: Path) -> None:
    unread = [
        f"{selector} {theme}"
        for selector, colour, ground in filled(path.read_text())
        for theme, place in THEMES.items()
        if contrast(colour[place], ground[place]) < TEXT
    ]
    assert not unread


def test_rules_are_found_and_a_planted_one_is_too() -> None:
    count = sum(len(list(filled(path.read_text()))) for path in SHEETS.glob("*.css"))
    assert count > 15
    ((_, colour, ground),) = filled("p {\n  background: #fff;\n  color: #999;\n}")
    assert contrast(colour[0], ground[0]) < TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("mark", "ground"),
    [
        *product(("declared", "projected", "actual", "control-line", "focus"), ("surface",)),
        *product(("focus",), GROUNDS),
        *product(("error", "warning", "done", "revised", "accent"), GROUNDS),
    ],
)
def test_marks_stand_out_from_what_they_stand_on(mark: str, ground: str, theme: str) -> None:
    assert contrast(of(mark, theme), of(ground, theme)) >= MARK


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISIONS)
def test_kinds_of_figures_differ_in_charts_for_every_colour_vision(vision: str, theme: str) -> None:
    for one, other in combinations(("declared", "projected", "actual"), 2):
        apart = distance(seen(of(one, theme), vision), seen(of(other, theme), vision))
        assert apart >= APART, f"{one} and {other}: {apart:.1f}"


@pytest.mark.parametrize("theme", THEMES)
def test_a_meter_is_read_without_its_words(theme: str) -> None:
    parts: dict[str, str] = {}
    for selector, body in RULE.findall((SHEETS / "components.css").read_text()):
        match = re.search(r"\.meter \.(track|filled|mark)\s*$", selector)
        if match and (colour := shades(body)):
            parts[match[1]] = colour[THEMES[theme]]
    assert contrast(parts["filled"], parts["track"]) >= MARK
    assert contrast(parts["mark"], parts["track"]) >= MARK
