"""An installation with people and Spaces and nothing else: every main page says what it is for."""

import re

import pytest
from django.test import Client

from tests.cast import Cast

EMPTY = re.compile(r'<div class="empty">.*?<h2>(.+?)</h2>\s*<p>(.+?)</p>', re.DOTALL)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        *(
            ("felix", address)
            for address in (
                "/",
                "/requests/",
                "/names/",
                "/reviews/",
                "/spend/",
                "/spend/deliveries/",
                "/spend/rules/",
                "/owed/",
                "/inbox/",
            )
        ),
        ("priya", "/approvals/"),
        ("olivia", "/"),
        ("olivia", "/requests/"),
        ("olivia", "/reviews/"),
        ("sam", "/requests/new/"),
        ("adam", "/spend/exports/"),
    ],
)
def test_an_empty_page_teaches(cast: Cast, client: Client, name: str, address: str) -> None:
    client.force_login(getattr(cast, name))
    found = EMPTY.search(client.get(address).content.decode())
    assert found
    title, text = (re.sub(r"\s+", " ", part) for part in found.groups())
    assert title
    assert len(text) > len("Nothing is here yet.")
    assert "manage.py" not in text  # what one does on this page, not on a server
