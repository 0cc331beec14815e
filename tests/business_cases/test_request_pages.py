"""Business Requests through the front door."""

from typing import Any

import pytest
from django.test import Client

from business_cases.models import BusinessRequest, CaseSnapshot, EstimateSnapshot, RequestState
from spaces.models import Workload, WorkloadState
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, submitted

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


def asked(cast: Cast, **changes: str) -> dict[str, Any]:
    return GOOD | {"owner": str(cast.olivia.pk), "seen": "0"} | changes


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
        ("percent", "100.01", "at most 100 %"),
        ("percent", "0", "above 0"),
        ("percent", "-5", "above 0"),
        ("percent", "", "expected change"),
        ("percent", "1.23456", "4 decimals"),
        ("current_amount", "0", "above 0"),
        ("current_amount", "", "current annual amount"),
        ("current_amount", "lots", "is not a number"),
        ("current_amount", "1.005", "to the cent"),
        ("monthly_amount", "0", "above 0"),
        ("monthly_amount", "-1", "above 0"),
        ("monthly_amount", "1e5", "is not a number"),
        ("monthly_amount", "2000000000000", "10¹²"),
        ("growth_percent", "101", "between −50"),
        ("growth_percent", "-51", "between −50"),
        ("months", "121", "1 to 120"),
        ("months", "0", "1 to 120"),
        ("first_month", "2026-13", "is not a month"),
        ("first_month", "1970-01", "within 20 years"),
        ("name", " ", "required"),
        ("basis", "", "how you reached"),
        ("source", "", "looked up"),
        ("net_of_review", "", "human review"),
        ("space", "support", "valid choice"),
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


def test_two_tabs_do_not_overwrite_each_other(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast, draft="1"))
    request = BusinessRequest.objects.get()
    address = f"/requests/{request.pk}/edit/"
    seen = str(request.revision)
    client.post(address, asked(cast, seen=seen, draft="1", purpose="First tab."))
    answer = client.post(address, asked(cast, seen=seen, draft="1", purpose="Second tab."))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "First tab." in page
    assert "Second tab." in page
    request.refresh_from_db()
    assert request.typed["purpose"] == "First tab."
    again = {"seen": str(request.revision), "draft": "1", "purpose": "Second tab."}
    client.post(address, asked(cast, **again))
    request.refresh_from_db()
    assert request.typed["purpose"] == "Second tab."


def test_a_returned_request_is_changed_with_a_reason(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", asked(cast))
    request = BusinessRequest.objects.get()
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="Too high.")
    request.refresh_from_db()
    address = f"/requests/{request.pk}/edit/"
    seen = str(request.revision)
    without = client.post(address, asked(cast, seen=seen, percent="10"))
    assert without.status_code == 422
    client.post(address, asked(cast, seen=seen, percent="10", reason="Measured again."))
    assert [c.version for c in CaseSnapshot.objects.order_by("version")] == [1, 2]
    assert EstimateSnapshot.objects.count() == 1
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    assert "Too high." in client.get(f"/requests/{request.pk}/").content.decode()


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


@pytest.mark.parametrize("name", ["mona", "priya", "oscar", "sam"])
def test_nobody_else_withdraws_or_edits(client: Client, cast: Cast, name: str) -> None:
    request = submitted(cast)
    client.force_login(getattr(cast, name))
    answer = client.post(f"/requests/{request.pk}/withdraw/", {"seen": str(request.revision)})
    assert answer.status_code in {403, 404}
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


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


def test_revising_asks_for_a_reason_and_keeps_the_baseline(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/"
    typed = {k: v for k, v in GOOD.items() if k not in {"name", "purpose", "space"}}
    typed |= {"percent": "10", "seen": "1"}
    assert client.post(address, typed).status_code == 422
    client.post(address, typed | {"reason": "Measured again."})
    assert [int(c.percent or 0) for c in CaseSnapshot.objects.order_by("version")] == [25, 10]
    stale = client.post(address, typed | {"reason": "Once more.", "percent": "11"})
    assert stale.status_code == 409
    assert "Once more." in stale.content.decode()
    same = client.post(address, typed | {"seen": "2", "reason": "No change."})
    assert same.status_code == 409
    assert CaseSnapshot.objects.count() == 2


def test_retracting_makes_it_unbacked(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/retract/"
    assert client.post(address, {"seen": "1", "reason": " "}).status_code == 422
    client.post(address, {"seen": "1", "reason": "The pilot failed."})
    assert CaseSnapshot.objects.get(version=2).retracted


def test_an_estimate_cannot_change_months_that_are_over(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    typed = {k: GOOD[k] for k in ("monthly_amount", "growth_percent", "first_month", "months")}
    answer = client.post(
        f"/workloads/{workload.slug}/estimate/",
        typed | {"effective_month": "2020-01", "seen": "1", "reason": "x"},
    )
    assert answer.status_code == 422
    assert "months that are over" in answer.content.decode()


@pytest.mark.parametrize("page", ["estimate", "case", "case/retract"])
@pytest.mark.parametrize("name", ["mona", "priya", "erin", "oscar", "sam"])
def test_others_do_not_revise(client: Client, cast: Cast, name: str, page: str) -> None:
    workload = added(cast)
    client.force_login(getattr(cast, name))
    address = f"/workloads/{workload.slug}/{page}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"reason": "x", "seen": "1"}).status_code == 404
