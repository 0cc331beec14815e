"""The spend of a month as rows of a CSV file: every amount to the last digit, with its kind."""

from collections.abc import Iterator
from datetime import datetime

from cur_ingest.proof import Proof, SpendMonth

HEAD = ("month", "what", "name", "space", "export", "basis", "kind", "currency", "amount")
# What spreadsheets would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(month: SpendMonth, known_at: datetime) -> Iterator[tuple[str, ...]]:
    """Yield the head, the workloads, and the proof in every basis, in total and per export."""
    yield HEAD
    period = f"{month.period:%Y-%m}"
    for row in month.workloads:
        name, space = _safe(row.workload.name), _safe(row.workload.space.name)
        amount = _trimmed(f"{row.amount.amount:f}")
        kind, unit = row.amount.kind, row.amount.unit
        yield (period, "workload", name, space, "", month.basis, kind, unit, amount)
    for proof in month.proofs:
        yield from _proof(period, "", proof)
    for each in month.exports:
        for proof in each.proofs:
            yield from _proof(period, _safe(each.run.export.name), proof)
    yield (
        period,
        "note",
        f"Month {month.state.words}; as of {known_at:%Y-%m-%d %H:%M} UTC",
        *[""] * 6,
    )


def _proof(period: str, export: str, proof: Proof) -> Iterator[tuple[str, ...]]:
    lines = [(each.part.label, each.amount) for each in proof.parts]
    totals = [("Sum of the parts", proof.total), ("Total of the deliveries", proof.delivered)]
    for words, figure in [*lines, *totals]:
        amount = _trimmed(f"{figure.amount:f}")
        yield (period, "proof", words, "", export, proof.basis, figure.kind, figure.unit, amount)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
