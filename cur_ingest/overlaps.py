"""Bills that are counted twice: two exports deliver the same payer's bill of one month.

Each export counts in full. A row filter may have split one bill among two exports, so nothing is
refused: it is said. Where an export doesn't say whose bill it delivers, it is asked.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from cur_ingest.models import Export
from cur_ingest.reports import counting_runs


@dataclass(frozen=True, slots=True)
class Overlap:
    """Exports that deliver the bill of the same payers, and the months in which all count.

    Without payers it is a question: not all of them say whose bill it is.
    """

    exports: tuple[Export, ...]
    payers: tuple[str, ...]
    periods: tuple[date, ...]


def read_overlaps(known_at: datetime) -> list[Overlap]:
    """Return what is counted twice, months oldest first (one query)."""
    exports: dict[tuple[date, str], set[int]] = defaultdict(set)
    counting: dict[date, set[int]] = defaultdict(set)
    unsaid = set()
    known: dict[int, Export] = {}
    runs = counting_runs(known_at).filter(delivery__source_rows__gt=0)
    for run in runs.select_related("export", "delivery").defer("delivery__files"):
        known[run.export_id] = run.export
        counting[run.period].add(run.export_id)
        if not run.delivery.payers:
            unsaid.add(run.period)
        for payer in run.delivery.payers:
            exports[run.period, payer].add(run.export_id)
    payers_of: dict[tuple[date, frozenset[int]], set[str]] = defaultdict(set)
    for (period, payer), delivering in exports.items():
        if len(delivering) > 1:
            payers_of[period, frozenset(delivering)].add(payer)
    periods: dict[tuple[frozenset[int], frozenset[str]], list[date]] = defaultdict(list)
    for (period, pks), of_payers in payers_of.items():
        periods[pks, frozenset(of_payers)].append(period)
    for period in unsaid:
        if len(counting[period]) > 1:
            periods[frozenset(counting[period]), frozenset()].append(period)
    found = [
        Overlap(
            tuple(sorted((known[pk] for pk in pks), key=str)),
            tuple(sorted(of_payers)),
            tuple(sorted(months)),
        )
        for (pks, of_payers), months in periods.items()
    ]
    return sorted(found, key=lambda each: (each.periods, each.payers))
