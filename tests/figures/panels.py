"""Reading a panel, as it is sent, and computing its figure again with the independent model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from html.parser import HTMLParser

from tests.model.explained import FORMULAS, Inputs


@dataclass
class Panel:
    """What a panel says: formula, result, and what went in."""

    formula: str = ""
    result: str = ""
    unit: str = ""
    text: str = ""
    single: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    more: str = ""
    # The figures that went in which have a panel of their own: value and address.
    linked: list[tuple[str, str]] = field(default_factory=list)

    def computed(self) -> Fraction:
        """Return the figure as the independent model computes it."""
        return FORMULAS[self.formula](Inputs(self.single, self.rows))


class _Reading(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.panel = Panel()
        self.table = self.href = self.into = ""
        begin = html.index('<section class="made"')
        self.feed(html[begin : html.index("</section>", begin)])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            self.table = given["data-symbol"]
            self.panel.rows[self.table] = []
        elif tag == "tr" and self.table:
            self.panel.rows[self.table].append({})
        elif tag == "a":
            self.href = given["href"]
            if "data-more" in given:
                self.panel.more = self.href
        elif tag == "code" and "data-formula" in given:
            self.into = "formula"
        elif tag == "data" and "data-symbol" in given:
            into = self.panel.rows[self.table][-1] if self.table else self.panel.single
            into[given["data-symbol"]] = given["value"]
            if self.href.startswith("/figures/"):
                self.panel.linked.append((given["value"], self.href))
        elif tag == "data":
            self.panel.result, self.panel.unit = given["value"], given["data-unit"]
            self.into = "text"

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            rows = self.panel.rows[self.table]
            self.panel.rows[self.table], self.table = [row for row in rows if row], ""
        elif tag == "a":
            self.href = ""
        elif tag in {"code", "data"}:
            self.into = ""

    def handle_data(self, data: str) -> None:
        if self.into:
            setattr(self.panel, self.into, getattr(self.panel, self.into) + data.strip())


def read_panel(html: str, fetch: Callable[[str], str] | None = None) -> Panel:
    """Return what a panel says; `fetch` gets the further pages of its rows."""
    panel = _Reading(html).panel
    following = panel
    while following.more and fetch:
        following = _Reading(fetch(following.more)).panel
        for symbol, rows in following.rows.items():
            panel.rows[symbol].extend(rows)
        panel.linked.extend(following.linked)
    return panel
