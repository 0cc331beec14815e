"""What holds of every figure of a page: it leads to a panel that says and computes the same."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.test import Client

from tests.figures.pages import read
from tests.figures.panels import Panel, read_panel

FOLLOWED = 3  # of the figures that one panel lists: the first, one in the middle, the last
NEAR = {"%": Fraction(1, 10**9)}  # a share may have no end of digits
SCALES = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9}
COMPACT = re.compile(r"(−?)\$([\d.]+)([kMB]?)")


def says(text: str, panel: Panel) -> bool:
    """Tell whether a page shows what the panel says, in full or in few characters."""
    found = COMPACT.fullmatch(text)
    if text == panel.text or found is None:
        return text == panel.text
    sign, digits, scale = found.groups()
    amount = Fraction(f"{'-' if sign else ''}{digits}") * SCALES[scale]
    unit = Fraction(SCALES[scale], 10 ** len(digits.partition(".")[2]))
    return abs(amount - Fraction(panel.result)) <= unit / 2


@dataclass
class Checked:
    """The panels behind the figures of some pages, each asked for once."""

    client: Client
    panels: dict[str, Panel] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def text(self, address: str) -> str:
        """Return a page."""
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def panel(self, address: str) -> Panel:
        """Return the panel behind a figure, which computes to what it says."""
        if address not in self.panels:
            panel = self.panels[address] = read_panel(self.text(address), self.text)
            if abs(panel.computed() - Fraction(panel.result)) > NEAR.get(panel.unit, 0):
                self.wrong.append(f"{address}: {panel.result}, computed {panel.computed()}")
        return self.panels[address]

    def page(self, address: str, *exempt: str, least: int = 1) -> None:
        """Check a page, and what its figures lead to, down to the records."""
        shown = read(self.text(address), *exempt)
        self.wrong += [f"{address}: “{bare}” leads nowhere" for bare in shown.bare]
        assert len(shown.figures) >= least, f"{address} shows {len(shown.figures)} figures"
        for figure in shown.figures:
            panel = self.panel(figure.href)
            if not figure.is_note and not says(figure.text.removeprefix("+"), panel):
                said = f"the page says {figure.text}, its panel {panel.text}"
                self.wrong.append(f"{figure.href}: {said}")
        self.below([figure.href for figure in shown.figures])

    def below(self, addresses: Iterable[str]) -> None:
        """Follow what went in: each says the value that it was listed with."""
        seen, waiting = set[str](), list(addresses)
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            for value, lower in _some(self.panel(address).linked):
                said = Fraction(self.panel(lower).result)
                if said not in {Fraction(value), _cents(Fraction(value))}:
                    self.wrong.append(f"{address}: listed {value}, but {lower} says {said}")
                waiting.append(lower)


def panel_at(client: Client, address: str) -> Panel:
    """Return the panel behind a figure."""
    return Checked(client).panel(address)


def wrong_on(client: Client, *pages: str, exempt: Sequence[str] = (), least: int = 1) -> list[str]:
    """Return what is wrong on pages, and in every panel that their figures lead to."""
    checked = Checked(client)
    for page in pages:
        checked.page(page, *exempt, least=least)
    return checked.wrong


def _some(linked: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [linked[0], linked[len(linked) // 2], linked[-1]] if len(linked) > FOLLOWED else linked


def _cents(amount: Fraction) -> Fraction:
    return Fraction((amount * 200 + 1) // 2, 100)
