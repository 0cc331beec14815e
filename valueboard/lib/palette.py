"""What each Investment Prospect band looks like, in one place.

Blue to rust, never red against green, in arms of unequal lightness, so that greyscale still orders
them. Colour is never the only channel: every band has a glyph, and those that greyscale would
confuse have a pattern. `static/css/palette.css` is generated from here
(`python -m valueboard.lib.palette`); tests hold the contrasts and the distances.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SHEET = Path("static/css/palette.css")


class Pattern(StrEnum):
    """What lies over the fill."""

    NONE = ""
    HATCH = "hatch"  # thin lines, rising
    DIAGONAL = "diagonal"  # heavy lines, falling
    DOTTED = "dotted"  # no lines, a dotted outline


@dataclass(frozen=True, slots=True)
class Shade:
    """One colour in the light and in the dark theme, as `#rrggbb`."""

    light: str
    dark: str

    @property
    def css(self) -> str:
        """Return the colour as CSS, which follows the theme by itself."""
        return f"light-dark({self.light}, {self.dark})"


@dataclass(frozen=True, slots=True)
class Look:
    """One band: its names, its glyph, its colours, and the ink of its pattern."""

    key: str
    label: str
    short: str
    glyph: str
    fill: Shade
    text: Shade
    pattern: Pattern = Pattern.NONE
    ink: Shade | None = None


INK = Shade("#101828", "#ffffff")

LOOKS = (
    Look(
        "strong",
        "Strong Prospect",
        "Strong",
        "▲▲",
        fill=Shade("#0a4a73", "#8fd0ff"),
        text=Shade("#ffffff", "#0b1220"),
    ),
    Look(
        "solid",
        "Solid Prospect",
        "Solid",
        "▲",
        fill=Shade("#66a3cc", "#2a75a8"),
        text=INK,
    ),
    Look(
        "marginal",
        "Marginal Prospect",
        "Marginal",
        "●",
        fill=Shade("#f4e8c4", "#4d4636"),
        text=INK,
    ),
    Look(
        "thin",
        "Thin Prospect",
        "Thin",
        "▼",
        fill=Shade("#f2b467", "#a85d14"),
        text=INK,
    ),
    Look(
        "weak",
        "Weak Prospect",
        "Weak",
        "▼▼",
        fill=Shade("#b3430f", "#ff9a66"),
        text=Shade("#ffffff", "#0b1220"),
        pattern=Pattern.DIAGONAL,
        ink=Shade("#8f340a", "#de7d4a"),
    ),
    Look(
        "unbacked",
        "Unbacked",
        "Unbacked",
        "?",
        fill=Shade("#c9d0d9", "#364152"),
        text=INK,
        pattern=Pattern.HATCH,
        ink=Shade("#a6afbc", "#4d596c"),
    ),
    Look(
        "not_scored",
        "Not scored",
        "Not scored",
        "○",
        fill=Shade("#ffffff", "#0b1220"),
        text=INK,
        pattern=Pattern.DOTTED,
        ink=Shade("#516074", "#a9b6c8"),
    ),
)
LOOK_OF = {look.key: look for look in LOOKS}


def stylesheet() -> str:
    """Return the CSS: per band a class that sets `--fill`, `--text` and `--ink`."""
    rules = [
        "/* Generated from valueboard/lib/palette.py by `python -m valueboard.lib.palette`. */",
        "",
    ]
    for look in LOOKS:
        ink = look.ink or look.fill
        rules += [
            f".band-{look.key} {{",
            f"  --fill: {look.fill.css};",
            f"  --text: {look.text.css};",
            f"  --ink: {ink.css};",
            "}",
            "",
        ]
    return "\n".join(rules)


if __name__ == "__main__":
    SHEET.write_text(stylesheet(), encoding="utf-8")
    sys.stdout.write(f"{SHEET}\n")
