"""Reading a page as of a past day: what the address asks for, and the moment that it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from valueboard.lib.moment import end_of
from valueboard.lib.months import why_unknown

__all__ = ["AsOf", "end_of", "read_as_of"]

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was asked for: a past `day`, or None for today; `error` says why it can't be shown.

    `text` is what was typed and `latest` today, for the field that asks.
    """

    text: str
    latest: date
    day: date | None = None
    error: str = ""


def read_as_of(query: Mapping[str, str], today: date) -> AsOf:
    """Read `?as_of=2026-03-31`; without it, or with today's date, the page is today's."""
    text = query.get("as_of", "").strip()
    if not text:
        return AsOf("", today)
    day = _day(text)
    if day is None:
        return AsOf(
            text, today, error="This is no date. Write year, month and day, as in 2026-03-31."
        )
    if wrong := why_unknown(day, today):
        return AsOf(text, today, error=wrong)
    return AsOf(text, today, day if day < today else None)


def _day(text: str) -> date | None:
    if not ISO.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
