"""Reading pages as a person does: figures that lead somewhere, and amounts that lead nowhere."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Money, a percentage or a multiple: what no page shows without saying how it is made.
AMOUNT = re.compile(r"[$€£]\s?\d|\d\s?%|\d\s?×|\bUSD\s\d")
LEADING = {"figure", "figure-note"}
NEITHER = {"script", "style", "template", "noscript"}
VOID = {"input", "br", "img", "link", "meta", "hr", "path", "rect", "use", "line", "circle"}


@dataclass
class Node:
    """An element with its parents, as far as the rule asks."""

    tag: str
    attributes: dict[str, str | None]

    @property
    def classes(self) -> set[str]:
        """The classes."""
        return set((self.attributes.get("class") or "").split())


@dataclass
class Shown:
    """A figure of a page: what it says, and where it leads."""

    text: str
    href: str
    kind: str
    is_note: bool = False  # words with amounts in them


@dataclass
class Page:
    """What a page shows in its main part."""

    figures: list[Shown] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)


class Reading(HTMLParser):
    """Reads <main>, or the whole of a fragment without one."""

    def __init__(self, html: str, exempt: tuple[str, ...] = ()) -> None:
        """Read; `exempt` are classes whose amounts are somebody's words, by name."""
        super().__init__(convert_charrefs=True)
        self.page, self.exempt = Page(), set(exempt)
        self.inside: list[Node] = []
        self.begun = "<main" not in html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go in."""
        self.begun = self.begun or tag == "main"
        if tag in VOID:
            return
        node = Node(tag, dict(attrs))
        self.inside.append(node)
        if self._leads(node) and self.begun:
            href, kind = node.attributes["href"] or "", node.attributes.get("data-kind") or ""
            self.page.figures.append(Shown("", href, kind, "figure-note" in node.classes))

    def handle_endtag(self, tag: str) -> None:
        """Go out, as far as the element that ends."""
        if tag == "main":
            self.begun = False
        for place in range(len(self.inside) - 1, -1, -1):
            if self.inside[place].tag == tag:
                del self.inside[place:]
                return

    def handle_data(self, data: str) -> None:
        """Read text."""
        if not self.begun or any(node.tag in NEITHER for node in self.inside):
            return
        if any(self._leads(node) for node in self.inside):
            self.page.figures[-1].text += data
        elif AMOUNT.search(data) and not any(self._typed(node) for node in self.inside):
            self.page.bare.append(" ".join(data.split()))

    def _leads(self, node: Node) -> bool:
        href = node.attributes.get("href") or ""
        return node.tag == "a" and bool(LEADING & node.classes) and href.startswith("/figures/?")

    def _typed(self, node: Node) -> bool:
        return "data-typed" in node.attributes or bool(node.classes & self.exempt)


def read(html: str, *exempt: str) -> Page:
    """Return the figures of a page, and the amounts that lead nowhere."""
    page = Reading(html, exempt).page
    for shown in page.figures:
        shown.text = " ".join(shown.text.split())
    return page
