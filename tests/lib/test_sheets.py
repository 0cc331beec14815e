import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.sheets import FORMULA, Cell, Sheet, csv_lines, exact, harmless, write_workbook

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
