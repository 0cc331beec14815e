"""The map as it is drawn: tiles with labels that fit, ready to be written as SVG.

A word is never cut: a label wraps between words, then loses its figure, then leaves only the glyph.
The accessible name of a tile begins with the text it may show (WCAG 2.5.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from valueboard.lib.treemap import PlacedGroup, Rect, treemap

HEADER = 21.0
GAP = 4.0
PAD = 8.0
GLYPH_GAP = 5.0
FOLD = 13.0
CORNER = 2.0
SEAM = 0.75  # each side's half. Strokes in its place took an eighth of the way to a painted map.
OUTLINE_INSET = 3.0

# Advance widths of Inter at weight 600, in thousandths of the type size, rounded up; characters by
# width. Others count as a full em, so that an unknown script takes too much room rather than too
# little.
_WIDTHS = {
    280: " Iijlíî",
    320: ",.:·",
    360: "!';`t|",
    400: "()/[\\]fr",
    480: "-_{}",
    520: "^–",
    560: '"*?s',
    600: "FJLacekvxyzàáâäåçèéê",
    640: "EbdghnopquÉñóôöøúûü",
    680: "0123456789#$&+<=>BPRSTZ~×ß",
    720: "KXY",
    760: "ACDGHNUVÄÜ",
    800: "OQÖ●○",
    840: "w",
    920: "mæ",
    960: "M…",
    1000: "@—▲▼",
    1040: "%W",
}
_WIDTH_OF = {character: width for width, string in _WIDTHS.items() for character in string}
_EM = 1000


@dataclass(frozen=True, slots=True)
class Block:
    """One tile: a workload, or all that are too small to be drawn one by one.

    `size` decides the area, `figure` stands below the name ("$386k · 7.22×"), `details` completes
    the accessible name. A `revised` tile wears a folded corner; a `last` one comes after all others
    of its Space, however large it is.
    """

    key: str
    size: Decimal
    name: str
    figure: str
    details: str
    band: str
    glyph: str
    pattern: str
    href: str
    revised: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One Space on the map; of `names` and `totals`, ever shorter, the first that fits is shown.

    With `href` its heading is a link, whose accessible name `details` completes.
    """

    key: str
    names: Sequence[str]
    totals: Sequence[str]
    blocks: Sequence[Block]
    href: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; x and y of its baseline, x of its start or end."""

    css: str
    size: float
    x: str
    y: str
    words: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as attributes of SVG."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its block, place, lines and accessible name.

    `fill`, `outline` and `fold` are paths, half a seam and more within the box; the last two are
    empty where a tile has none.
    """

    block: Block
    box: Box
    fill: str
    outline: str
    fold: str
    lines: Sequence[Text]
    label: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The name and total above a Space; a link from anywhere within `box` where `href` is."""

    key: str
    box: Box
    lines: Sequence[Text]
    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole map of `width` × `height`: names and totals of the Spaces, and the tiles."""

    width: int
    height: int
    parts: Sequence[tuple[Heading | None, Sequence[Tile]]]

    @property
    def css(self) -> str:
        """Return the class by which the sheet shows the layout that suits the screen."""
        return "is-wide" if self.width > self.height else "is-narrow"

    @property
    def tiles(self) -> list[Tile]:
        """Return the tiles of all Spaces."""
        return [tile for _, tiles in self.parts for tile in tiles]

    @property
    def headings(self) -> list[Heading]:
        """Return the headings that found room."""
        return [heading for heading, _ in self.parts if heading]


@dataclass(frozen=True, slots=True)
class _Type:
    """A pair of type sizes, for the name and for what stands below it."""

    name: float
    figure: float

    @property
    def line(self) -> float:
        return self.name * 1.2

    @property
    def figure_line(self) -> float:
        return self.figure * 1.35


_LARGE = _Type(15, 13)
_NORMAL = _Type(12.5, 11.5)
_SMALL = _Type(11, 10.5)
_LARGE_FROM = Rect(0, 0, 190, 90)


def text_width(text: str, size: float) -> float:
    """Return how wide `text` is at most, set in Inter of that size."""
    return _ems(text) * size / _EM


