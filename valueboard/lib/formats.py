"""How numbers, dates and amounts are written: the one place that formats, by the reader's locale.

A locale is a value of the context (`active`), set for a request by who reads it and for a mail by
whom it is sent to; without one it is en-GB. Whatever a machine reads (addresses, files, exports,
logs) is ISO 8601 and never comes here. No Django: moments are written in the zone that they have.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

MINUS = "\N{MINUS SIGN}"
LONG_MONTH = "%B %Y"
SHORT_MONTH = "%b %Y"


@dataclass(frozen=True, slots=True)
class Locale:
    """How one locale writes; patterns are strftime's, the decimal sign is a point in all of them.

    `code` is the BCP 47 tag that the page, scripts and charts are told.
    """

    code: str
    name: str
    day: str
    long_day: str
    weekday: str
    day_and_month: str
    time: str
    seconds: str
    between: str = ", "
    group: str = ","


GB = Locale(
    code="en-GB",
    name="English (United Kingdom)",
    day="%-d %b %Y",
    long_day="%-d %B %Y",
    weekday="%a %-d %b %Y",
    day_and_month="%-d %b",
    time="%H:%M",
    seconds="%H:%M:%S",
)
US = Locale(
    code="en-US",
    name="English (United States)",
    day="%b %-d, %Y",
    long_day="%B %-d, %Y",
    weekday="%a, %b %-d, %Y",
    day_and_month="%b %-d",
    time="%-I:%M %p",
    seconds="%-I:%M:%S %p",
)
# Grouped by no-break spaces, as ISO 80000 has it: what is copied from a page is read back.
INTERNATIONAL = Locale(
    code="en-001",
    name="English (ISO dates, 1\N{NO-BREAK SPACE}234.5)",
    day="%Y-%m-%d",
    long_day="%Y-%m-%d",
    weekday="%a %Y-%m-%d",
    day_and_month="%m-%d",
    time="%H:%M",
    seconds="%H:%M:%S",
    between=" ",
    group="\N{NO-BREAK SPACE}",
)
LOCALES = {locale.code: locale for locale in (GB, US, INTERNATIONAL)}
DEFAULT = GB

_active: ContextVar[Locale] = ContextVar("locale", default=DEFAULT)


def active() -> Locale:
    """Return the locale of whoever reads what is being written."""
    return _active.get()


@contextmanager
def using(code: str) -> Iterator[None]:
    """Write in a locale as long as this lasts; a code that nobody knows is the default's."""
    token = _active.set(LOCALES.get(code, DEFAULT))
    try:
        yield
    finally:
        _active.reset(token)


def day(value: date) -> str:
    """Write a day: `31 Oct 2026`, `Oct 31, 2026`."""
    return value.strftime(active().day)


def long_day(value: date) -> str:
    """Write a day with its month in full: `31 October 2026`, `October 31, 2026`."""
    return value.strftime(active().long_day)


def weekday(value: date) -> str:
    """Write a day of the week and the day: `Sat 31 Oct 2026`, `Sat, Oct 31, 2026`."""
    return value.strftime(active().weekday)


def day_of_week(value: date) -> str:
    """Write the name of a day of the week: `Saturday`."""
    return f"{value:%A}"


def month(value: date) -> str:
    """Write a calendar month: `October 2026`."""
    return value.strftime(LONG_MONTH)


def short_month(value: date) -> str:
    """Write a calendar month where there is little room: `Oct 2026`."""
    return value.strftime(SHORT_MONTH)


def day_time(value: datetime) -> str:
    """Write a moment among others of the same zone: `31 Oct 2026, 14:05`."""
    return value.strftime(f"{active().day}{active().between}{active().time}")


def moment(value: datetime) -> str:
    """Write a moment with its zone: `31 Oct 2026, 14:05 UTC`, `Oct 31, 2026, 2:05 PM UTC`."""
    return value.strftime(f"{active().day}{active().between}{active().time} %Z")


def instant(value: datetime) -> str:
    """Write a moment to the second: `31 Oct 2026, 14:05:09 UTC`."""
    return value.strftime(f"{active().day}{active().between}{active().seconds} %Z")


def clock(value: datetime) -> str:
    """Write a time of today to the second: `14:05:09 UTC`, `2:05:09 PM UTC`."""
    return value.strftime(f"{active().seconds} %Z")


@cache
def _rounding(digits: int) -> Context:
    return Context(prec=digits, rounding=ROUND_HALF_UP)


def number(value: Decimal | int, decimals: int | None = None) -> str:
    """Write a number with its thousands apart and a real minus sign: `−1,234.5`.

    `decimals` fixes the number of decimals (half up); None keeps the significant ones.
    """
    exact = Decimal(value)
    if decimals is not None:
        # As many digits as there are, and not Decimal's 28: above that, quantize would raise.
        digits = max(exact.adjusted(), 0) + decimals + 2
        exact = exact.quantize(Decimal(1).scaleb(-decimals), context=_rounding(digits))
    text = f"{exact.copy_abs():,f}"  # abs() would round to 28 digits
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = MINUS if exact < 0 and text.strip("0.,") else ""
    whole, _, fraction = text.partition(".")
    return f"{sign}{whole.replace(',', active().group)}{'.' if fraction else ''}{fraction}"
