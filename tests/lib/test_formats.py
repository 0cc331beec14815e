"""Numbers and dates by locale, and one place that writes them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as some

from devtools.layers import layers
from valueboard.lib import formats
from valueboard.lib.money import compact_money, format_money, parse_money

ROOT = Path(settings.BASE_DIR)
ROOMS = sorted({module.split(".")[0] for layer in layers() for module in layer})
DAY = date(2026, 9, 3)
MOMENT = datetime(2026, 9, 3, 14, 5, 9, tzinfo=UTC)
# Dates for people have names of months or days without a leading zero; for machines, neither.
IN_TEMPLATES = re.compile(r"\|(date|time)\b|\{% now\b|\bintcomma\b|\bfloatformat\b")
IN_PYTHON = re.compile(
    r"%-?[BbAap]\b|%-[dImH]|\bstrftime\(\"(?!%Y)|date_format\(|dateformat|:,(\.\d+f)?\}(?!\})"
)
MAY_PRINT = {
    "valueboard/lib/formats.py": "the one place",
    "valueboard/spend_days.py": "a template of plotly's, which is told the locale",
    "valueboard/spend_history.py": "a template of plotly's, which is told the locale",
}


@pytest.mark.parametrize(
    ("code", "day", "long_day", "weekday", "moment", "instant"),
    [
        (
            "en-GB",
            "3 Sep 2026",
            "3 September 2026",
            "Thu 3 Sep 2026",
            "3 Sep 2026, 14:05 UTC",
            "3 Sep 2026, 14:05:09 UTC",
        ),
        (
            "en-US",
            "Sep 3, 2026",
            "September 3, 2026",
            "Thu, Sep 3, 2026",
            "Sep 3, 2026, 2:05 PM UTC",
            "Sep 3, 2026, 2:05:09 PM UTC",
        ),
        (
            "en-001",
            "2026-09-03",
            "2026-09-03",
            "Thu 2026-09-03",
            "2026-09-03 14:05 UTC",
            "2026-09-03 14:05:09 UTC",
        ),
    ],
)
def test_dates_by_locale(  # noqa: PLR0917 - a row of a table
    code: str, day: str, long_day: str, weekday: str, moment: str, instant: str
) -> None:
    with formats.using(code):
        assert formats.day(DAY) == day
        assert formats.long_day(DAY) == long_day
        assert formats.weekday(DAY) == weekday
        assert formats.moment(MOMENT) == moment
        assert formats.instant(MOMENT) == instant
        assert formats.month(DAY) == "September 2026"


def test_numbers_by_locale() -> None:
    assert formats.number(Decimal("-1234567.50")) == "−1,234,567.5"
    with formats.using("en-001"):
        assert (
            formats.number(Decimal("-1234567.50"))
            == "−1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567.5"
        )
        assert (
            format_money(Decimal(-4600000), "USD")
            == "−$4\N{NO-BREAK SPACE}600\N{NO-BREAK SPACE}000"
        )
        assert compact_money(Decimal(3660000), "USD") == "$3.66M"


def test_a_locale_ends_with_its_reader() -> None:
    with formats.using("en-US"), formats.using("xx-XX"):
        assert formats.active() is formats.DEFAULT
    assert formats.active() is formats.DEFAULT


@given(
    some.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=2
    ),
    some.sampled_from(sorted(formats.LOCALES)),
)
def test_what_is_written_is_read_back_in_every_locale(amount: Decimal, code: str) -> None:
    with formats.using(code):
        assert parse_money(format_money(amount, "USD", 2), "USD") == amount


def lines(pattern: str, *rooms: str) -> Iterator[tuple[str, str]]:
    """Every line of the files below some folders, with its place."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob(pattern)):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def test_templates_leave_formats_to_the_one_place() -> None:
    own = [
        place
        for p in ("*.html", "*.txt")
        for place, line in lines(p, "templates")
        if IN_TEMPLATES.search(line)
    ]
    assert not own


def test_python_leaves_formats_to_the_one_place() -> None:
    own = [
        place
        for place, line in lines("*.py", *ROOMS)
        if IN_PYTHON.search(line)
        and place.partition(":")[0] not in MAY_PRINT
        and "/management/commands/" not in place
    ]
    assert not own


@pytest.mark.parametrize(
    "planted",
    [
        'f"{day:%B %Y}"',
        'f"{day:%-d %b %Y}"',
        'day.strftime("%d.%m.%Y")',
        'date_format(day, "j F Y")',
        'f"{rows:,} rows"',
        'f"{share:,.2f}%"',
    ],
)
def test_a_planted_format_is_found(planted: str) -> None:
    assert IN_PYTHON.search(planted)


@pytest.mark.parametrize(
    "planted", ['{{ day|date:"j M Y" }}', '{% now "j M Y" %}', "{{ n|intcomma }}"]
)
def test_a_planted_filter_is_found(planted: str) -> None:
    assert IN_TEMPLATES.search(planted)
