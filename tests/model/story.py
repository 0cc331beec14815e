"""A workload as it stood at a moment: its versions, what became of each, and who approved what."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tests.model.events import (
    Approved,
    Case,
    CaseRecorded,
    Claimed,
    Confirmed,
    Declined,
    EstimateRecorded,
    Event,
    Placed,
    Schedule,
    Stopped,
)
from tests.model.formulas import term_cost


@dataclass
class Version:
    """One version of an estimate, and what became of it."""

    number: int
    schedule: Schedule
    at: datetime
    fate: str = "pending"  # decision, admin, threshold, declined
    fate_at: datetime | None = None


@dataclass
class Story:
    """A workload at a moment."""

    slug: str
    name: str = ""
    space: str = ""
    owner: str = ""
    claimed: bool = False
    stopped: bool = False
    estimates: list[Version] = field(default_factory=list)
    force: list[Version] = field(default_factory=list)
    cases: list[Case | None] = field(default_factory=list)
    # What each approval acknowledged, and the versions of estimate and case that it named.
    approvals: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Proposed, claimed, or stopped, whatever is spent afterwards."""
        return "stopped" if self.stopped else "claimed" if self.claimed else "proposed"

    @property
    def case(self) -> Case | None:
        """What is declared now."""
        return self.cases[-1] if self.cases else None

    @property
    def pending(self) -> Version | None:
        """The estimate that waits: the last recorded one, if nothing became of it."""
        last = self.estimates[-1] if self.estimates else None
        return last if last and last.fate == "pending" else None

    @property
    def revised(self) -> bool:
        """Whether there is more than one version of either."""
        return len(self.estimates) > 1 or len(self.cases) > 1

    @property
    def acknowledged(self) -> int | None:
        """The case version that the last approval named, 0 for none; None before an approval."""
        return self.approvals[-1][2] if self.approvals else None

    @property
    def not_acknowledged_since(self) -> int | None:
        """The version N of "Not acknowledged since vN"; None where the current case is it."""
        current = len(self.cases)
        if self.acknowledged is None or not current or current == self.acknowledged:
            return None
        if self.acknowledged == 0 and self.case is None:
            return None
        return self.acknowledged

    def told(self, event: Event, threshold: Fraction) -> None:
        """Take in what happened next; `threshold` is that of the moment, in percent."""
        match event:
            case Placed():
                self.name, self.space, self.owner = event.name, event.space, event.owner
            case Claimed():
                self.claimed = True
            case Stopped():
                self.stopped = True
            case EstimateRecorded():
                number = len(self.estimates) + 1
                self.estimates.append(Version(number, event.schedule, event.at))
                self._within(threshold)
            case Confirmed():
                self._confirm("admin", event.at)
            case Declined() if self.pending:
                self.pending.fate_at = event.at
                self.pending.fate = "declined"
            case CaseRecorded():
                self.cases.append(event.case)
            case Approved():
                asked = self.pending or (self.force[-1] if self.force else None)
                assert asked, "an approval names an estimate"
                named = len(self.cases) if self.case else 0
                self.approvals.append((event.acknowledgement, asked.number, named))
                self.claimed = True
                self._confirm("decision", event.at)

    def _confirm(self, fate: str, at: datetime) -> None:
        if waits := self.pending:
            waits.fate, waits.fate_at = fate, at
            self.force.append(waits)

    def _within(self, threshold: Fraction) -> None:
        decided = [n for n, v in enumerate(self.force) if v.fate in {"decision", "admin"}]
        if not decided:
            return
        before = [v.schedule for v in self.force[: decided[-1] + 1]]
        after = [*(v.schedule for v in self.force), self.estimates[-1].schedule]
        if term_cost(after, since=before[-1].first) <= term_cost(before) * (1 + threshold / 100):
            self._confirm("threshold", self.estimates[-1].at)
