"""Versions that count from a day on: which version of a rule or signal a day is under.

What was recorded last counts from its day on; days before it stay with what was recorded before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Version = TypeVar("Version")


@dataclass(frozen=True, slots=True)
class Span(Generic[Version]):
    """A version and the days it counts for: from `since`, and before `until` if there is one."""

    version: Version
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the version counts for a day."""
        return self.since <= day and (self.until is None or day < self.until)


def spans(versions: Iterable[tuple[date, Version]]) -> list[Span[Version]]:
    """Return the versions of one rule or signal that count for any day, the earliest days first.

    `versions` come in the order of recording, each with the first day that it counts for.
    """
    found: list[Span[Version]] = []
    until: date | None = None
    for since, version in reversed(list(versions)):
        if until is None or since < until:
            found.append(Span(version, since, until))
            until = since
    return found[::-1]
