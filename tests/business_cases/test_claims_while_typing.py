"""Double claims while somebody types: what would be, which names are there, and nothing blocked."""

import re

import pytest
from django.test import Client

from business_cases.models import BusinessRequest
from spaces.models import Workload
from tests.business_cases.claimed import ARITHMETIC, decide, oscars, words
from tests.business_cases.typed import asked
from tests.cast import REVENUE, Cast, added, proposal, submitted


@pytest.mark.parametrize("script", [True, False])
def test_the_form_shows_what_would_be(client: Client, cast: Cast, *, script: bool) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    page, extra = ("/requests/panel/", {}) if script else ("/requests/new/", {"recalculate": "1"})
    answer = client.post(page, asked(cast) | extra)
    assert ARITHMETIC in words(answer)
    assert ARITHMETIC not in words(client.post(page, asked(cast, anchor="Fleet") | extra))
    # The name alone shows who is there, before any amount is typed.
    named = words(client.post(page, asked(cast, current_amount="", percent="") | extra))
    assert "Letters" in named
    assert "$3,900,000 = $3,900,000 declared a year, of $3,900,000: 100.0%" in named


def test_submitting_is_never_blocked(client: Client, cast: Cast) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    assert client.post("/requests/new/", asked(cast)).status_code == 302
    request = BusinessRequest.objects.get()
    assert ARITHMETIC in words(client.get(request.get_absolute_url()))


def test_a_draft_shows_its_author_what_would_be(client: Client, cast: Cast) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    page = BusinessRequest.objects.get().get_absolute_url()
    assert ARITHMETIC in words(client.get(page))


@pytest.mark.parametrize("script", [True, False])
def test_a_revision_counts_its_own_case_once(client: Client, cast: Cast, *, script: bool) -> None:
    workload = added(cast)
    oscars(cast)
    client.force_login(cast.olivia)
    page = f"{workload.get_absolute_url()}case/"
    assert ARITHMETIC in words(client.get(page))
    new = {name: text for name, text in asked(cast, percent="10").items() if name != "seen"}
    headers = {"HX-Request": "true"} if script else {}
    answer = client.post(page, new | {"recalculate": "1", "seen": "1"}, headers=headers)
    assert "$460,000 + $3,900,000 = $4,360,000 declared a year, of $4,600,000: 94.8%" in words(
        answer
    )


def test_a_returned_request_is_no_other_claimant_than_its_own_form(
    client: Client, cast: Cast
) -> None:
    """Its workload may be claimed by its spend, so that its recorded case counts."""
    request = submitted(cast)
    decide(cast, request, "returned")
    assert request.workload
    Workload.objects.filter(pk=request.workload.pk).update(state="claimed")
    oscars(cast)
    client.force_login(cast.olivia)
    for page in (f"/requests/{request.pk}/panel/", f"/requests/{request.pk}/edit/"):
        answer = client.post(page, asked(cast) | {"recalculate": "1", "seen_case": "1"})
        assert ARITHMETIC in words(answer), page
    client.force_login(cast.oscar)
    assert client.post(f"/requests/{request.pk}/panel/", asked(cast)).status_code == 404


def test_the_field_offers_every_name_and_marks_what_it_is_of(client: Client, cast: Cast) -> None:
    oscars(cast)
    added(cast, proposal(cast, name="Shop", case=REVENUE))
    client.force_login(cast.olivia)
    html = client.get("/requests/new/").content.decode()
    assert 'list="known-names"' in html
    options = re.findall(r'<option\s+value="([^"]+)"\s+data-kind="([^"]+)"', html)
    assert options == [("outside  COUNSEL", "cost_saving"), ("Web shop", "revenue_driving")]
    shop = Workload.objects.get(name="Shop")
    for page in ("/spaces/commerce/add-workload/", f"{shop.get_absolute_url()}case/"):
        assert 'data-kind="cost_saving"' in client.get(page).content.decode(), page


def test_a_name_of_somebodys_draft_is_not_offered(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1", anchor="Secret vendor"))
    client.force_login(cast.oscar)
    assert "Secret vendor" not in client.get("/requests/new/").content.decode()


def test_a_near_duplicate_is_hinted_at_and_blocks_nothing(client: Client, cast: Cast) -> None:
    added(cast)
    client.force_login(cast.olivia)
    text = asked(cast, anchor="Outside councel", name="Another")
    assert "Cases draw on “Outside counsel” already" in words(client.post("/requests/panel/", text))
    assert client.post("/requests/new/", text).status_code == 302
