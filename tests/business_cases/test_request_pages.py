"""Business Requests through the front door."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_cases.actions import revise_case
from business_cases.models import BusinessRequest, CaseSnapshot, EstimateSnapshot, RequestState
from spaces.models import Workload, WorkloadState
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import asked
from tests.cast import SAVING, Cast, proposal, submitted


def test_submitting_records_the_first_versions(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    answer = client.post("/requests/new/", asked(cast))
    request = BusinessRequest.objects.get()
    assert answer["Location"] == f"/requests/{request.pk}/"
    assert request.state == RequestState.SUBMITTED
    workload = Workload.objects.get()
    assert workload.state == WorkloadState.PROPOSED
    estimate, case = EstimateSnapshot.objects.get(), CaseSnapshot.objects.get()
    assert (estimate.version, int(estimate.monthly_amount)) == (1, 10000)
    assert (case.version, int(case.current_amount or 0), int(case.percent or 0)) == (
        1,
        4_600_000,
        25,
    )
    page = client.get(f"/requests/{request.pk}/").content.decode()
    assert "7.22×" in page
    assert "$1,150,000" in page
    assert "$4,600,000 × 25% a year" in page


def test_a_draft_keeps_anything_that_was_typed(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    typed = asked(cast, monthly_amount="about ten", months="", basis="<b>x</b> {{ 7 }}", draft="1")
    client.post("/requests/new/", typed)
    request = BusinessRequest.objects.get()
    assert request.state == RequestState.DRAFT
    assert not Workload.objects.exists()
    page = client.get(f"/requests/{request.pk}/edit/").content.decode()
    assert "about ten" in page
    assert "&lt;b&gt;x&lt;/b&gt; {{ 7 }}" in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("percent", "100.01", "at most 100%"),
        ("percent", "0", "above 0"),
        ("percent", "-5", "above 0"),
        ("percent", "", "expected change"),
        ("percent", "1.23456", "4 decimals"),
        ("current_amount", "0", "above 0"),
        ("current_amount", "", "current annual amount"),
        ("current_amount", "lots", "is not a number"),
        ("current_amount", "1.005", "to the cent"),
        ("current_amount", "4." + "0" * 30 + "1", "to the cent"),
        ("monthly_amount", "0", "above 0"),
        ("monthly_amount", "-1", "above 0"),
        ("monthly_amount", "1e5", "is not a number"),
        ("monthly_amount", "2000000000000", "10¹²"),
        ("growth_percent", "101", "between −50"),
        ("growth_percent", "-51", "between −50"),
        ("months", "121", "1 to 120"),
        ("months", "0", "1 to 120"),
        ("months", "a year", "1 to 120"),
        ("months", "9" * 5000, "1 to 120"),
        ("first_month", "2026-13", "is not a month"),
        ("first_month", "2026-" + "9" * 30, "is not a month"),
        ("percent", "9" * 61, "at most 60 characters"),
        ("first_month", "1970-01", "within 20 years"),
        ("name", " ", "Name the workload"),
        ("basis", "", "how you reached"),
        ("source", "", "looked up"),
        ("net_of_review", "", "human review"),
        ("space", "support", "no product owner of this Space"),
        ("owner", "0", "none of your Spaces"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_is_lost(
    client: Client, cast: Cast, field: str, typed: str, message: str
) -> None:
    client.force_login(cast.olivia)
    answer = client.post("/requests/new/", asked(cast, **{field: typed}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert message in " ".join(errors[field]), errors
    assert answer.context["form"].data[field] == typed
    assert "A pilot." in answer.content.decode() or field == "basis"
    assert not BusinessRequest.objects.exists()


@pytest.mark.parametrize("growth", ["100", "-50"])
def test_the_most_growth_and_the_least_are_recorded(
    client: Client, cast: Cast, growth: str
) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, growth_percent=growth))
    assert EstimateSnapshot.objects.get().growth_percent == int(growth)


def test_growth_too_large_for_a_year_is_refused(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    answer = client.post(
        "/requests/new/", asked(cast, growth_percent="100", months="60", monthly_amount="1m")
    )
    assert "10¹²" in str(answer.context["form"].errors["monthly_amount"])


@pytest.mark.parametrize(
    ("direction", "percent", "status"),
    [("grow", "1000", 302), ("grow", "1000.1", 422), ("protect", "101", 422), ("", "10", 422)],
)
def test_revenue_has_a_direction_and_its_own_limits(
    client: Client, cast: Cast, direction: str, percent: str, status: int
) -> None:
    client.force_login(cast.olivia)
    typed = asked(
        cast,
        value_type="revenue_driving",
        direction=direction,
        mechanism="churn",
        percent=percent,
    )
    assert client.post("/requests/new/", typed).status_code == status


def test_without_a_case_its_fields_do_not_count(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    answer = client.post("/requests/new/", asked(cast, value_type="", percent="nonsense"))
    assert answer.status_code == 302
    assert not CaseSnapshot.objects.exists()


def test_the_panel_answers_while_typing(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    answer = client.post("/requests/panel/", asked(cast, name="", purpose=""))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert "$1,150,000" in page
    assert "7.22×" in page
    halfway = client.post("/requests/panel/", {"value_type": "cost_saving", "percent": "x"})
    assert halfway.status_code == 200


@pytest.mark.parametrize(
    ("direction", "sentence"),
    [
        ("grow", "From $3,000,000 to $3,300,000 a year."),
        ("protect", "Keeps $300,000 of $3,000,000 that would be lost."),
    ],
)
def test_revenue_is_said_in_words(
    client: Client, cast: Cast, direction: str, sentence: str
) -> None:
    client.force_login(cast.olivia)
    typed = asked(
        cast,
        value_type="revenue_driving",
        direction=direction,
        current_amount="3m",
        percent="10",
    )
    assert sentence in client.post("/requests/panel/", typed).content.decode()


def test_a_cost_above_the_opportunity_is_said_in_percent(client: Client, cast: Cast) -> None:
    request = submitted(cast, proposal(cast, case=replace(SAVING, percent=Decimal(1))))
    client.force_login(cast.priya)
    page = " ".join(client.get(request.get_absolute_url()).content.decode().split())
    # 159,171.27 of 46,000, rounded up.
    assert "Projected cost is 347% of the declared opportunity for the same months." in page
    assert 'width="100"' in page  # the bar ends where it ends


def test_withdrawing_keeps_what_was_recorded(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    client.force_login(cast.olivia)
    client.post(f"/requests/{request.pk}/withdraw/", {"seen": str(request.revision)})
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    assert EstimateSnapshot.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("olivia", True),
        ("mona", True),
        ("priya", True),
        ("erin", True),
        ("oscar", False),
        ("adam", False),
        ("sam", False),
    ],
)
def test_who_reads_a_request(client: Client, cast: Cast, name: str, *, reads: bool) -> None:
    request = submitted(cast)
    client.force_login(getattr(cast, name))
    assert client.get(f"/requests/{request.pk}/").status_code == (200 if reads else 404)
    assert (b"Contract review" in client.get("/requests/").content) is reads


@pytest.mark.parametrize("name", ["mona", "priya", "felix", "erin", "adam", "oscar", "sam"])
def test_nobody_else_withdraws_or_edits(client: Client, cast: Cast, name: str) -> None:
    request = submitted(cast)
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Why?")
    request.refresh_from_db()
    client.force_login(getattr(cast, name))
    address = f"/requests/{request.pk}/"
    page = client.get(address).content.decode()
    assert "Change and submit again" not in page
    assert "Withdraw the request" not in page
    given = asked(cast, seen=str(request.revision))
    assert client.get(f"{address}edit/").status_code == 404
    assert client.post(f"{address}edit/", given).status_code == 404
    assert client.post(f"{address}withdraw/", given).status_code in {403, 404}
    request.refresh_from_db()
    assert request.state == RequestState.RETURNED


@pytest.mark.parametrize("name", ["mona", "priya", "felix", "erin", "adam", "oscar", "sam"])
def test_nobody_else_adds_workloads_to_a_space(client: Client, cast: Cast, name: str) -> None:
    client.force_login(getattr(cast, name))
    address = "/spaces/commerce/add-workload/"
    assert client.get(address).status_code == 404
    assert client.post(address, asked(cast)).status_code == 404
    assert client.post("/requests/new/", asked(cast)).status_code == 422
    assert not Workload.objects.exists()


def test_product_owners_write_in_the_spaces_below_theirs(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, space="search", owner=str(cast.mona.pk)))
    workload = Workload.objects.get()
    assert (workload.space, workload.owner) == (cast.search, cast.mona)
    outsider = client.post("/requests/new/", asked(cast, name="Another", owner=str(cast.oscar.pk)))
    assert "none of your Spaces" in str(outsider.context["form"].errors["owner"])


@pytest.mark.parametrize("address", ["", "new/", "panel/", "1/", "1/edit/", "1/withdraw/"])
def test_nobody_unauthenticated_sees_anything(client: Client, db: None, address: str) -> None:
    assert client.get(f"/requests/{address}")["Location"].startswith("/accounts/login/")
    assert client.post(f"/requests/{address}").status_code == 401


def test_a_closed_request_is_not_opened_for_writing(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    client.force_login(cast.olivia)
    assert client.get(f"/requests/{request.pk}/edit/")["Location"] == f"/requests/{request.pk}/"


def test_a_draft_is_its_authors_alone(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    for other in (cast.priya, cast.mona):
        client.force_login(other)
        assert client.get(f"/requests/{request.pk}/").status_code == 404


def test_who_owns_no_space_is_told_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    assert b"You are no product owner yet" in client.get("/requests/new/").content
    assert client.post("/requests/new/", asked(cast)).status_code == 422
    assert client.post("/requests/new/", asked(cast, draft="1")).status_code == 403
    assert not BusinessRequest.objects.exists()


def test_adding_a_workload_in_its_space(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    assert client.get("/spaces/commerce/add-workload/").status_code == 200
    answer = client.post("/spaces/commerce/add-workload/", asked(cast))
    workload = Workload.objects.get()
    assert answer["Location"] == f"/workloads/{workload.slug}/"
    assert workload.state == WorkloadState.CLAIMED
    twice = client.post("/spaces/commerce/add-workload/", asked(cast))
    assert twice.status_code == 422
    assert "exists in this Space already" in twice.content.decode()
    client.force_login(cast.mona)
    assert client.get("/spaces/commerce/add-workload/").status_code == 404


def test_errors_lead_to_their_fields_in_the_order_of_the_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    answer = client.post(
        "/requests/new/", asked(cast, basis="", name="", months="0", value_type="cost_saving")
    )
    page = answer.content.decode()
    summary = page[page.index("error-summary") : page.index("form-steps")]
    linked = re.findall(r'href="#(\w+)"', summary)
    assert linked == ["id_name", "id_months", "id_basis"]
    assert all(f'id="{field}"' in page for field in linked)


def test_a_withdrawn_draft_stays_its_authors_alone(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    client.post(f"/requests/{request.pk}/withdraw/", {"seen": "0"})
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    assert b"A pilot." in client.get(f"/requests/{request.pk}/").content
    for other in (cast.priya, cast.mona):
        client.force_login(other)
        assert client.get(f"/requests/{request.pk}/").status_code == 404
        assert b"Contract review" not in client.get("/requests/").content


def test_a_closed_request_goes_on_saying_what_it_asked_for(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    assert request.workload is not None
    revise_case(
        actor=cast.olivia,
        workload=request.workload,
        seen=1,
        case=replace(SAVING, percent=Decimal(10)),
        reason="Measured again.",
    )
    client.force_login(cast.priya)
    page = client.get(f"/requests/{request.pk}/").content.decode()
    assert "$4,600,000 × 25% a year" in page
    assert "Figures were revised after this request was closed" in page
    assert "$1,150,000" in client.get("/requests/").content.decode()


def test_the_list_is_by_state_and_says_so_in_the_address(client: Client, cast: Cast) -> None:
    submitted(cast, proposal(cast, name="Ticket triage"))
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, name="Half a thought", draft="1"))
    every = client.get("/requests/").content.decode()
    assert every.index("Half a thought") < every.index("Ticket triage")
    assert "7.22×" in every
    drafts = client.get("/requests/?state=draft").content.decode()
    assert "Half a thought" in drafts
    assert "Ticket triage" not in drafts
    assert "None in this state" in client.get("/requests/?state=rejected").content.decode()
    assert "Ticket triage" in client.get("/requests/?state=nonsense&page=99").content.decode()


def test_the_list_asks_the_database_as_often_for_many(client: Client, cast: Cast) -> None:
    client.force_login(cast.priya)

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            client.get("/requests/")
        return len(context)

    submitted(cast, proposal(cast, name="First"))
    client.get("/requests/")
    one = queries()
    for number in range(5):
        approve(cast.priya, submitted(cast, proposal(cast, name=f"Workload {number}")))
        submitted(cast, proposal(cast, name=f"Waiting {number}"))
    assert queries() == one


@pytest.mark.parametrize(("name", "decides"), [("priya", True), ("olivia", False), ("erin", False)])
def test_whoever_may_decide_is_led_there(
    client: Client, cast: Cast, name: str, *, decides: bool
) -> None:
    request = submitted(cast)
    client.force_login(getattr(cast, name))
    page = client.get(f"/requests/{request.pk}/").content.decode()
    assert (f'href="/approvals/requests/{request.pk}/"' in page) is decides
    assert ("Withdraw the request" in page) is (name == "olivia")
