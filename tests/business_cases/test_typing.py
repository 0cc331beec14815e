"""Nothing that was typed is lost: drafts, two tabs, refusals, no script."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from business_cases.actions import revise_estimate, withdraw_request
from business_cases.models import (
    BusinessRequest,
    CaseSnapshot,
    EstimateSnapshot,
    RequestState,
)
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import GOOD, Fields, asked, fields_of
from tests.cast import TERMS, Cast, proposal, submitted

# What a keyboard and a clipboard can put into a field.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
TYPED = st.fixed_dictionaries(
    {name: TEXT for name in GOOD if name not in {"space", "value_type", "net_of_review"}}
)


@given(typed=TYPED)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_typed_text_is_ever_lost(cast: Cast, typed: dict[str, str]) -> None:
    client = Client()
    client.force_login(cast.olivia)
    text = asked(cast, **typed)
    refused = client.post("/requests/new/", text)
    if refused.status_code == 422:
        assert fields_of(refused).items() >= typed.items()
    recalculated = client.post("/requests/new/", text | {"recalculate": "1"})
    assert fields_of(recalculated).items() >= typed.items()
    saved = client.post("/requests/new/", text | {"draft": "1"})
    assert fields_of(client.get(saved["Location"])).items() >= typed.items()


def test_line_ends_and_markup_come_back_as_typed(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    typed = {"purpose": "\n\n<script>alert(1)</script>\r\n=1+1", "basis": "{{ 7 }}\r\n\r\n&amp;"}
    saved = client.post("/requests/new/", asked(cast, draft="1", **typed))
    page = client.get(saved["Location"])
    assert "<script>alert" not in page.content.decode()
    assert fields_of(page).items() >= typed.items()


@pytest.mark.parametrize("button", ["draft", "recalculate", "submit"])
def test_a_nul_is_no_fault_of_the_server(client: Client, cast: Cast, button: str) -> None:
    client.force_login(cast.olivia)
    typed = {name: f"{text}\0" for name, text in asked(cast).items()}
    assert client.post("/requests/new/", typed | {button: "1"}).status_code in {200, 302}


def test_what_is_no_month_stays_in_a_field_that_can_show_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    picked = Fields(client.get("/requests/new/").content.decode())
    assert picked.types["first_month"] == "month"
    refused = client.post("/requests/new/", asked(cast, first_month="March, or so"))
    shown = Fields(refused.content.decode())
    assert (shown.types["first_month"], shown.values["first_month"]) == ("text", "March, or so")


def test_recalculating_shows_figures_and_records_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    for address in ("/requests/new/", "/spaces/commerce/add-workload/"):
        answer = client.post(address, asked(cast, name="", source="", months="x", recalculate="1"))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "<html" in page
        assert "$1,150,000" in page
        # What was typed wrongly is said, what is still empty is not.
        assert "1 to 120 whole months" in page
        assert "Name the workload" not in page
    assert not BusinessRequest.objects.exists()
    assert not Workload.objects.exists()


def test_each_number_is_echoed_as_it_was_read(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    typed = asked(cast, monthly_amount="1.2m", current_amount="USD 4,600,000", percent="25 %")
    for address in ("/requests/panel/", "/requests/new/"):
        page = client.post(address, typed | {"recalculate": "1"}).content.decode()
        assert "$1,200,000 a month" in page
        assert "$4,600,000 a year" in page
    halfway = client.post("/requests/panel/", typed | {"percent": "2x"}).content.decode()
    assert "It needs the current annual amount and the percentage" in halfway
    assert "Unbacked" not in halfway


def returned(client: Client, cast: Cast) -> BusinessRequest:
    """A request of Olivia's that Priya returned, written through the front door."""
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast))
    request = BusinessRequest.objects.get()
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Too high.")
    request.refresh_from_db()
    return request


def test_a_returned_request_is_changed_with_a_reason(client: Client, cast: Cast) -> None:
    request = returned(client, cast)
    assert "Too high." in client.get(f"/requests/{request.pk}/").content.decode()
    address = f"/requests/{request.pk}/edit/"
    typed = fields_of(client.get(address)) | {"percent": "10"}
    without = client.post(address, typed)
    assert without.status_code == 422
    assert "Say why the figures changed." in without.content.decode()
    client.post(address, typed | {"reason": "Measured again."})
    assert [c.reason for c in CaseSnapshot.objects.order_by("version")] == [
        "First version.",
        "Measured again.",
    ]
    assert EstimateSnapshot.objects.count() == 1
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_submitting_the_same_figures_again_needs_no_reason(client: Client, cast: Cast) -> None:
    request = returned(client, cast)
    address = f"/requests/{request.pk}/edit/"
    client.post(address, fields_of(client.get(address)) | {"purpose": "Reads all contracts."})
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    assert EstimateSnapshot.objects.count() == CaseSnapshot.objects.count() == 1
    assert Workload.objects.get().purpose == "Reads all contracts."