@lru_cache(maxsize=8192)
def _ems(text: str) -> int:
    """Return the width of `text` in thousandths of its size; a map asks for each many times."""
    return sum(_WIDTH_OF.get(character, _EM) for character in text)


def draw(sections: Iterable[Section], width: int, height: int) -> Drawing:
    """Lay out and label a map. Blocks have positive sizes; the caller names those of size 0."""
    by_key = {section.key: section for section in sections}
    sizes = {
        key: {block.key: block.size for block in section.blocks} for key, section in by_key.items()
    }
    last = {block.key for section in by_key.values() for block in section.blocks if block.last}
    placed = treemap(sizes, width, height, header=HEADER, gap=GAP, last=last)
    return Drawing(
        width,
        height,
        [
            (_heading(by_key[group.key], group), _tiles(by_key[group.key], group))
            for group in placed
        ],
    )


def _tiles(section: Section, group: PlacedGroup) -> list[Tile]:
    by_key: Mapping[str, Block] = {block.key: block for block in section.blocks}
    return [_tile(by_key[key], rect) for key, rect in group.items.items()]


def _tile(block: Block, rect: Rect) -> Tile:
    return Tile(
        block,
        _box(rect),
        fill=_rounded(_inside(rect, SEAM)),
        outline=_rounded(_inside(rect, OUTLINE_INSET)) if block.pattern == "dotted" else "",
        fold=_fold(_inside(rect, SEAM)) if block.revised else "",
        lines=fit(block.name, block.figure, block.glyph, rect),
        label=_said(f"{block.name} {block.figure}", block.details),
    )


def _inside(rect: Rect, by: float) -> Rect:
    """Return the rectangle without a rim, which takes at most half of it either way."""
    inset = min(by, rect.width / 4, rect.height / 4)
    return Rect(rect.x + inset, rect.y + inset, rect.width - 2 * inset, rect.height - 2 * inset)


def _rounded(rect: Rect) -> str:
    """Return a rectangle with rounded corners; with sharp ones where it is too small for them."""
    x, y, width, height = _n(rect.x), _n(rect.y), _n(rect.width), _n(rect.height)
    if min(rect.width, rect.height) < 3 * CORNER:
        return f"M{x} {y}h{width}v{height}H{x}z"
    wide, high, r = rect.width - 2 * CORNER, rect.height - 2 * CORNER, _n(CORNER)
    right, down, left, up = _n(wide), _n(high), _n(-wide), _n(-high)
    return (
        f"M{_n(rect.x + CORNER)} {y}h{right}a{r} {r} 0 0 1 {r} {r}v{down}a{r} {r} 0 0 1-{r} {r}"
        f"h{left}a{r} {r} 0 0 1-{r}-{r}v{up}a{r} {r} 0 0 1 {r}-{r}z"
    )


def _fold(rect: Rect) -> str:
    """Return the lower right corner, folded; smaller on small tiles."""
    side = min(FOLD, rect.width / 2, rect.height / 2)
    x, y = rect.x + rect.width, rect.y + rect.height
    return f"M{_n(x)} {_n(y - side)}V{_n(y)}H{_n(x - side)}Z"


def fit(name: str, figure: str, glyph: str, rect: Rect) -> list[Text]:
    """Return the lines that fit into `rect`: glyph, name and figure, or fewer, or none."""
    longest = max((_ems(word) for word in name.split()), default=0)
    if longest * _SMALL.name > rect.width * _EM or rect.height < _SMALL.name:
        return _glyph_only(glyph, rect)  # as most tiles of a large map
    large = rect.width >= _LARGE_FROM.width and rect.height >= _LARGE_FROM.height
    types = (_LARGE, _NORMAL, _SMALL) if large else (_NORMAL, _SMALL)
    # The amount alone is a beginning of the figure, so the name still begins with what is seen.
    for shown in (figure, figure.split(" · ", maxsplit=1)[0], ""):
        for sizes in types:
            lines = _label(name, shown, glyph, rect, sizes)
            if lines:
                return lines
    return _glyph_only(glyph, rect)


