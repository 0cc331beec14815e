"""The board and the workload page beside an independent model, today and as of past moments."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from positions.rows import Row
from records.clock import now
from spaces.models import Space, Workload
from spaces.reports import workload_at
from tests.cast import Cast
from tests.model.living import Life, Travel
from tests.model.organisation import Line, Organisation, totals
from tests.soak import SOAK, rounds
from valueboard.board.page import Board, read_board
from valueboard.lib.as_of import end_of
from valueboard.workloads import WorkloadReport, read_workload

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
STEPS = 25
MOMENTS = 4
PARTS = 4  # so that several processes share the work


def of_product(row: Row) -> dict[str, object]:
    """Return what the product says of a workload."""
    standing, score = row.standing, row.score
    return {
        "name": row.name,
        "space": Space.objects.get(pk=row.space_id).slug,
        "owner": row.owner,
        "claimed": row.state == "claimed",
        "versions": (len(standing.estimates), len(standing.cases)),
        "revised": standing.estimate_revised or standing.case_revised,
        "in force": [e.mark.version for e in standing.estimates if e.confirmed_at],
        "pending": standing.pending.mark.version if standing.pending else 0,
        "cost": None if score.cost is None else Fraction(score.cost),
        "projected": Fraction(row.projected.amount) if row.projected else None,
        "funded": score.months,
        "year": score.year and (score.year.number, score.year.ended),
        "opportunity": None if score.opportunity is None else Fraction(score.opportunity),
        "prospect": score.ratio,
        "band": score.band,
        "value type": row.value_type.value if row.value_type else "",
        "run-rate": (Fraction(row.rate.amount), row.rate.months),
        "size": Fraction(row.size),
        "ended": row.ended,
        "not acknowledged since": row.not_acknowledged_since,
    }


def of_model(line: Line) -> dict[str, object]:
    """Return what the method says of a workload."""
    story, score, year = line.story, line.score, line.year
    return {
        "name": story.name,
        "space": story.space,
        "owner": story.owner,
        "claimed": story.claimed,
        "versions": (len(story.estimates), len(story.cases)),
        "revised": story.revised,
        "in force": [version.number for version in story.force],
        "pending": story.pending.number if story.pending else 0,
        "cost": score.cost,
        "projected": score.cost,
        "funded": score.funded,
        "year": year and (year.number, year.ended),
        "opportunity": score.opportunity,
        "prospect": score.prospect,
        "band": score.band,
        "value type": story.case.value_type if story.case else "",
        "run-rate": (line.rate.amount, line.rate.months),
        "size": line.size,
        "ended": line.ended,
        "not acknowledged since": story.not_acknowledged_since,
    }


def differences(row: Row, line: Line) -> dict[str, object]:
    """Return what product and method say otherwise: `what: (product, method)`."""
    shown, meant = of_product(row), of_model(line)
    return {what: (shown[what], meant[what]) for what in shown if shown[what] != meant[what]}


def shown_beside(report: WorkloadReport, band: str, cost: str) -> list[tuple[str, Fraction | None]]:
    """Return what stands side by side: baseline, acknowledged, current, each with band and cost."""
    lines = {line.label: line.cells for part in report.comparison.parts for line in part.lines}
    return [
        (scored.band, Fraction(paid.figure.amount) if paid.figure else None)
        for scored, paid in zip(lines[band], lines[cost], strict=True)
    ]


def must_be(board: Board, lines: Iterable[Line]) -> None:
    """Compare every row and every total."""
    meant_rows = {line.story.slug: line for line in lines}
    shown_rows = {row.slug: row for row in board.rows.rows}
    assert set(shown_rows) == set(meant_rows)
    for slug, row in shown_rows.items():
        assert differences(row, meant_rows[slug]) == {}
    shown, meant = board.totals, totals(meant_rows.values())
    assert (
        Fraction(shown.projected.amount),
        Fraction(shown.cost_saving.amount),
        Fraction(shown.revenue_driving.amount),
        Fraction(shown.unbacked_projected.amount),
        Fraction(shown.unbacked_run_rate.amount),
        shown.unbacked,
        sum(Fraction(group.projected.amount) for group, _ in board.spaces),
        sum(Fraction(group.run_rate.amount) for group, _ in board.spaces),
    ) == (
        meant.projected,
        meant.saving,
        meant.revenue,
        meant.unbacked,
        meant.unbacked_rate,
        meant.unbacked_count,
        meant.projected,
        meant.rate,
    )


def must_agree(cast: Cast, model: Organisation, at: datetime, random: Random) -> None:
    """Compare the board as of a moment, that of one Space, and one workload, claimed or not."""
    lines = model.board(at)
    must_be(read_board(cast.felix, {}, at), lines.values())
    space = random.choice(list(Space.objects.order_by("pk")))
    inside = model.below(space.slug, at)
    chosen = [line for line in lines.values() if line.story.space in inside]
    must_be(read_board(cast.felix, {"space": space.slug}, at), chosen)
    stories = model.stories(at)
    at_all = {w.slug: workload_at(w, at) for w in Workload.objects.order_by("pk")}
    there = {slug: workload for slug, workload in at_all.items() if workload}
    assert set(there) == set(stories)
    if there:
        slug, then = random.choice(list(there.items()))
        report = read_workload(cast.felix, then, at, is_past=True)
        assert differences(report.row, model.line(stories[slug], at)) == {}
        sides = model.sides(stories[slug], at)
        assert shown_beside(report, "This funding year", "Cost of the funding year") == [
            (side.year.band, side.year.cost) for side in sides
        ]
        assert shown_beside(report, "Over the whole term", "Cost of the whole term") == [
            (side.term.band, side.term.cost) for side in sides
        ]


def moments_of(life: Life, random: Random) -> list[datetime]:
    """Choose moments: between steps, a hair before one, at the ends of days, and now."""
    today = timezone.localdate(now())
    between = random.sample(life.before, k=min(MOMENTS, len(life.before)))
    days = [end_of(timezone.localdate(moment)) for moment in between[: MOMENTS // 2]]
    past = [day for day in days if timezone.localdate(day) < today]
    return [*(moment - timedelta(microseconds=1) for moment in between), *past, now()]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_product_says_what_the_method_says(
    cast: Cast, travel: Travel, tmp_path: Path, part: int
) -> None:
    done: Counter[str] = Counter()
    for number in range(rounds(4, 500) // PARTS):
        seed = part * 1_000 + number
        random = Random(seed)  # noqa: S311 - a test's dice
        zone = random.choice(ZONES)
        with timezone.override(zone), transaction.atomic():
            life = Life(cast, travel, tmp_path / str(seed), random, Organisation(zone))
            life.begin()
            done.update(life.step() for _ in range(STEPS))
            for at in moments_of(life, random):
                try:
                    must_agree(cast, life.model, at, random)
                except AssertionError as error:
                    error.add_note(f"organisation {seed} in {zone}, as of {at}")
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
        "bounds",
        "deliver",
        "close",
    }
    assert far <= set(done) or not SOAK, done
