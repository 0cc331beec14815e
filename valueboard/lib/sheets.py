"""Tables for spreadsheets: CSV in a stream, and workbooks.

No text of a bill or of a person becomes a formula. CSV carries amounts to their last digit; in a
workbook they are numbers, of which spreadsheets hold 15 digits. A figure that has more is a text
there, so that no digit of it is made up; what kind of figure a column has, its head says.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import IO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from valueboard.lib.bands import TWO_DECIMALS_BELOW
from valueboard.lib.figure import POINTS, Figure, Kind

Cell = str | int | Decimal | date | Figure | None
# What spreadsheets would take for the beginning of a formula; some take the full-width signs too.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
WIDTH = 18
LINES = 200
MOST_DIGITS = 15
HUNDRED = 100
# How a spreadsheet shows a figure, by its unit; the rest are currencies. A multiple loses its
# decimals where the screen shows none.
MONEY = "#,##0.00"
FORMATS = {"%": "0.0###%", "×": '0.00"×"', POINTS: "0.0###"}
LARGE_MULTIPLE = '#,##0"×"'


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, and its rows, the first of which is the head.

    `widths` are those of the first columns, in characters; the others are all alike.
    """

    name: str
    rows: Iterable[Sequence[Cell]]
    widths: tuple[int, ...] = ()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; a plain number stays one.

    It is one cell, as the commas of CSV part them. Where a spreadsheet is told to part a file by
    another sign, such as `;`, what follows that inside a text is a cell that nobody looked at.
    """
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def exact(amount: Decimal) -> str:
    """Return all digits of an amount, without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def head(label: str, unit: str, kind: Kind) -> str:
    """Return the head of a column of figures: `Projected annual cost (USD, projected)`."""
    return f"{label} ({unit}, {kind.value})"


def shown_multiple(ratio: Fraction) -> Decimal:
    """Return a ratio rounded down as the screen shows it (METHOD 5), as a number."""
    if ratio >= TWO_DECIMALS_BELOW:
        return Decimal(ratio.numerator // ratio.denominator)
    return Decimal(ratio.numerator * HUNDRED // ratio.denominator).scaleb(-2)


def fits(amount: Decimal) -> bool:
    """Tell whether a spreadsheet's number holds an amount to its last digit."""
    return len(exact(amount).lstrip("-0.").replace(".", "")) <= MOST_DIGITS


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the lines of a CSV file, texts made harmless and amounts to their last digit.

    Many at a time: each part of a stream is packed by itself.
    """
    rows = iter(rows)
    while some := [*islice(rows, LINES)]:
        file = io.StringIO(newline="")
        csv.writer(file).writerows([_said(cell) for cell in row] for row in some)
        yield file.getvalue()


def write_workbook(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write a workbook, one row in memory at a time: numbers as numbers, days as days."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        formats = _Formats(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for number, row in enumerate(sheet.rows):
                if number == 0:
                    page.set_column(0, len(row) - 1, WIDTH)
                    for column, width in enumerate(sheet.widths):
                        page.set_column(column, column, width)
                for column, cell in enumerate(row):
                    _write(page, (number, column), cell, formats)


class _Formats:
    """The formats of a workbook: each is made once, when the first cell asks for it."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[str, xlsxwriter.format.Format] = {}
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})

    def of(self, number_format: str) -> "xlsxwriter.format.Format":
        """Return the format of numbers that are shown so."""
        if number_format not in self._made:
            self._made[number_format] = self._book.add_format({"num_format": number_format})
        return self._made[number_format]


def _said(cell: Cell) -> str:
    if isinstance(cell, Figure):
        return exact(cell.amount)
    if isinstance(cell, Decimal):
        return exact(cell)
    return harmless(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _write(page: Worksheet, place: tuple[int, int], cell: Cell, formats: _Formats) -> None:
    if isinstance(cell, str):
        # As a string, whatever it looks like: neither a formula nor a link.
        page.write_string(*place, harmless(cell), None if place[0] else formats.head)
    elif isinstance(cell, Figure):
        _write_figure(page, place, cell, formats)
    elif isinstance(cell, date):
        page.write_datetime(*place, cell, formats.of("yyyy-mm-dd"))
    elif cell is not None:
        page.write_number(*place, cell)


def _write_figure(
    page: Worksheet, place: tuple[int, int], figure: Figure, formats: _Formats
) -> None:
    if not fits(figure.amount):
        page.write_string(*place, exact(figure.amount))
        return
    shown = FORMATS.get(figure.unit, MONEY)
    if figure.unit == "×" and abs(figure.amount) >= TWO_DECIMALS_BELOW:
        shown = LARGE_MULTIPLE
    amount = figure.amount / HUNDRED if figure.unit == "%" else figure.amount
    page.write_number(*place, amount, formats.of(shown))
