"""Every percentage and sum of the maturity page leads to a panel that computes to the same."""

import re
from decimal import Decimal
from fractions import Fraction
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from maturity.explain import explain_maturity
from records.clock import now
from tests.cast import Cast
from tests.maturity.test_pages import lived
from valueboard.lib.explained import Explanation, What
from valueboard.lib.figure import Made

__all__ = ["lived"]  # a fixture
LINK = re.compile(r'href="(/figures/\?what=maturity[^"]*)"')


def computed(found: Explanation) -> Fraction:
    """What the inputs of a panel come to by the method's text."""
    if found.made.what in {What.MATURITY_PART, What.MATURITY_WHOLE}:
        place = 2 if found.made.what == What.MATURITY_PART else 3
        rows = [Fraction(row[place].plain) for row in found.tables[0].rows]
        return Fraction(round(sum(rows, Fraction(0)) * 100), 100)
    numbers = [Fraction(given.plain) for given in found.givens]
    ratios = [100 * part / whole for part, whole in zip(numbers[::2], numbers[1::2], strict=True)]
    return Fraction(int(sum(ratios, Fraction(0)) / len(ratios) * 10), 10)


def test_every_figure_of_the_page_is_explained_and_computed_again(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    page = client.get("/maturity/").content.decode()
    links = sorted({unescape(link) for link in LINK.findall(page)})
    assert len(links) >= 13
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link
        asked = {name: texts[0] for name, texts in parse_qs(urlsplit(link).query).items()}
        found = answer.context["explanation"]
        assert Fraction(found.figure.amount) == computed(found), link
        shown = f"{found.figure.amount:f}"
        assert Decimal(shown) == found.figure.amount
        assert asked["what"] == found.made.what


def test_a_space_and_a_stranger(client: Client, lived: Cast) -> None:
    made = Made(What.MATURITY, "maturity:estimate:search")
    found = explain_maturity(lived.felix, made, now())
    assert [given.value for given in found.givens] == [0, 1, 0, 1]
    client.force_login(lived.olivia)
    assert client.get(f"/figures/?{made.query}").status_code == 404
    client.force_login(lived.felix)
    for of in ("maturity:nonsense:*", "maturity:estimate:nowhere", "maturity:response:*"):
        assert client.get(f"/figures/?what=maturity&of={of}").status_code == 404, of
