"""Where a workload stood: the versions of estimate and case, and the figures that they gave.

A review shows the baseline, the acknowledged and the current versions of each workload; when it is
closed they are kept as texts, so that they are never computed again. What changed between two of
them comes from the figures: where the value type changed there is no difference (METHOD 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from business_cases.comparison import Side
from business_cases.figure_names import side_of
from business_cases.figures import CURRENCY, prospect_figure
from business_cases.standing import NOT_SCORED, Mark, Score, score_at
from reviews.names import change_about
from valueboard.lib.bands import Bound
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, Note, ValueType, change
from valueboard.lib.money import format_money, format_percent
from valueboard.lib.sheets import exact


@dataclass(frozen=True, slots=True)
class Named:
    """A snapshot by its id, its version and its hash."""

    id: int
    version: int
    hash: str

    @classmethod
    def of(cls, mark: Mark) -> "Named":
        """Return what a snapshot is called."""
        return cls(mark.id, mark.version, mark.hash)

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"id": self.id, "version": self.version, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Stand:
    """Estimate, case, opportunity O, cost P of `months` months, the exact ratio and its band.

    None means that there is no such figure. `anchor` is the declared current annual amount and the
    percentage of it that make O. `about` names its figures to whoever asks how they are made.
    """

    estimate: Named | None
    case: Named | None
    score: Score
    value_type: ValueType | None = None
    anchor: tuple[Decimal, Decimal] | None = None
    about: About = field(default=UNNAMED, compare=False)

    @property
    def band(self) -> str:
        """Return the key of the band."""
        return self.score.band

    @property
    def opportunity(self) -> Figure | None:
        """Return O, declared."""
        if self.score.opportunity is None:
            return None
        made = self.about.made(What.OPPORTUNITY)
        return Figure(self.score.opportunity, CURRENCY, Kind.DECLARED, self.value_type, made=made)

    @property
    def cost(self) -> Figure | None:
        """Return P, projected."""
        if self.score.cost is None:
            return None
        made = self.about.made(What.PROJECTED)
        return Figure(self.score.cost, CURRENCY, Kind.PROJECTED, made=made)

    @property
    def prospect(self) -> Figure | None:
        """Return S, derived."""
        # Of the funding year; a stand that was kept does not know its year any more.
        figure = prospect_figure(self.score)
        return figure and figure.explained_as(self.about.made(What.PROSPECT))

    @property
    def anchor_words(self) -> Note:
        """Return what O is made of: `$4,600,000 × 25%`."""
        if self.anchor is None:
            return Note("")
        amount, percent = self.anchor
        words = f"{format_money(amount, CURRENCY)} × {format_percent(percent.normalize())}"
        return Note(words, self.about.made(What.OPPORTUNITY))

    @property
    def versions(self) -> str:
        """Name the versions: `estimate v2, case v1`."""
        named = (("estimate", self.estimate), ("case", self.case))
        return ", ".join(f"{what} v{version.version}" for what, version in named if version)

    def plain(self) -> dict[str, Any]:
        """Return it for JSON, amounts as texts."""
        score, ratio = self.score, self.score.ratio
        return {
            "estimate": self.estimate and self.estimate.plain(),
            "case": self.case and self.case.plain(),
            "value_type": self.value_type and self.value_type.value,
            "anchor": self.anchor and [exact(each) for each in self.anchor],
            "opportunity": None if score.opportunity is None else exact(score.opportunity),
            "months": score.months,
            "cost": None if score.cost is None else exact(score.cost),
            "ratio": None if ratio is None else f"{ratio.numerator}/{ratio.denominator}",
            "band": score.band,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any], about: About = UNNAMED) -> "Stand":
        """Return what `plain` kept."""
        amount, percent = kept["anchor"] or ("0", "0")
        return cls(
            kept["estimate"] and Named(**kept["estimate"]),
            kept["case"] and Named(**kept["case"]),
            Score(
                kept["opportunity"] and Decimal(kept["opportunity"]),
                kept["months"],
                kept["cost"] and Decimal(kept["cost"]),
                kept["ratio"] and Fraction(kept["ratio"]),
                kept["band"],
            ),
            kept["value_type"] and ValueType(kept["value_type"]),
            kept["anchor"] and (Decimal(amount), Decimal(percent)),
            about,
        )


def stand_of(side: Side, month: date, bounds: Sequence[Bound], about: About = UNNAMED) -> Stand:
    """Return where estimate and case of a side stand in the funding year that holds `month`.

    `about` names the figures of the workload.
    """
    terms = side.terms
    return Stand(
        Named.of(side.estimate.mark) if side.estimate else None,
        Named.of(side.case.mark) if side.case else None,
        score_at(side.schedule, terms, month, bounds),
        terms.value_type if terms else None,
        (terms.current_amount, terms.percent) if terms else None,
        side_of(about, side.estimate, side.case),
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed from one stand to a later one; a figure is None where nothing is compared.

    `over` says why nothing more is spent on it since: `stopped since the last review`, else empty.
    """

    before: Stand
    after: Stand
    over: str = ""

    @property
    def opportunity(self) -> Figure | None:
        """Return by how much O changed."""
        return self._between(What.OPPORTUNITY, self.before.opportunity, self.after.opportunity)

    @property
    def cost(self) -> Figure | None:
        """Return by how much P changed."""
        return self._between(What.PROJECTED, self.before.cost, self.after.cost)

    @property
    def changes_band(self) -> bool:
        """Tell whether the band is another one, of like dollars, and with an estimate in force.

        A version that never was in force had no band that the board ever showed.
        """
        if self.changes_type or self._has_no_estimate:
            return False
        return self.before.band != self.after.band

    @property
    def changes_type(self) -> bool:
        """Tell whether the value type is another one: both are shown, without a difference."""
        types = {self.before.value_type, self.after.value_type}
        return None not in types and len(types) > 1

    @property
    def words(self) -> list[str]:
        """Return what came or went, where there is nothing to subtract."""
        found = [self.over] if self.over else []
        if self.changes_type:
            found.append("the value type changed, nothing is compared")
        if bool(self.before.opportunity) != bool(self.after.opportunity):
            found.append("a case was declared" if self.after.opportunity else "no case any more")
        if self.after.cost and not self.before.cost:
            found.append("an estimate is in force")
        if self._has_no_estimate:
            scored = ": not scored" if self.after.band == NOT_SCORED else ""
            found.append(f"no estimate in force{scored}")
        return found

    @property
    def _has_no_estimate(self) -> bool:
        return bool(self.before.cost) and not self.after.cost

    @property
    def is_none(self) -> bool:
        """Tell whether nothing changed: neither versions nor figures, and it goes on."""
        return not self.over and (self.before.opportunity, self.before.cost, self.before.band) == (
            self.after.opportunity,
            self.after.cost,
            self.after.band,
        )

    def _between(self, what: What, before: Figure | None, after: Figure | None) -> Figure | None:
        changed = change(before, after) if before and after else None
        about = change_about(what, self.before.about, self.after.about)
        return changed.explained_as(about.made(What.CHANGE)) if changed else None
