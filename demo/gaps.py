"""What is done about gaps in the demo: the worker's looks and reminders, and finance's answers."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from allocation_gaps.actions import (
    assign_gap,
    look_for_gaps,
    recall_request,
    request_many,
    send_reminders,
)
from allocation_gaps.models import GapKind, GapOpening
from allocation_gaps.reports import get_gap, open_now
from demo.happening import Happening
from demo.people import Made
from demo.plan.organisation import FELIX, PRIYA
from demo.plan.values import FIRST_MONTH, ago, on
from records.clock import now

# The worker looks within seconds of each fact, and every night. The demo looks in these nights:
# after a month is loaded, after it is closed, and once a week, which reminders keep to.
NIGHTS = (6, 13, 17, 20, 27)
TO_APPROVE = ("Basket recommendations", "Price forecasts")


def happenings(made: Made, until: datetime) -> Iterator[Happening]:
    """Yield the looks, what they remind of and what finance does, until a moment, which is now."""
    for month in range(FIRST_MONTH + 1, 1):
        for day in NIGHTS:
            if (moment := on(month, day, hour=3).at(made.today)) < until:
                yield Happening(moment, "look for gaps", _night)
    yield Happening(ago(12).at(made.today), "requests about gaps", partial(_ask, made))
    yield Happening(ago(9).at(made.today), "request taken back", partial(_take_back, made))
    yield Happening(ago(8).at(made.today), "gap assigned", partial(_assign, made))
    yield Happening(until, "look for gaps", look_for_gaps)


def _night() -> None:
    look_for_gaps(found_by=GapOpening.FoundBy.NIGHTLY)
    send_reminders()


def _ask(made: Made) -> None:
    """Ask for the approval of what Commerce added by itself."""
    look_for_gaps()
    request_many(
        actor=made.people[FELIX],
        asked={gap.pk: 0 for gap in _not_approved()},
        rationale="The budget review asks who approved these. Please send them to approval.",
    )


def _take_back(made: Made) -> None:
    """Take one of these requests back."""
    gap = next(gap for gap in _not_approved() if gap.label == TO_APPROVE[1])
    recall_request(
        actor=made.people[FELIX],
        opening=gap,
        seen=get_gap(gap, now()).acts.seen,
        rationale="Priya talks to the team first; the forecasts may be merged with another.",
    )


def _assign(made: Made) -> None:
    """Have the dearest unclaimed spend seen to."""
    unclaimed = [gap for gap in open_now() if gap.kind == GapKind.UNCLAIMED]
    assign_gap(
        actor=made.people[FELIX],
        opening=max(unclaimed, key=lambda gap: (gap.actual, gap.pk)),
        seen=0,
        assignee=made.people[PRIYA],
        rationale="You know the account. Whose notebooks are these?",
    )


def _not_approved() -> list[GapOpening]:
    return [g for g in open_now() if g.kind == GapKind.NOT_APPROVED and g.label in TO_APPROVE]
