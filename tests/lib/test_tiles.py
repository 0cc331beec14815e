"""Labels on the map: whole words, inside the tile, and part of the accessible name."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.tiles import Block, Drawing, Section, draw, fit, shortened, text_width
from valueboard.lib.treemap import Rect

NAMES = ["Contract review", "KYC document checks", "OCR", "Supercalifragilistic triage", "Éa ☃ b"]
FIGURE = "$386k · 7.22×"

sides = st.floats(0.5, 400)
names = st.one_of(
    st.sampled_from(NAMES), st.text(st.characters(categories=["L", "N", "Zs"]), max_size=40)
)


def block(key: str, size: int, name: str = "Contract review") -> Block:
    return Block(
        key=key,
        size=Decimal(size),
        name=name,
        figure=FIGURE,
        details="Legal. Strong Prospect.",
        band="strong",
        glyph="▲▲",
        pattern="",
        href=f"/workloads/{key}/",
    )


@given(name=names, width=sides, height=sides)
def test_a_label_shows_whole_words_in_order_or_none(name: str, width: float, height: float) -> None:
    lines = fit(name, FIGURE, "▲▲", Rect(0, 0, width, height))
    shown = " ".join(line.words for line in lines if line.css == "tile-name")
    assert shown in {"", " ".join(name.split())}
    figures = [line.words for line in lines if line.css == "tile-figure"]
    assert figures in ([], ["$386k"], [FIGURE])
    assert FIGURE.startswith("".join(figures))


@given(name=names, width=sides, height=sides)
def test_a_label_stays_inside_its_tile(name: str, width: float, height: float) -> None:
    for line in fit(name, FIGURE, "▲▲", Rect(0, 0, width, height)):
        assert float(line.x) >= 0
        assert float(line.x) + text_width(line.words, line.size) <= width + 0.01
        assert float(line.y) - line.size * 0.75 >= 0
        assert float(line.y) <= height


def test_with_less_and_less_room_the_multiple_goes_first_then_the_amount_then_the_name() -> None:
    def shown(width: float, height: float) -> list[str]:
        return [line.words for line in fit("Doc search", FIGURE, "▲", Rect(0, 0, width, height))]

    assert shown(180, 80) == ["▲", "Doc search", FIGURE]
    assert shown(70, 80) == ["▲", "Doc", "search", "$386k"]
    assert shown(180, 26) == ["▲", "Doc search"]
    assert shown(30, 30) == ["▲"]
    assert shown(8, 8) == []


@pytest.fixture
def drawing() -> Drawing:
    sections = [
        Section("legal", ["Legal"], ["$1M projected · $2k run-rate", "$1M"], [block("a", 900)]),
        Section(
            "ops",
            ["Group / Operations", "Operations"],
            ["$90k"],
            [block("b", 80, "Triage"), block("c", 1)],
        ),
        Section("tiny", ["Extraordinarily long-named Space"], [], [block("d", 1)]),
    ]
    return draw(sections, 1000, 500)


def test_the_accessible_name_begins_with_what_is_seen(drawing: Drawing) -> None:
    for tile in drawing.tiles:
        seen = " ".join(line.words for line in tile.lines if line.css != "tile-glyph")
        assert tile.label.startswith(seen)
        assert tile.label.endswith("Legal. Strong Prospect.")


def test_drawn_areas_are_in_proportion(drawing: Drawing) -> None:
    areas = {t.block.key: float(t.box.width) * float(t.box.height) for t in drawing.tiles}
    drawn = sum(areas.values())
    for tile in drawing.tiles:
        share = float(tile.block.size / Decimal(982))
        assert areas[tile.block.key] / drawn == pytest.approx(share, rel=0.005)


def test_a_heading_takes_the_longest_total_that_fits_and_no_cut_name(drawing: Drawing) -> None:
    words = [text.words for heading in drawing.headings for text in heading.lines]
    assert words[:2] == ["Legal", "$1M projected · $2k run-rate"]
    assert "Extraordinarily long-named Space" not in words
    narrow = draw(
        [Section("legal", ["Legal"], ["much, much too long", "$1M"], [block("a", 1)])], 90, 90
    )
    assert [text.words for heading in narrow.headings for text in heading.lines] == ["Legal", "$1M"]


def test_a_heading_is_named_by_what_is_seen_and_then_by_the_rest() -> None:
    names = shortened("Customer Support Europe")
    assert names == ["Customer Support Europe", "Customer Support …", "Customer …"]
    section = Section(
        "cs", names, ["$1M"], [block("a", 1)], "/?space=cs", "Customer Support Europe"
    )
    wide, narrow = draw([section], 400, 300).headings[0], draw([section], 122, 90).headings[0]
    assert wide.label == "Customer Support Europe $1M. Customer Support Europe"
    assert narrow.label == "Customer … $1M. Customer Support Europe"


def test_what_stands_for_many_comes_last_however_large_it_is() -> None:
    many = replace(block("many", 900, "40 smaller workloads"), last=True)
    drawn = draw([Section("s", ["S"], [], [many, block("a", 20), block("b", 30)])], 600, 300)
    assert [tile.block.key for tile in drawn.tiles] == ["b", "a", "many"]


def test_the_two_layouts_are_told_apart_by_their_shape() -> None:
    sections = [Section("legal", ["Legal"], [], [block("a", 1)])]
    assert draw(sections, 1000, 500).css == "is-wide"
    assert draw(sections, 340, 560).css == "is-narrow"


def test_a_map_without_rows_has_no_tiles() -> None:
    assert draw([], 1000, 500).tiles == []


def test_unknown_characters_count_as_wide() -> None:
    assert text_width("☃", 10) == 10
    assert text_width("i", 10) < text_width("W", 10)
