"""In which state a gap is, by what was done about it (METHOD 8)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from allocation_gaps.models import GapAction, GapKind

Act = GapAction.Act
# What is asked of whom, and that makes a gap Actioned; each gap has one such act.
REQUESTS = {
    GapKind.UNBACKED: Act.CASE_REQUESTED,
    GapKind.NO_ESTIMATE: Act.ESTIMATE_REQUESTED,
    GapKind.NOT_APPROVED: Act.APPROVAL_REQUESTED,
    GapKind.OVER_PLAN: Act.REVISION_REQUESTED,
    GapKind.FUNDING_ENDED: Act.RENEWAL_REQUESTED,
    GapKind.NO_OWNER: Act.OWNER_REQUESTED,
}
ASKING = frozenset(REQUESTS.values())
# Done by the system; no form is out of date by it.
BY_ITSELF = frozenset({Act.REMINDED, Act.OVERRUN})


class GapState(StrEnum):
    """Where a gap stands."""

    ACTIVE = "active"
    ACTIONED = "actioned"
    RECALLED = "recalled"
    RESOLVED = "resolved"

    @property
    def label(self) -> str:
        """Return the word for people."""
        return self.value.capitalize()

    @property
    def tone(self) -> str:
        """Return the tone of its mark."""
        return {"actioned": "accent", "resolved": "done"}.get(self.value, "warning")


OPEN = (GapState.ACTIVE, GapState.ACTIONED, GapState.RECALLED)


@dataclass(frozen=True, slots=True)
class Acts:
    """What was done about one gap, oldest first."""

    rows: tuple[GapAction, ...] = ()

    @property
    def standing(self) -> tuple[GapAction, ...]:
        """Return the acts that make a gap Actioned and that nobody took back."""
        recalled = {row.takes_back_id for row in self.rows}
        acting = ASKING | {Act.STOPPED}
        return tuple(row for row in self.rows if row.act in acting and row.pk not in recalled)

    @property
    def asked(self) -> GapAction | None:
        """Return the latest request that stands."""
        return next((row for row in reversed(self.standing) if row.act in ASKING), None)

    @property
    def assigned(self) -> GapAction | None:
        """Return the latest assignment."""
        return self._last(Act.ASSIGNED)

    @property
    def resolved(self) -> GapAction | None:
        """Return what says that the gap is gone."""
        return self._last(Act.RESOLVED)

    @property
    def overrun(self) -> GapAction | None:
        """Return what says that the month of an early question closed over plan."""
        return self._last(Act.OVERRUN)

    @property
    def state(self) -> GapState:
        """Return the state: a recalled action counts as open (METHOD 8)."""
        if self.resolved:
            return GapState.RESOLVED
        if self.standing:
            return GapState.ACTIONED
        return GapState.RECALLED if self._last(Act.RECALLED) else GapState.ACTIVE

    @property
    def seen(self) -> int:
        """Return the version that a form says it was made from; 0 for nothing done yet."""
        return max((row.version for row in self.rows if row.act not in BY_ITSELF), default=0)

    def next_reminder(self, every: int) -> date | None:
        """Return the day of the next reminder: of the request, and every so many days after."""
        asked = self.asked
        if asked is None or asked.due is None or self.resolved:
            return None
        reminded = [
            row.due
            for row in self.rows
            if row.act == Act.REMINDED and row.due and row.version > asked.version
        ]
        return max([asked.due, *reminded]) if every else None

    def _last(self, act: Act) -> GapAction | None:
        return next((row for row in reversed(self.rows) if row.act == act), None)
