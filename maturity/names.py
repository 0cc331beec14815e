"""How figures of Governance Maturity name their explanations (`maturity.explain`)."""

from dataclasses import dataclass

from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Made

PREFIX, EVERYWHERE = "maturity", "*"


@dataclass(frozen=True, slots=True)
class Names:
    """Of which Space, by its address, and of which moment the figures of a page are."""

    space: str
    at: str

    def name(self, figure: Figure | None, what: What, key: str) -> Figure | None:
        """Return a figure of a dimension or a measure with the name of its explanation."""
        made = Made(what, f"{PREFIX}:{key}:{self.space or EVERYWHERE}", self.at)
        return figure.explained_as(made) if figure else None
