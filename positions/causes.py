"""What became of a workload between two moments, and why (docs/method.md 6)."""

from enum import StrEnum


class Move(StrEnum):
    """What became of a workload between two moments."""

    UP = "up"
    DOWN = "down"
    NEW = "new"
    GONE = "gone"
    UNBACKED = "unbacked"  # its case was retracted
    SCORED = "scored"  # it has a band that it had not
    UNSCORED = "unscored"  # it has a case, and no score
    RETYPED = "retyped"  # its score is of another value type: no band is above the other
    SAME = "same"

    @property
    def label(self) -> str:
        """Return the words for people."""
        return _MOVES[self]


_MOVES = {
    Move.UP: "Band up",
    Move.DOWN: "Band down",
    Move.NEW: "New",
    Move.GONE: "Gone",
    Move.UNBACKED: "Became Unbacked",
    Move.SCORED: "Scored now",
    Move.UNSCORED: "Became Not scored",
    Move.RETYPED: "Value type changed",
    Move.SAME: "Same band",
}


class Cause(StrEnum):
    """Why a figure or a band is another one, in the order in which causes are told apart."""

    GROWTH = "growth"
    ESTIMATE = "estimate"
    DECLARED = "declared"
    CASE = "case"
    RETRACTED = "retracted"
    ATTRIBUTION = "attribution"
    MONTHS = "months"
    BASIS = "basis"
    BOUNDS = "bounds"
    # Why a workload is here, or no longer.
    ADDED = "added"
    CLAIMED = "claimed"
    RESUMED = "resumed"
    ENDED = "ended"
    STOPPED = "stopped"
    MOVED = "moved"
    FILTERED = "filtered"

    @property
    def label(self) -> str:
        """Return the words for people."""
        return _CAUSES[self]


_CAUSES = {
    Cause.GROWTH: "growth and the months that passed",
    Cause.ESTIMATE: "estimate revised",
    Cause.DECLARED: "case declared",
    Cause.CASE: "case revised",
    Cause.RETRACTED: "case retracted",
    Cause.ATTRIBUTION: "spend attributed or restated",
    Cause.MONTHS: "other closed months",
    Cause.BASIS: "cost basis changed",
    Cause.BOUNDS: "bounds of the bands changed",
    Cause.ADDED: "added",
    Cause.CLAIMED: "claimed",
    Cause.RESUMED: "renewed, or spends again",
    Cause.ENDED: "ended",
    Cause.STOPPED: "stopped",
    Cause.MOVED: "moved to another Space",
    Cause.FILTERED: "other figures than are filtered for",
}
