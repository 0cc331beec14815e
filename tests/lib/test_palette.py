"""The bands can be read and told apart, in both themes, by everybody."""

from itertools import combinations

import pytest

from tests.lib.colour import VISIONS, contrast, distance, seen
from valueboard.lib.palette import LOOKS, SHEET, Look, Pattern, stylesheet

THEMES = ("light", "dark")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # from the data of Sharma, Wu and Dalal (2005)
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_ciede2000(
    one: tuple[float, float, float], other: tuple[float, float, float], expected: float
) -> None:
    assert distance(one, other) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.key)
def test_text_is_readable_on_its_fill_and_on_the_pattern_over_it(look: Look, theme: str) -> None:
    grounds = [look.fill]
    if look.ink and look.pattern is not Pattern.DOTTED:  # a dotted outline has no text on it
        grounds.append(look.ink)
    for ground in grounds:
        assert contrast(getattr(look.text, theme), getattr(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_bands_differ_for_every_colour_vision(vision: str, theme: str) -> None:
    for one, other in combinations(LOOKS, 2):
        apart = distance(
            seen(getattr(one.fill, theme), vision), seen(getattr(other.fill, theme), vision)
        )
        assert apart >= 10, f"{one.key} and {other.key}: {apart:.1f}"


def test_no_two_bands_share_a_glyph_or_a_name() -> None:
    for part in ("key", "label", "short", "glyph"):
        assert len({getattr(look, part) for look in LOOKS}) == len(LOOKS)


def test_the_outline_of_not_scored_stands_out() -> None:
    look = LOOKS[-1]
    assert look.key == "not_scored"
    assert look.ink is not None
    for theme in THEMES:
        assert contrast(getattr(look.ink, theme), getattr(look.fill, theme)) >= 3


def test_the_sheet_is_generated_from_the_palette() -> None:
    assert SHEET.read_text(encoding="utf-8") == stylesheet(), (
        "Run `python -m valueboard.lib.palette`."
    )
