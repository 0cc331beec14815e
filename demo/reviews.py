"""Budget reviews in the demo: one that was closed last quarter, and one that is being held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from demo.happening import Happening
from demo.people import Made
from demo.plan.organisation import FELIX
from demo.plan.values import ago, on
from records.clock import now
from reviews.actions import close_review, open_review, take_note
from reviews.models import Direction, Review
from reviews.reports import open_sheet

FIRST, SECOND = "First half, budget review", "Autumn budget review"
SUMMARY = (
    "Search and contract work go on as planned. What has spend and no case is asked for one before "
    "the next review; nobody scales without an estimate in force."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a review says of a workload; without a direction the one that the method points to."""

    workload: str
    notes: str
    direction: str = ""


AT_FIRST = (
    Said("Contract review", "Legal agrees with the percentage; the pilot had 400 contracts."),
    Said("Contact centre assistant", "Volume grows with the new markets. Look at growth monthly."),
    Said("Visual search", "Who owns the percentage after the relaunch?", Direction.REVISIT_CASE),
    Said("Meeting notes", "Everybody likes it; nobody has said what it saves."),
    Said("Code assistant", "Keep the number of seats until the case is revised."),
)
AT_SECOND = (
    Said("Contract review", "Still on course; the second country begins in January."),
    Said("Code assistant", "The case was promised for this review.", Direction.REVISIT_CASE),
)


def happenings(made: Made, until: datetime) -> Iterator[Happening]:
    """Yield what happens until a moment, which is now."""
    held = on(-4, 22, hour=9).at(made.today)
    yield Happening(held, "budget review", partial(_hold, made, FIRST, AT_FIRST))
    yield Happening(
        on(-4, 22, hour=11).at(made.today), "closing of a review", partial(_close, made)
    )
    later = ago(2).at(made.today)
    if later < until:
        yield Happening(later, "budget review", partial(_hold, made, SECOND, AT_SECOND))


def _hold(made: Made, name: str, said: Sequence[Said]) -> None:
    felix = made.people[FELIX]
    moment = now()
    review = open_review(
        actor=felix,
        name=name,
        query="",
        as_of=moment.date(),
        previous=Review.objects.filter(name=FIRST).first(),
    )
    lines = {line.name: line for line in open_sheet(felix, review, moment).lines}
    for each in said:
        if each.workload in lines:
            take_note(
                actor=felix,
                review=review,
                workload=made.workloads[each.workload],
                seen=0,
                notes=each.notes,
                direction=each.direction or lines[each.workload].proposed,
            )


def _close(made: Made) -> None:
    felix, review = made.people[FELIX], Review.objects.get(name=FIRST)
    seen = open_sheet(felix, review, now()).seen
    close_review(actor=felix, review=review, seen=seen, summary=SUMMARY)
