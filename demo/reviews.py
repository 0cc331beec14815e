"""Budget reviews in the demo."""

from collections.abc import Iterator
from datetime import datetime

from demo.happening import Happening
from demo.people import Made


def happenings(made: Made, until: datetime) -> Iterator[Happening]:  # noqa: ARG001 - for what comes
    """Yield what happens until a moment, which is now."""
    return iter(())
