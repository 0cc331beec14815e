"""What people type into the forms of requests, and what stands in the pages' fields."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from tests.cast import Cast
from valueboard.lib.http import KEY_FIELD

GOOD = {
    "name": "Contract review",
    "purpose": "Reads contracts.",
    "space": "commerce",
    "monthly_amount": "$10,000",
    "growth_percent": "5 %",
    "first_month": "2027-01",
    "months": "12",
    "value_type": "cost_saving",
    "anchor": "Outside counsel",
    "current_amount": "4.6m",
    "percent": "25 %",
    "period": "2025",
    "source": "Ledger 6310",
    "basis": "A pilot.",
    "net_of_review": "yes",
}
CASE = {
    name: GOOD[name]
    for name in (
        "value_type", "anchor", "current_amount", "percent", "period", "source", "basis",
        "net_of_review",
    )
}  # fmt: skip


def asked(cast: Cast, **changes: str) -> dict[str, Any]:
    """What Olivia posts for a new request, unless said otherwise."""
    return GOOD | {"owner": str(cast.olivia.pk), "seen": "0"} | changes


class Fields(HTMLParser):
    """The fields of a page with what stands in them, as a browser would post them."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.values: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.area = self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a field, or the option that is selected."""
        given: Mapping[str, str] = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name:
            self.types[name] = given.get("type", "text")
            if self.types[name] != "radio" or "checked" in given:
                self.values[name] = given.get("value", "")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        """Leave a text area or a list of options."""
        if tag == "textarea":
            # Browsers drop the line end after the tag, which Django writes for that reason.
            self.values[self.area] = self.values[self.area].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        """Take what stands in a text area."""
        if self.area:
            self.values[self.area] += data


def fields_of(answer: Any) -> dict[str, str]:
    """Return what a browser would post of a page that it was answered, but for the form's key.

    Without it every post counts; what a key does is tested in tests/idempotency.
    """
    values = Fields(answer.content.decode()).values
    values.pop(KEY_FIELD, None)
    return values
