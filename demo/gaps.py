"""The looks for gaps that the worker would have taken in the demo, and its reminders."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from allocation_gaps.actions import look_for_gaps, send_reminders
from allocation_gaps.models import GapOpening
from demo.happening import Happening
from demo.people import Made
from demo.plan.values import FIRST_MONTH, on

# The worker looks within seconds of each fact, and every night; the demo once in so many days.
EVERY = timedelta(days=14)


def happenings(made: Made, until: datetime) -> Iterator[Happening]:
    """Yield the looks and what they remind of, until a moment, which is now."""
    moment = on(FIRST_MONTH + 1, 3, hour=20).at(made.today)
    while moment < until:
        yield Happening(moment, "look for gaps", _night)
        moment += EVERY
    yield Happening(until, "look for gaps", look_for_gaps)


def _night() -> None:
    look_for_gaps(found_by=GapOpening.FoundBy.NIGHTLY)
    send_reminders()
