"""Writes a map as SVG: one string, built here, since a template per tile is what a page waits for.

Everything that comes from people passes through `escape`. The space at the end of a line of text
keeps lines apart where they are read as one. Without attributes of style: the policy refuses them.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString

from valueboard.lib.tiles import Box, Drawing, Heading, Text, Tile


def map_svg(drawing: Drawing, title: str, *, ids: bool) -> SafeString:
    """Return a drawing as an `<svg>`, whose accessible name is `title`.

    With `ids` each tile has an address of its own, `#w-<key>`: so in one layout of a page only. In
    the others a tile is named by the one that has the address, since names are most of a map.
    """
    box = f"0 0 {drawing.width} {drawing.height}"
    parts = [f'<svg class="treemap {drawing.css}" viewBox="{box}" role="group"']
    parts.append(f' aria-label="{escape(title)}" focusable="false">')
    for heading, tiles in drawing.parts:
        if heading:
            parts += _heading(heading)
        for tile in tiles:
            parts += _tile(tile, ids=ids)
    parts.append("</svg>")
    return SafeString("".join(parts))


def _heading(heading: Heading) -> Iterable[str]:
    if heading.href:
        yield (
            f'<a class="group" href="{escape(heading.href)}" '
            f'aria-label="{escape(heading.label)}">{_rect("group-strip", heading.box)}'
        )
    yield from map(_text, heading.lines)
    if heading.href:
        yield "</a>"


def _tile(tile: Tile, *, ids: bool) -> Iterable[str]:
    block = tile.block
    key = escape(block.key)
    named = f'aria-label="{escape(tile.label)}"' if ids else f'aria-labelledby="w-{key}"'
    yield (
        f'<a {f"""id="w-{key}" """ if ids else ""}class="band-{block.band}" '
        f'href="{escape(block.href)}" {named} data-key="{key}">'
        f"{_rect('tile-fill', tile.box)}"
    )
    if block.pattern == "dotted":
        yield _rect("tile-outline", tile.outline)
    elif block.pattern:
        yield _rect("tile-pattern", tile.box, f' fill="url(#{block.pattern}-{block.band})"')
    if tile.fold:
        yield f'<path class="tile-fold" d="{tile.fold}"/>'
    yield from map(_text, tile.lines)
    yield "</a>"


def _rect(css: str, box: Box, more: str = "") -> str:
    return (
        f'<rect class="{css}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="2"{more}/>'
    )


def _text(text: Text) -> str:
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    return (
        f'<text class="{text.css}" font-size="{text.size}" x="{text.x}" y="{text.y}"{anchor}>'
        f"{escape(text.words)} </text>"
    )
