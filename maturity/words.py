"""What Governance Maturity says of a dimension: its question, and which share decides its tier."""

from maturity.counting import window
from maturity.evidence import Evidence
from maturity.formulas import Scored
from maturity.score import Dimension, Measure, shown
from valueboard.lib import formats

QUESTIONS = {
    Dimension.ATTRIBUTION: "Of all positive AI usage charges of the last closed month, how much is "
    "given to claimed workloads?",
    Dimension.ESTIMATE: "How many claimed workloads had an estimate confirmed before their first "
    "cost, and how many have a declared business case?",
    Dimension.APPROVAL: "Of the approvals of the last 12 months, how many acknowledged a declared "
    "case?",
    Dimension.ACCURACY: "How many workloads spent in the last closed month what that month was "
    "planned to cost?",
    Dimension.RESPONSE: "Of the Allocation Gaps found from {window}, how many were resolved "
    "within {days} days?",
}
# Short words for a share that decides a tier beside a percentage that is not it.
DECIDING = {Measure.CONFIRMED: "estimates alone", Measure.BACKED: "cases alone"}


def question(dimension: Dimension, evidence: Evidence) -> str:
    """Return what a dimension asks, with the dates that it asks about."""
    return QUESTIONS[dimension].format(
        window=window_words(evidence), days=formats.number(evidence.limits["response.days"])
    )


def window_words(evidence: Evidence) -> str:
    """Name the days of opening that Gap Response counts: `24 Jul 2026 to 22 Oct 2026`."""
    first, last = window(evidence)
    return f"{formats.day(first)} to {formats.day(last)}"


def decides_words(scored: Scored) -> str:
    """Say which share decides the tier where the percentage does not; empty else."""
    measure = scored.decides
    percent = scored.shares[measure].percent if measure else None
    if measure is None or percent is None:
        return ""
    return f"decided by {DECIDING[measure]}: {formats.number(shown(percent), 1)}%"


def these(count: int, noun: str) -> str:
    """Return `this gap`, or `these 3 gaps`."""
    return f"this {noun}" if count == 1 else f"these {count} {noun}s"


def an_s(count: int) -> str:
    """Return an s unless there is one."""
    return "" if count == 1 else "s"
