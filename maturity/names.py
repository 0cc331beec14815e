"""How figures of Governance Maturity name their explanations (`maturity.explain`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from business_cases.figure_names import month_of, workload_about
from maturity.evidence import Charged, Subject, Unclaimed
from maturity.score import Measure
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Made

PREFIX, EVERYWHERE = "maturity", "*"
SHORT = 10  # characters of a digest


def row_key(of: Charged | Unclaimed) -> str:
    """Return a short name of a row of charges: groups have long ones, such as ARNs."""
    text = f"workload {of.workload}" if isinstance(of, Charged) else f"group {of.key or of.name}"
    return sha256(text.encode()).hexdigest()[:SHORT]


@dataclass(frozen=True, slots=True)
class Names:
    """Of which Space, by its address, and of which moment the figures of a page are.

    `done` is what a what-if takes as done: ids of things to do, and dimensions whose whole list is.
    """

    space: str
    at: str
    done: Collection[str] = ()

    def name(self, figure: Figure | None, what: What, key: str) -> Figure | None:
        """Return a figure of a dimension or a measure with the name of its explanation."""
        return figure and figure.explained_as(self.made(what, key))

    def made(self, what: What, key: str) -> Made:
        """Return that name."""
        return self._made(what, key, ",".join(sorted(self.done)))

    def spend(
        self, figure: Figure, of: object, period: date | None, *, planned: bool = False
    ) -> Figure:
        """Return what a row was charged in the last closed month, with its name; or was planned."""
        if period is None:
            return figure
        if isinstance(of, Subject):
            what = What.MONTH_PROJECTED if planned else What.MONTH_ACTUAL
            return figure.explained_as(
                month_of(workload_about(of.slug, self.at), period).made(what)
            )
        if isinstance(of, Charged | Unclaimed):
            made = self._made(What.MATURITY_ROW, Measure.ATTRIBUTED, row_key(of))
            return figure.explained_as(made)
        return figure

    def _made(self, what: What, key: str, rest: str) -> Made:
        of = f"{PREFIX}:{key}:{self.space or EVERYWHERE}"
        return Made(what, f"{of}:{rest}" if rest else of, self.at)
