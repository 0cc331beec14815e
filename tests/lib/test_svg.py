"""The map as a string: well-formed, escaped, named by what it shows, true to its geometry."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.palette import LOOKS
from valueboard.lib.svg import SHAPES, map_svg, shape
from valueboard.lib.tiles import Block, Section, draw

SVG = "{http://www.w3.org/2000/svg}"
HAIR = 0.002  # coordinates are printed to a thousandth
RIM = 0.75  # what a fill leaves free on each side, but for a tile that would be all rim
# A fill: with sharp corners, or with rounded ones of two units each.
SHARP = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)H[\d.]+z")
ROUNDED = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)a2 2 0 0 1 2 2v([\d.]+)a[^z]*z")
FRAMES = st.sampled_from([(1000, 500), (340, 560)])

words = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=9)
names = st.lists(words, min_size=1, max_size=5).map(" ".join)
sizes = st.decimals("0.01", "1e9", places=2)


@st.composite
def sections(draws: st.DrawFn) -> list[Section]:
    """Spaces of workloads with any names, the last of which may stand for many."""
    made = []
    for number in range(draws(st.integers(1, 5))):
        blocks = [
            Block(
                key=f"w{number}-{item}",
                size=draws(sizes),
                name=draws(names),
                figure="$386k · 7.22×",
                details=draws(names),
                band="weak",
                glyph="▼▼",
                pattern=draws(st.sampled_from(["", "diagonal", "dotted"])),
                href=f"/workloads/w{number}-{item}/?a=1&b=2",
                revised=draws(st.booleans()),
            )
            for item in range(draws(st.integers(1, 12)))
        ]
        blocks.append(
            Block(
                f"smaller-{number}",
                draws(sizes),
                "42 smaller workloads",
                "$31k",
                "",
                "smaller",
                "…",
                "",
                "/?smaller=x",
                last=True,
            )
        )
        made.append(Section(f"s{number}", [draws(names)], ["$1M"], blocks, "/?space=s", "Open it"))
    return made


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


def boxes(svg: ET.Element) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for link in svg.iter(f"{SVG}a"):
        rect = link.find(f"{SVG}rect")
        if rect is not None and "data-key" in link.attrib:
            x, y, width, height = (float(rect.attrib[n]) for n in ("x", "y", "width", "height"))
            found[link.attrib["data-key"]] = (x, y, width, height)
    return found


def painted(svg: ET.Element) -> dict[str, set[tuple[float, float, float, float]]]:
    """The rectangles that are filled, by band."""
    found: dict[str, set[tuple[float, float, float, float]]] = {}
    for path in svg.iter(f"{SVG}path"):
        css, _, band = path.attrib.get("class", "").partition(" band-")
        if css != "tile-fill":
            continue
        sharp = [[float(n) for n in each] for each in SHARP.findall(path.attrib["d"])]
        rounded = [[float(n) for n in each] for each in ROUNDED.findall(path.attrib["d"])]
        assert len(sharp) + len(rounded) == path.attrib["d"].count("M")
        boxes = [(x, y, w, h) for x, y, w, h in sharp]
        boxes += [(x - 2, y, w + 4, h + 4) for x, y, w, h in rounded]
        found[band] = {(round(x, 2), round(y, 2), round(w, 2), round(h, 2)) for x, y, w, h in boxes}
    return found


@given(made=sections(), frame=FRAMES)
def test_what_is_written_keeps_shares_and_bounds(
    made: list[Section], frame: tuple[int, int]
) -> None:
    drawn = boxes(parsed(map_svg(draw(made, *frame), "All", ids=True)))
    shares = {block.key: block.size for section in made for block in section.blocks}
    assert set(drawn) == set(shares)
    whole, area = sum(shares.values()), sum(w * h for _, _, w, h in drawn.values())
    for key, (x, y, width, height) in drawn.items():
        assert min(x, y) >= -HAIR
        assert x + width <= frame[0] + HAIR
        assert y + height <= frame[1] + HAIR
        # A hair's error of each side, on top of half a per cent.
        share = float(shares[key] / whole) * area
        assert abs(width * height - share) <= share * 0.005 + HAIR * (width + height)


@given(made=sections(), frame=FRAMES)
def test_each_band_paints_its_tiles_where_their_links_are(
    made: list[Section], frame: tuple[int, int]
) -> None:
    tree = parsed(map_svg(draw(made, *frame), "All", ids=True))
    bands = {block.key: block.band for section in made for block in section.blocks}
    drawn, links = painted(tree), boxes(tree)
    assert sum(map(len, drawn.values())) <= len(links)
    for key, (x, y, width, height) in links.items():
        rim = min(RIM, width / 4, height / 4)
        inner = (x + rim, y + rim, width - 2 * rim, height - 2 * rim)
        assert any(
            all(abs(a - b) <= 0.02 for a, b in zip(inner, each, strict=True))
            for each in drawn[bands[key]]
        )


def test_every_glyph_has_a_shape_of_the_size_that_is_asked_for() -> None:
    assert {look.glyph for look in LOOKS} | {"…"} == set(SHAPES)
    assert shape("▲▲", 10) == "m0.4 0h7.2l-3.6-6.6zm8 0h7.2l-3.6-6.6z"


@given(made=sections(), frame=FRAMES)
def test_every_link_is_named_by_what_it_shows(made: list[Section], frame: tuple[int, int]) -> None:
    for link in parsed(map_svg(draw(made, *frame), "All", ids=True)).iter(f"{SVG}a"):
        seen = [t.text or "" for t in link.iter(f"{SVG}text")]
        shown = " ".join("".join(seen).split())
        assert " ".join(link.attrib["aria-label"].split()).startswith(shown)


@given(made=sections())
def test_the_order_of_the_rows_changes_nothing(made: list[Section]) -> None:
    turned = [
        Section(s.key, s.names, s.totals, s.blocks[::-1], s.href, s.details) for s in made[::-1]
    ]
    first = map_svg(draw(made, 1000, 500), "All", ids=True)
    assert map_svg(draw(turned, 1000, 500), "All", ids=True) == first


def test_names_are_text_and_addresses_stand_once() -> None:
    nasty = Block('"><x', Decimal(1), "<b>'\"&", "$1", "<i>", "strong", "▲▲", "", "/?a=1&b=\"'")
    made = [Section("s", ["<u>"], ["&"], [nasty], '/?s="', "<p>")]
    for ids in (True, False):
        svg = map_svg(draw(made, 1000, 500), "<title>", ids=ids)
        tree = parsed(svg)
        assert {element.tag.removeprefix(SVG) for element in tree.iter()} == {
            "svg",
            "g",
            "path",
            "a",
            "rect",
            "text",
        }
        tile = tree.findall(f"{SVG}a")[1].attrib
        assert ("id" in tile) is ids
        # Its name stands once as well, where the address is.
        assert ("aria-label" in tile) is ids
        assert tile.get("aria-labelledby") == (None if ids else f"w-{nasty.key}")
        assert "style=" not in svg
