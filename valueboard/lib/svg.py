"""Writes a map as SVG: one string, built here, since a template per tile is what a page waits for.

What a browser takes its time for is elements, so a map has few. All fills of a band are one path,
and so are its patterns, its outlines and its glyphs, and all folded corners; a tile beyond that is
a link with the rectangle that can be pointed at, and the text that it has room for.

Everything that comes from people passes through `escape`. The space at the end of a line of text
keeps lines apart where they are read as one. Without attributes of style: the policy refuses them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString

from valueboard.lib.tiles import Box, Drawing, Heading, Text, Tile

# Glyphs as shapes, in thousandths of the type size, from where their text would begin: most are
# missing in the typeface of the page, and every tile has one.
_UP, _DOWN = "h720l-360-660z", "h720l-360 660z"
_ROUND = "c0-204 166-370 370-370s370 166 370 370-166 370-370 370-370-166-370-370z"
SHAPES = {
    "▲": f"m40 0{_UP}",
    "▲▲": f"m40 0{_UP}m800 0{_UP}",
    "●": f"m20-350{_ROUND}",
    "▼": f"m40-660{_DOWN}",
    "▼▼": f"m40-660{_DOWN}m800 0{_DOWN}",
    "?": "m39-534c0-120 98-203 228-203s228 83 228 195c0 110-60 150-130 195-45 33-60 50-60 106v19"
    "h-117v-30c0-96 30-130 95-172 45-29 86-50 86-108 0-60-45-93-101-93-60 0-102 36-104 91z"
    "m130 465c0-44 35-79 79-79s80 35 80 79-36 79-80 79-79-35-79-79z",
    # The inner circle runs the other way round, and so is a hole.
    "○": f"m20-350{_ROUND}"
    "m110 0c0 144 116 260 260 260s260-116 260-260-116-260-260-260-260 116-260 260z",
    "…": "m90-130h130v130h-130zm280 0h130v130h-130zm280 0h130v130h-130z",
}
_EM = 1000
_NUMBER = re.compile(r"-?\d+")


def map_svg(drawing: Drawing, title: str, *, ids: bool) -> SafeString:
    """Return a drawing as an `<svg>`, whose accessible name is `title`.

    With `ids` each tile has an address of its own, `#w-<key>`: so in one layout of a page only. In
    the others a tile is named by the one that has the address, since names are most of a map.
    """
    box = f"0 0 {drawing.width} {drawing.height}"
    parts = [f'<svg class="treemap {drawing.css}" viewBox="{box}" role="group"']
    parts.append(f' aria-label="{escape(title)}" focusable="false"><g aria-hidden="true">')
    parts += _painted(drawing.tiles)
    parts.append("</g>")
    for heading, tiles in drawing.parts:
        if heading:
            parts += _heading(heading)
        for tile in tiles:
            parts += _tile(tile, ids=ids)
    parts.append("</svg>")
    return SafeString("".join(parts))


def _painted(tiles: Iterable[Tile]) -> Iterable[str]:
    """Yield what is seen of all tiles but their words, each layer above those before it."""
    layers = [defaultdict[str, list[str]](list) for _ in range(5)]
    fills, patterns, outlines, folds, glyphs = layers
    for tile in tiles:
        band = f"band-{tile.block.band}"
        fills[f'class="tile-fill {band}"'].append(tile.fill)
        if tile.outline:
            outlines[f'class="tile-outline {band}"'].append(tile.outline)
        elif tile.block.pattern:
            ink = f"{tile.block.pattern}-{tile.block.band}"
            patterns[f'fill="url(#{ink})"'].append(tile.fill)
        if tile.fold:
            folds['class="tile-fold"'].append(tile.fold)
        glyphs[f'class="tile-glyph {band}"'] += [
            f"M{line.x} {line.y}{shape(line.words, line.size)}"
            for line in tile.lines
            if line.css == "tile-glyph"
        ]
    for layer in layers:
        for attributes, paths in layer.items():
            if paths:
                yield f'<path {attributes} d="{"".join(paths)}"/>'


@lru_cache
def shape(glyph: str, size: float) -> str:
    """Return a glyph of that type size as a path, from where its text would begin."""
    return _NUMBER.sub(lambda found: f"{int(found[0]) * size / _EM:.4g}", SHAPES[glyph])


def _heading(heading: Heading) -> Iterable[str]:
    if heading.href:
        yield (
            f'<a class="group" href="{escape(heading.href)}" '
            f'aria-label="{escape(heading.label)}">{_rect(heading.box)}'
        )
    yield from map(_text, heading.lines)
    if heading.href:
        yield "</a>"


def _tile(tile: Tile, *, ids: bool) -> Iterable[str]:
    """Yield the link; it wears the colours of its band where it has words."""
    block = tile.block
    key = escape(block.key)
    words = [line for line in tile.lines if line.css != "tile-glyph"]
    address = f'id="w-{key}" ' if ids else ""
    band = f'class="band-{block.band}" ' if words else ""
    named = f'aria-label="{escape(tile.label)}"' if ids else f'aria-labelledby="w-{key}"'
    yield f'<a {address}{band}href="{escape(block.href)}" {named} data-key="{key}">'
    yield _rect(tile.box)
    yield from map(_text, words)
    yield "</a>"


def _rect(box: Box) -> str:
    return f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"/>'


def _text(text: Text) -> str:
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    return (
        f'<text class="{text.css}" font-size="{text.size}" x="{text.x}" y="{text.y}"{anchor}>'
        f"{escape(text.words)} </text>"
    )