def _label(name: str, figure: str, glyph: str, rect: Rect, sizes: _Type) -> list[Text]:
    pad = min(PAD, rect.width * 0.08, rect.height * 0.1)
    room = rect.width - 2 * pad
    indent = text_width(glyph, sizes.figure) + GLYPH_GAP
    # The glyph stands before the name, or above it where the first word is long.
    for first_indent in (indent, 0.0):
        words = _wrap(name, sizes.name, room, first_indent)
        widest = max(text_width(text, sizes.figure) for text in (glyph, figure))
        if not words or widest > room:
            continue
        y = rect.y + pad + sizes.name
        lines = [Text("tile-glyph", sizes.figure, _n(rect.x + pad), _n(y), glyph)]
        if not first_indent:
            y += sizes.line
        for count, line in enumerate(words):
            x = rect.x + pad + (first_indent if count == 0 else 0)
            lines.append(Text("tile-name", sizes.name, _n(x), _n(y), line))
            y += sizes.line
        bottom = y - sizes.line + sizes.name * 0.25
        if figure:
            y = y - sizes.line + sizes.figure_line + 1
            lines.append(Text("tile-figure", sizes.figure, _n(rect.x + pad), _n(y), figure))
            bottom = y + sizes.figure * 0.25
        if bottom <= rect.y + rect.height - pad / 2:
            return lines
    return []


def _wrap(text: str, size: float, room: float, first_indent: float) -> list[str]:
    """Break `text` between words into lines; nothing if a word is longer than its line."""
    lines: list[str] = []
    space, taken = text_width(" ", size), 0.0
    for word in text.split():
        width = text_width(word, size)
        if lines and taken + space + width <= room:
            lines[-1] = f"{lines[-1]} {word}"
            taken += space + width
        else:
            taken = width + (0.0 if lines else first_indent)
            if taken > room:
                return []
            lines.append(word)
    return lines


def _glyph_only(glyph: str, rect: Rect) -> list[Text]:
    size = _NORMAL.figure
    width = text_width(glyph, size)
    if width + 4 > rect.width or size + 4 > rect.height:
        return []
    x = rect.x + min(PAD, (rect.width - width) / 2)
    y = rect.y + min(PAD + size, (rect.height + size * 0.75) / 2)
    return [Text("tile-glyph", size, _n(x), _n(y), glyph)]


def _heading(section: Section, group: PlacedGroup) -> Heading | None:
    """Return what stands above a Space; nothing where the frame had no room for it."""
    if group.inner.y == group.rect.y:
        return None
    size, total_size = 12.0, 11.5
    left, right = group.inner.x + 1, group.inner.x + group.inner.width - 1
    y = _n(group.inner.y - 6)
    room = right - left
    name = next((name for name in section.names if text_width(name, size) <= room), None)
    if name is None:
        return None
    lines = [Text("group-name", size, _n(left), y, name)]
    room -= text_width(name, size) + 12
    total = next((t for t in section.totals if text_width(t, total_size) <= room), None)
    if total is not None:
        lines.append(Text("group-total", total_size, _n(right), y, total, anchor="end"))
    strip = Rect(group.inner.x, group.inner.y - HEADER, group.inner.width, HEADER)
    seen = " ".join(line.words for line in lines)
    return Heading(section.key, _box(strip), lines, section.href, _said(seen, section.details))


def _said(seen: str, details: str) -> str:
    """Return an accessible name: what is seen comes first, the rest completes it."""
    return f"{seen}. {details}" if details else seen


def shortened(name: str) -> list[str]:
    """Return a name, then ever fewer of its words, for where it must be short."""
    words = name.split()
    return [name, *(f"{' '.join(words[:count])} …" for count in range(len(words) - 1, 0, -1))]


def _box(rect: Rect) -> Box:
    return Box(_n(rect.x), _n(rect.y), _n(rect.width), _n(rect.height))


def _n(number: float) -> str:
    """Print a coordinate to a thousandth of a pixel, whatever the locale."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
