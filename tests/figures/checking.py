"""What holds of every figure of a page: it leads to a panel that says and computes the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.test import Client

from tests.figures.pages import read
from tests.figures.panels import Panel, read_panel

FOLLOWED = 3  # of the figures that one panel lists: the first, one in the middle, the last


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
            if panel.computed() != Fraction(panel.result):
                self.wrong.append(f"{address}: {panel.result}, computed {panel.computed()}")
        return self.panels[address]

    def page(self, address: str, *exempt: str, least: int = 1) -> None:
        """Check a page, and what its figures lead to, down to the records."""
        shown = read(self.text(address), *exempt)
        self.wrong += [f"{address}: “{bare}” leads nowhere" for bare in shown.bare]
        assert len(shown.figures) >= least, f"{address} shows {len(shown.figures)} figures"
        for figure in shown.figures:
            text = self.panel(figure.href).text
            if figure.text.removeprefix("+") != text:
                self.wrong.append(f"{figure.href}: the page says {figure.text}, its panel {text}")
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
