"""The map as a string: well-formed, escaped, named by what it shows, true to its geometry."""

from decimal import Decimal
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.svg import map_svg
from valueboard.lib.tiles import Block, Section, draw

SVG = "{http://www.w3.org/2000/svg}"
HAIR = 0.002  # coordinates are printed to a thousandth
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
        rect = link.find(f"{SVG}rect[@class='tile-fill']")
        if rect is not None:
            x, y, width, height = (float(rect.attrib[n]) for n in ("x", "y", "width", "height"))
            found[link.attrib["data-key"]] = (x, y, width, height)
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
def test_every_link_is_named_by_what_it_shows(made: list[Section], frame: tuple[int, int]) -> None:
    for link in parsed(map_svg(draw(made, *frame), "All", ids=True)).iter(f"{SVG}a"):
        seen = [t.text or "" for t in link.iter(f"{SVG}text") if t.attrib["class"] != "tile-glyph"]
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