def test_a_reason_is_part_of_the_draft(client: Client, cast: Cast) -> None:
    request = returned(client, cast)
    address = f"/requests/{request.pk}/edit/"
    typed = fields_of(client.get(address)) | {"reason": "Not yet sure.", "draft": "1"}
    client.post(address, typed)
    assert fields_of(client.get(address))["reason"] == "Not yet sure."


def test_the_owner_of_a_workload_may_submit_it_again(client: Client, cast: Cast) -> None:
    request = submitted(cast, proposal(cast, owner=cast.mona))
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Why?")
    client.force_login(cast.mona)
    address = f"/requests/{request.pk}/edit/"
    client.post(address, fields_of(client.get(address)))
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_two_tabs_do_not_overwrite_each_other(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    address = f"/requests/{request.pk}/edit/"
    seen = str(request.revision)
    client.post(address, asked(cast, seen=seen, draft="1", purpose="First tab."))
    answer = client.post(address, asked(cast, seen=seen, draft="1", purpose="Second tab."))
    assert answer.status_code == 409
    assert "First tab." in answer.content.decode()
    request.refresh_from_db()
    assert request.typed["purpose"] == "First tab."
    # The form that came back saves what was typed in the second tab, once it was seen.
    assert fields_of(answer)["purpose"] == "Second tab."
    client.post(address, fields_of(answer) | {"draft": "1"})
    request.refresh_from_db()
    assert request.typed["purpose"] == "Second tab."


@pytest.mark.parametrize("button", ["draft", "submit"])
def test_what_was_typed_in_a_tab_survives_the_end_of_its_request(
    client: Client, cast: Cast, button: str
) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    address = f"/requests/{request.pk}/edit/"
    typed = fields_of(client.get(address)) | {"name": "A longer thought", button: "1"}
    withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    answer = client.post(address, typed)
    assert answer.status_code == 409
    assert "Meanwhile this request was withdrawn." in answer.content.decode()
    kept = fields_of(answer)
    assert kept["name"] == "A longer thought"
    assert 'action="/requests/new/"' in answer.content.decode()
    client.post("/requests/new/", kept | {"draft": "1"})
    assert BusinessRequest.objects.filter(
        name="A longer thought", state=RequestState.DRAFT
    ).exists()


def test_figures_revised_meanwhile_are_not_overwritten(client: Client, cast: Cast) -> None:
    request = returned(client, cast)
    address = f"/requests/{request.pk}/edit/"
    typed = fields_of(client.get(address)) | {"reason": "Smaller.", "monthly_amount": "9,000"}
    assert request.workload is not None
    latest = EstimateSnapshot.objects.get().terms
    revise_estimate(
        actor=cast.olivia,
        workload=request.workload,
        seen=1,
        terms=replace(latest, monthly=Decimal(8000)),
        reason="Cheaper model.",
    )
    answer = client.post(address, typed)
    assert answer.status_code == 409
    assert "$8,000 a month" in answer.content.decode()
    assert fields_of(answer)["monthly_amount"] == "9,000"
    assert EstimateSnapshot.objects.count() == 2
    # Whoever opens the page now starts from what is recorded, not from what was typed long ago.
    assert fields_of(client.get(address))["monthly_amount"] == "8,000"


def test_figures_stay_effective_from_where_they_were(client: Client, cast: Cast) -> None:
    terms = replace(TERMS, first=TERMS.first.replace(year=2027))
    request = submitted(cast, proposal(cast, estimate=terms))
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Why?")
    client.force_login(cast.olivia)
    address = f"/requests/{request.pk}/edit/"
    client.post(address, fields_of(client.get(address)))
    assert EstimateSnapshot.objects.count() == 1


@pytest.mark.parametrize("seen", ["²", "9" * 5000, "-1", "x"])
def test_nonsense_for_a_revision_is_an_old_one(client: Client, cast: Cast, seen: str) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    address = f"/requests/{request.pk}/edit/"
    client.post(address, asked(cast, draft="1", seen="0"))
    assert client.post(address, asked(cast, draft="1", seen=seen)).status_code == 409
