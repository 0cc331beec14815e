"""What the worker keeps of the maturity score in the demo's past."""

from collections.abc import Iterator
from datetime import datetime

from demo.happening import Happening
from demo.people import Made
from maturity.actions import keep_scores


def happenings(made: Made, until: datetime) -> Iterator[Happening]:  # noqa: ARG001 - as every part
    """Yield that all months are scored in the end, as the worker would have done night by night.

    What a month was scored from is frozen, so that it is one whether early or late.
    """
    yield Happening(until, "keeping of scores", keep_scores)
