"""Tables for spreadsheets: CSV in a stream, and workbooks.

No text of a bill or of a person becomes a formula. CSV carries amounts to their last digit; in a
workbook they are numbers, of which spreadsheets hold about 15 digits.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None
# What spreadsheets would take for the beginning of a formula; some take the full-width signs too.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
WIDTH = 18


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, and its rows, the first of which is the head."""

    name: str
    rows: Iterable[Sequence[Cell]]


class _Echo:
    """What a CSV writer writes to; hands each line back."""

    def write(self, line: str) -> str:
        return line


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


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the lines of a CSV file, texts made harmless and amounts to their last digit."""
    writer = csv.writer(_Echo())
    for row in rows:
        # What a writer returns is what its file's write returned.
        yield str(writer.writerow([_said(cell) for cell in row]))


def write_workbook(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write a workbook, one row in memory at a time: numbers as numbers, days as days."""
    options = {"constant_memory": True}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for number, row in enumerate(sheet.rows):
                if number == 0:
                    page.set_column(0, len(row) - 1, WIDTH)
                for column, cell in enumerate(row):
                    _write(page, (number, column), cell, head if number == 0 else None, day)


def _said(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return exact(cell)
    return harmless(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _write(
    page: Worksheet,
    place: tuple[int, int],
    cell: Cell,
    text: "xlsxwriter.format.Format | None",
    day: "xlsxwriter.format.Format",
) -> None:
    if isinstance(cell, str):
        # As a string, whatever it looks like: neither a formula nor a link.
        page.write_string(*place, harmless(cell), text)
    elif isinstance(cell, date):
        page.write_datetime(*place, cell, day)
    elif cell is not None:
        page.write_number(*place, cell)
