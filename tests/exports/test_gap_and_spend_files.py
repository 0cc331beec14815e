"""Gaps and a month's spend as files, opened by another program, and equal to the screen."""

import csv
import io
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapOpening
from tests.cast import Cast, added, proposal
from tests.clock import Travel
from tests.spend import bedrock, close_september, load, rule_for
from tests.standing import living

PROJECTED = "Annual cost, projected, USD"
ACTUAL = "Run-rate or spend, actual, USD"


class Screen(HTMLParser):
    """The rows of a page's tables: where each leads, and by label how its cells begin."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self._label = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a row, a cell, or where its heading leads."""
        given = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self.rows.append({})
        elif tag == "th":
            self._label = "name"
        elif tag == "td":
            self._label = given.get("data-label", "")
        elif tag == "a" and self._label == "name" and self.rows:
            self.rows[-1].setdefault("address", given.get("href", ""))

    def handle_data(self, data: str) -> None:
        """Take in what a cell begins with."""
        if self._label and self.rows and data.strip():
            self.rows[-1].setdefault(self._label, " ".join(data.split()))


def amount(text: str) -> Decimal | None:
    """Read `$1,200.50` as it is printed; a dash is none."""
    number = re.sub(r"[$,\s]", "", text).replace("\N{MINUS SIGN}", "-")
    return None if number == "—" else Decimal(number)


def live(cast: Cast, _travel: Travel, folder: Path) -> Cast:
    """Gaps of three kinds, one asked about, and a closed month of spend."""
    spender = added(cast, proposal(cast, name="Spender", case=None))
    quiet = added(cast, proposal(cast, name="Quiet", case=None, space=cast.search))
    rule_for(cast.felix, spender, "spender")
    rule_for(cast.felix, quiet, "quiet")
    load(folder / "bill", bedrock("spender", 12.5), bedrock("quiet", 4.0), bedrock("", 3.25))
    close_september(cast)
    look_for_gaps()
    asked = GapOpening.objects.get(kind="unbacked", workload=spender)
    request_from_owner(actor=cast.felix, opening=asked, seen=0, rationale="For the review.")
    return cast


organisation = living("organisation", live)


def said_of_gaps(page: str) -> dict[str, list[Any]]:
    return {
        row["address"].rstrip("/").rsplit("/", 1)[1]: [
            row["name"],
            row["State"],
            amount(row["Projected annual cost"]),
            amount(row["Actual"]),
        ]
        for row in Screen(page).rows
        if row.get("address", "").startswith("/gaps/")
    }


def in_file(row: dict[str, Any]) -> list[Any]:
    read = [row[PROJECTED], row[ACTUAL]]
    return [
        row["Workload or spend"],
        row["State"],
        *(None if each in {"", None} else round(Decimal(str(each)), 2) for each in read),
    ]


@pytest.mark.parametrize("query", ["", "?kind=unbacked", "?state=actioned", "?space=search"])
def test_files_of_gaps_are_what_the_screen_shows(
    client: Client, organisation: Cast, query: str
) -> None:
    client.force_login(organisation.felix)
    said = said_of_gaps(client.get(f"/gaps/{query}").content.decode())
    assert said
    text = client.get(f"/gaps/gaps.csv{query}").content.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["Gap"]: in_file(row) for row in rows} == said
    sent = client.get(f"/gaps/gaps.xlsx{query}").getvalue()
    head, *cells = openpyxl.load_workbook(io.BytesIO(sent))["Allocation Gaps"].iter_rows(
        values_only=True
    )
    book = [dict(zip(head, row, strict=True)) for row in cells]
    assert {str(row["Gap"]): in_file(row) for row in book} == said


def test_files_of_spend_are_what_the_screen_shows(client: Client, organisation: Cast) -> None:
    """Every row of both files is the other's, and every workload is on the screen as in them."""
    client.force_login(organisation.felix)
    page = client.get("/spend/?month=2026-09").content.decode()
    text = client.get("/spend/export.csv?month=2026-09").content.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    sent = client.get("/spend/export.xlsx?month=2026-09").getvalue()
    first = openpyxl.load_workbook(io.BytesIO(sent)).worksheets[0]
    head, *cells = first.iter_rows(values_only=True)
    book = [dict(zip(head, row, strict=True)) for row in cells]
    assert len(book) == len(rows)
    for in_book, in_csv in zip(book, rows, strict=True):
        assert (in_book.pop("to the last digit") or "") == in_csv["amount"]
        amounts = [each.pop("amount") for each in (in_book, in_csv)]
        numbers = [None if each in {None, ""} else Decimal(str(each)) for each in amounts]
        assert numbers[0] == numbers[1]
        assert {key: value or "" for key, value in in_book.items()} == in_csv
        in_csv["amount"] = amounts[1]
    kind = next(name for name, value in rows[0].items() if value == "workload")
    said = {
        row["name"]: amount(row["Actual spend"])
        for row in Screen(page).rows
        if row.get("address", "").startswith("/workloads/") and "Actual spend" in row
    }
    assert {r["name"]: Decimal(r["amount"]) for r in rows if r[kind] == "workload"} == said
    assert said == {"Spender": Decimal("12.50"), "Quiet": Decimal(4)}
