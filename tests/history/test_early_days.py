"""Days before anything was known: every page says so, and none fails over one."""

from decimal import Decimal

import pytest
from django.test import Client

from reviews.models import Review
from tests.cast import Cast, added
from valueboard.lib import formats

EARLY = ("1999-12-31", "1000-01-01", "0001-01-01")
PAGES = (
    "/?as_of={}",
    "/?compare={}",
    "/board/cards/?as_of={}",
    "/board/map.json?compare={}",
    "/board.csv?as_of={}",
    "/board.xlsx?compare={}",
    "/board/print/?as_of={}",
    "/maturity/?as_of={}",
    "/maturity/estimate/?as_of={}",
)
FIGURES = (
    "what=total_projected&of=q:&as_of={}",
    "what=total_projected&of=q:&known_at={}T00:00:00.000000Z",
    "what=run_rate&of=w:contract-review&known_at={}T00:00:00.000000Z",
    "what=moved&of=q:&figure=projected&compare={}",
    "what=day_median&of=w:contract-review:{}",
    "what=maturity&of=maturity:estimate:*&as_of={}",
)
SAID = "Nothing is known of so early a day"


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_over_a_day_before_anything(client: Client, cast: Cast, page: str) -> None:
    added(cast)
    client.force_login(cast.felix)
    for day in EARLY:
        answer = client.get(page.format(day))
        assert answer.status_code == 200
        if "html" in answer["Content-Type"] and "print" not in page:
            assert SAID in answer.content.decode()
    answer = client.get(page.format("2000-01-01"))
    assert answer.status_code == 200
    assert SAID.encode() not in answer.getvalue()


@pytest.mark.parametrize("query", FIGURES)
def test_no_figure_is_explained_of_a_day_before_anything(
    client: Client, cast: Cast, query: str
) -> None:
    added(cast)
    client.force_login(cast.felix)
    for day in EARLY:
        assert client.get(f"/figures/?{query.format(day)}").status_code in {400, 404}


def test_no_review_is_held_of_a_day_before_anything(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)
    answer = client.post("/reviews/new/", {"name": "Long ago", "as_of": EARLY[0]})
    assert answer.status_code == 422
    assert SAID in answer.content.decode()
    assert not Review.objects.exists()


def test_an_amount_of_any_length_is_filtered_for(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)
    for page in ("/", "/board.xlsx", "/gaps/"):
        assert client.get(page, {"above": "9" * 40}).status_code == 200
    assert formats.number(Decimal("9" * 40), 2).endswith("999.00")
