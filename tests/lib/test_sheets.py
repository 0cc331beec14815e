import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.figure import Figure, Kind
from valueboard.lib.sheets import (
    FORMULA,
    Cell,
    Sheet,
    csv_lines,
    exact,
    harmless,
    head,
    shown_multiple,
    write_workbook,
)

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells_of(book: bytes, sheet: int = 1) -> list[list[tuple[str, str]]]:
    """Return the cells of a sheet as (type, text): `inlineStr` for texts, `n` for numbers."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        root = ET.fromstring(parts.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314 - our own
    assert root.find(".//m:f", NS) is None  # no formula anywhere
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iterfind("m:c", NS)]
        for row in root.iterfind(".//m:row", NS)
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "-A1", "@SUM(A1)", "\t=1", "\r=1"])
@pytest.mark.parametrize("is_wide", [False, True])
def test_no_text_becomes_a_formula(text: str, *, is_wide: bool) -> None:
    if is_wide:  # as typed in Japanese
        text = text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "=+-@"})
    assert harmless(text) == f"'{text}"
    (row,) = csv.reader(io.StringIO("".join(csv_lines([[text]])), newline=""))
    assert row == [f"'{text}"]
    file = io.BytesIO()
    write_workbook(file, [Sheet("S", [["head"], [text]])])
    kind, _ = cells_of(file.getvalue())[1][0]
    assert kind == "inlineStr"


@given(st.text())
def test_what_is_handed_out_never_begins_like_a_formula(text: str) -> None:
    assert not harmless(text).startswith(FORMULA) or Decimal(text) < 0


def test_all_digits_of_an_amount_below_zero_stay_a_number() -> None:
    assert harmless(exact(Decimal("-1666.6666666666"))) == "-1666.6666666666"


def test_amounts_are_numbers_and_in_csv_whole_to_the_last_digit() -> None:
    row: list[Cell] = [
        "x",
        3,
        Decimal("-1234567890.123456789012345678900000"),
        date(2026, 9, 5),
        None,
    ]
    (read,) = csv.reader(csv_lines([row]))
    assert read == ["x", "3", "-1234567890.1234567890123456789", "2026-09-05", ""]
    file = io.BytesIO()
    write_workbook(file, [Sheet("S", [("head",) * 5, row])])
    cells = cells_of(file.getvalue())[1]
    assert [kind for kind, _ in cells] == ["inlineStr", "n", "n", "n"]
    assert cells[2][1] == "-1234567890.123457"


def test_a_sheet_is_written_after_the_one_before() -> None:
    """So that a sheet about the first one can count what went by."""
    went: list[str] = []

    def first() -> list[list[str]]:
        went.append("first")
        return [["head"]]

    file = io.BytesIO()
    sheets = (Sheet(name, rows) for name, rows in (("A", first()), ("B", [["head"], [str(went)]])))
    write_workbook(file, sheets)
    assert cells_of(file.getvalue(), 2)[1] == [("inlineStr", "['first']")]


@pytest.mark.parametrize(
    ("amount", "text"), [("1.500", "1.5"), ("100", "100"), ("0E-24", "0"), ("-0.10", "-0.1")]
)
def test_zeros_at_the_end_are_left_out(amount: str, text: str) -> None:
    assert exact(Decimal(amount)) == text


def opened(sheets: list[Sheet]) -> openpyxl.Workbook:
    """Write a workbook and open it with another program."""
    file = io.BytesIO()
    write_workbook(file, sheets)
    file.seek(0)
    return openpyxl.load_workbook(file)


@pytest.mark.parametrize(
    ("amount", "unit", "number", "shown"),
    [
        ("159171.27", "USD", 159171.27, "#,##0.00"),
        ("-12.5", "EUR", -12.5, "#,##0.00"),
        ("6.6667", "%", 0.066667, "0.0###%"),
        ("7.22", "×", 7.22, '0.00"×"'),
        ("10", "×", 10, '#,##0"×"'),
        ("23", "×", 23, '#,##0"×"'),
        ("1.5", "points", 1.5, "0.0###"),
        ("9999999999999.99", "USD", 9999999999999.99, "#,##0.00"),
        ("-9999999999999.99", "USD", -9999999999999.99, "#,##0.00"),
    ],
)
def test_a_figure_is_a_number_shown_as_on_the_screen(
    amount: str, unit: str, number: float, shown: str
) -> None:
    figure = Figure(Decimal(amount), unit, Kind.DERIVED)
    cell = opened([Sheet("S", [[head("Of it", unit, Kind.DERIVED)], [figure]])])["S"]["A2"]
    assert (cell.data_type, cell.value, cell.number_format) == ("n", number, shown)
    assert list(csv.reader(csv_lines([[figure]]))) == [[amount]]


def test_a_figure_of_more_digits_than_a_spreadsheet_holds_is_a_text() -> None:
    figure = Figure(Decimal("10000000000000.01"), "USD", Kind.PROJECTED)
    cell = opened([Sheet("S", [["P"], [figure]])])["S"]["A2"]
    assert (cell.data_type, cell.value) == ("s", "10000000000000.01")


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [("4.99999", "4.99"), ("7.2299", "7.22"), ("9.999", "9.99"), ("23.99", "23"), ("0.001", "0")],
)
def test_no_multiple_looks_better_than_its_band(ratio: str, shown: str) -> None:
    assert shown_multiple(Fraction(ratio)) == Decimal(shown)


def test_the_head_names_unit_and_kind() -> None:
    assert head("Annual cost", "USD", Kind.PROJECTED) == "Annual cost (USD, projected)"


def test_first_columns_can_be_wider() -> None:
    page = opened([Sheet("S", [["name", "a", "b"]], widths=(40,))])["S"]
    assert page.column_dimensions["A"].width > page.column_dimensions["B"].width
