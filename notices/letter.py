r"""From the text of a message to what a mail shows; knows no Django.

HTML is made from the very text that the plain part carries, so that the two can't disagree. The
text follows one custom: paragraphs with blank lines between them, `label: figure` lines, and for a
link to the product a line of words and, below it, the address alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SUBJECT_LENGTH = 150
# What may follow the address of the product in a link: never a second slash, which would lead out.
_PATH = re.compile(r"/(?![/\\])\S*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: words, `label` with a figure, or words that link to `href`."""

    text: str
    label: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One message in a mail: headed where the mail holds several."""

    text: str
    paragraphs: Sequence[Sequence[Line]]
    title: str = ""
    written: str = ""


def section(text: str, base_url: str, title: str = "", written: str = "") -> Section:
    """Return a message's text with its paragraphs; `base_url` has no slash at its end."""
    text = tidy(text)
    paragraphs = [
        _lines([line.strip() for line in paragraph.splitlines()], base_url)
        for paragraph in text.split("\n\n")
    ]
    return Section(text, paragraphs, title, written)


def tidy(text: str) -> str:
    """Return a text with single blank lines between its paragraphs and none around it."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def link_in(text: str, base_url: str) -> str:
    """Return the path of the last link to the product in a text; empty for none.

    The last, since templates end with theirs, after what people wrote.
    """
    paths = [_path(line.strip(), base_url) for line in text.splitlines()]
    return next((path for path in reversed(paths) if path), "")


def plain_text(greeting: str, sections: Sequence[Section], footer: Sequence[str]) -> str:
    """Return the plain part of a mail."""
    blocks = [greeting]
    for each in sections:
        if each.title:
            blocks.append("-" * 70)
            blocks.append(f"{each.title}\n{each.written}")
        blocks.append(each.text)
    return "\n\n".join([*blocks, "\n".join(["-- ", *footer])]) + "\n"


def one_line(text: str, length: int = SUBJECT_LENGTH) -> str:
    """Return a text on one line and without control characters, cut at a word where it is long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) <= length:
        return text
    cut = text[:length]
    words = cut.rpartition(" ")[0] or cut[: length - 1]
    return words.rstrip(" ,;:–-") + "…"


def _path(line: str, base_url: str) -> str:
    if not line.startswith(f"{base_url}/"):
        return ""
    path = line.removeprefix(base_url)
    return path if _PATH.fullmatch(path) else ""


def _lines(lines: Sequence[str], base_url: str) -> list[Line]:
    made: list[Line] = []
    for line in lines:
        label, colon, value = line.rpartition(": ")
        if _path(line, base_url):
            # The words above the address are what one follows.
            above = made.pop() if made and not made[-1].href else Line(line)
            words = f"{above.label}: {above.text}" if above.label else above.text
            made.append(Line(words.rstrip(":"), href=line))
        elif colon and len(lines) > 1:
            made.append(Line(value, label=label))
        else:
            made.append(Line(line))
    return made
