"""Dates and plain counts in templates, as the reader's locale writes them; built in, never loaded.

Those with `iso` are for addresses and attributes, which machines read.
"""

from datetime import date, datetime
from decimal import Decimal

from django import template

from valueboard.lib import formats
from valueboard.lib.months import DAWN

register = template.Library()

NONE = "—"

# Django hands moments over in the organisation's zone.
for write in (formats.moment, formats.day_time, formats.instant, formats.clock):
    register.filter(write.__name__, write, expects_localtime=True)
for write in (formats.day, formats.long_day, formats.weekday, formats.month, formats.short_month):
    register.filter(write.__name__, write, expects_localtime=True)


@register.filter
def number(value: Decimal | int | None) -> str:
    """Write a count with its thousands apart; a dash where there is none."""
    return NONE if value is None else formats.number(value)


@register.filter(expects_localtime=True)
def iso_day(value: date) -> str:
    """Write a day for a machine: `2026-10-31`."""
    return f"{value:%Y-%m-%d}"


@register.simple_tag
def earliest_day() -> str:
    """Write the first day that a page can be as of, for a field: what is half typed is none yet."""
    return iso_day(DAWN)


@register.filter
def iso_month(value: date) -> str:
    """Write a month for a machine: `2026-10`."""
    return f"{value:%Y-%m}"


@register.filter
def iso(value: datetime) -> str:
    """Write a moment for a machine: `2026-10-31T14:05:00+00:00`."""
    return value.isoformat()
