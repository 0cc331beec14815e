"""The forms of a page, each with what a browser would post of it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.models import User
from valueboard.lib.http import KEY_FIELD

Values = dict[str, str | list[str]]


WHY = "Because it is so."


@dataclass
class PageForm:
    """One form: where it is posted to ('' for the page itself), and what stands in its fields."""

    method: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.form: PageForm | None = None
        self.select = self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = PageForm(given.get("method", "get"), given.get("action", ""))
            self.forms.append(self.form)
        if self.form is None:
            return
        name, values = given.get("name", ""), self.form.values
        if tag == "input" and name:
            ticked = given.get("type") in {"radio", "checkbox"}
            if not ticked or "checked" in given:
                values.setdefault(name, []).append(given.get("value", "on" if ticked else ""))
        elif tag == "textarea":
            self.area, values[name] = name, [""]
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            values[self.select] = [given["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.form:
            # Browsers drop the line end after the tag, which Django writes for that reason.
            texts = self.form.values[self.area]
            texts[0] = texts[0].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.form:
            self.form.values[self.area][0] += data


def forms_of(page: str) -> list[PageForm]:
    """Return the forms of a page that are posted."""
    return [form for form in _Reader(page).forms if form.method == "post"]


def form_to(answer: Any, address: str, *, here: str) -> dict[str, list[str]]:
    """Return what a browser would post to `address` from a page that was answered at `here`."""
    page = answer.content.decode()
    found = [form for form in forms_of(page) if (form.action or here) == address]
    assert found, f"no form of {here} goes to {address}"
    return found[0].values


@dataclass(frozen=True)
class Post:
    """What one person does on a page: types `typed` into the form that goes to `address`."""

    user: User
    page: str
    typed: dict[str, Any] = field(default_factory=dict)
    address: str = ""

    @property
    def target(self) -> str:
        """Return where the form goes to."""
        return self.address or self.page

    def client(self) -> Client:
        """Return a browser of the person, signed in."""
        client = Client()
        client.force_login(self.user)
        return client

    def body(self, client: Client, *, key: str = "", typed: bool = True) -> dict[str, Any]:
        """Open the page and return what would be posted; without a key unless one is given."""
        body: dict[str, Any] = dict(form_to(client.get(self.page), self.target, here=self.page))
        body.pop("csrfmiddlewaretoken", None)
        assert body.pop(KEY_FIELD, None), f"the form of {self.page} has no key"
        return body | (self.typed if typed else {}) | ({KEY_FIELD: key} if key else {})
