"""The spend of a month as rows of a CSV file: every amount to the last digit, with its kind."""

from collections.abc import Iterator
from datetime import datetime

from cur_ingest.proof import Proof, SpendMonth
from cur_ingest.reports import BASIS

HEAD = ("month", "what", "name", "space", "basis", "kind", "currency", "amount")
PARTS = {
    "attributed": "Attributed to workloads",
    "unclaimed": "Unclaimed AI spend",
    "unclassified": "Unclassified Marketplace",
    "other": "Other services, tax, credits, commitments",
    "total": "Sum of the four",
    "delivered": "Total of the deliveries",
}
# What spreadsheets would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(month: SpendMonth, known_at: datetime) -> Iterator[tuple[str, ...]]:
    """Yield the head, the workloads, and the proof in both bases."""
    yield HEAD
    period = f"{month.period:%Y-%m}"
    for row in month.workloads:
        name, space = _safe(row.workload.name), _safe(row.workload.space.name)
        amount = _trimmed(f"{row.amount.amount:f}")
        kind, unit = row.amount.kind, row.amount.unit
        yield (period, "workload", name, space, BASIS, kind, unit, amount)
    for proof in month.proofs:
        yield from _proof(period, proof)
    state = "closed" if month.closed else "open"
    yield (period, "note", f"Month {state}; as of {known_at:%Y-%m-%d %H:%M} UTC", *[""] * 5)


def _proof(period: str, proof: Proof) -> Iterator[tuple[str, ...]]:
    for part, words in PARTS.items():
        figure = getattr(proof, part)
        amount = _trimmed(f"{figure.amount:f}")
        yield (period, "proof", words, "", proof.basis, figure.kind, figure.unit, amount)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
