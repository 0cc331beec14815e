"""Facts that are read once say of every moment what was read at it."""

from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from business_cases.reading import read_facts
from positions.reader import Reader
from positions.rows import Row, Rows, rows_at
from records.clock import now
from tests.cast import Cast
from tests.model.living import Life, Travel
from tests.model.organisation import Organisation
from tests.soak import rounds

ZONES = ("UTC", "America/New_York", "Pacific/Auckland")
STEPS, EVERY, PARTS = 24, 4, 2


def said(row: Row) -> tuple[object, ...]:
    """Everything that a row says."""
    return (
        (row.name, row.space_id, row.owner_id, row.owner, row.state, row.versions, row.states),
        (row.score, row.planned, row.rate, row.size, row.band, row.on_map, row.ended),
        (row.spend, row.actual, row.baseline, row.acknowledged, row.last_decision),
        (row.estimate_note, row.cost_note, row.rate_note, row.not_acknowledged_since),
        (row.standing, row.decisions),
    )


def shared(rows: Rows) -> tuple[object, ...]:
    return (rows.today, rows.bounds, rows.bounds_version, rows.basis, rows.closed, rows.runs)


@pytest.mark.parametrize("number", range(PARTS))
def test_what_was_read_at_a_moment_is_what_is_read_of_it_later(
    cast: Cast, travel: Travel, tmp_path: Path, number: int
) -> None:
    for seed in range(number, rounds(2, 250), PARTS):
        random = Random(seed)  # noqa: S311 - a test's dice
        zone = random.choice(ZONES)
        with timezone.override(zone), transaction.atomic():
            life = Life(cast, travel, tmp_path / str(seed), random, Organisation(zone))
            life.begin()
            then: dict[datetime, tuple[object, list[tuple[object, ...]]]] = {}
            for step in range(STEPS):
                life.step()
                if step % EVERY == EVERY - 1:
                    at = now()
                    rows = rows_at(read_facts(Reader.of(cast.felix), [at], whole=True), at)
                    then[at] = (shared(rows), [said(row) for row in rows.rows])
            facts = read_facts(Reader.of(cast.felix), list(then), whole=True)
            for at, (all_of_them, read) in then.items():
                rows = rows_at(facts, at)
                assert shared(rows) == all_of_them
                assert [said(row) for row in rows.rows] == read, f"organisation {seed}, {at}"
            transaction.set_rollback(True)
