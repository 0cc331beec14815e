"""What happens in the demo's past, at a moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Happening:
    """Something that somebody does at a moment; `what` is the word it is counted under."""

    moment: datetime
    what: str = field(compare=False)
    do: Callable[[], object] = field(compare=False)
