"""Organisations that live through the product's actions, beside an independent model of the method.

Each is asked at moments near what happened in it and at the edges of days: every row under both
lenses, and who is chosen, totals, groups and differences between two moments of random queries.
Pages are asked at one of the moments; the facts of all of them are read once.
"""

from collections import Counter
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from business_cases.reading import read_facts
from positions.reader import Reader
from records.clock import now
from spaces.models import Workload
from spaces.reports import workload_at
from tests.cast import Cast
from tests.model.agreeing import must_agree, must_choose
from tests.model.beside import differences
from tests.model.board import Wanted, chosen
from tests.model.imagined import ZONES, edges
from tests.model.living import Life, Travel
from tests.model.organisation import Organisation
from tests.soak import SOAK, rounds
from valueboard.board.page import read_board
from valueboard.workloads import WorkloadReport, read_held, report_of

STEPS = 16
MOMENTS = 5
PARTS = 5  # so that several processes share the work


def shown_beside(report: WorkloadReport, band: str, cost: str) -> list[tuple[str, Fraction | None]]:
    """Return what stands side by side: baseline, acknowledged, current, each with band and cost."""
    lines = {line.label: line.cells for part in report.comparison.parts for line in part.lines}
    return [
        (scored.band, Fraction(paid.figure.amount) if paid.figure else None)
        for scored, paid in zip(lines[band], lines[cost], strict=True)
    ]


def pages_must_agree(cast: Cast, model: Organisation, at: datetime, chance: Random) -> None:
    """Compare the board of a Space as the page reads it, and the page of a workload."""
    tree, then = Reader.of(cast.felix).tree, model.at(at)
    space = chance.choice(["", *(space.slug for space in tree.spaces.values())])
    lens = chance.choice(["planned", "actual"])
    board = read_board(cast.felix, {"space": space, "lens": lens}, at)
    must_choose(board.rows, chosen(then, lens, Wanted(space)), tree, chance)
    at_all = {w.slug: workload_at(w, at) for w in Workload.objects.order_by("pk")}
    there = {slug: workload for slug, workload in at_all.items() if workload}
    assert set(there) == set(then.stories)
    if there:
        slug, workload = chance.choice(list(there.items()))
        report = report_of(read_held(cast.felix, workload, at, is_past=True))
        assert differences(report.row, then.line(slug), tree) == {}
        sides = then.sides(slug)
        assert shown_beside(report, "This funding year", "Cost of the funding year") == [
            (side.year.band, side.year.cost) for side in sides
        ]
        assert shown_beside(report, "Over the whole term", "Cost of the whole term") == [
            (side.term.band, side.term.cost) for side in sides
        ]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_product_says_what_the_method_says(
    cast: Cast, travel: Travel, tmp_path: Path, part: int
) -> None:
    done: Counter[str] = Counter()
    owners = {str(user.name): user.pk for user in User.objects.all()}
    for number in range(rounds(25, 500) // PARTS):
        seed = part * 1_000 + number
        chance = Random(seed)  # noqa: S311 - a test's dice
        zone = chance.choice(ZONES)
        with timezone.override(zone), transaction.atomic():
            life = Life(cast, travel, tmp_path / str(seed), chance, Organisation(zone))
            life.begin()
            done.update(life.step() for _ in range(STEPS))
            moments = edges(life.before, life.model, chance, MOMENTS)
            reader = Reader.of(cast.felix)
            try:
                facts = read_facts(reader, moments)
                must_agree(life.model, facts, reader.tree, owners, chance)
                past = [at for at in moments if at <= now()]
                pages_must_agree(cast, life.model, chance.choice(past), chance)
            except AssertionError as error:
                error.add_note(f"organisation {seed} in {zone}")
                raise
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    # Organisations where nothing happens would show nothing.
    far = {
        "add",
        "submit",
        "approved",
        "rejected",
        "estimate",
        "case",
        "retract",
        "move",
        "stop",
        "bounds",
        "basis",
        "deliver",
        "close",
    }
    assert far <= set(done) or not SOAK, done
