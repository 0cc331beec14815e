"""Revising estimates and cases, and retracting cases, through the front door."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client

from business_cases.models import CaseSnapshot, EstimateSnapshot
from business_cases.reports import standing_of
from records.clock import now
from spaces.actions import create_workload
from spaces.models import Workload, WorkloadState
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import CASE, asked, fields_of
from tests.cast import Cast, added, proposal, submitted

HTMX = {"HX-Request": "true"}


@pytest.fixture
def funded(cast: Cast, travel: Callable[[datetime], None]) -> Workload:
    """A workload that was approved in February 2026, in June of that year."""
    travel(datetime(2026, 2, 3, 10, tzinfo=UTC))
    request = submitted(cast)
    approve(cast.priya, request)
    travel(datetime(2026, 6, 15, 10, tzinfo=UTC))
    assert request.workload is not None
    return request.workload


def test_revising_a_case_asks_for_a_reason_and_keeps_the_baseline(
    client: Client, cast: Cast
) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/"
    typed = CASE | {"percent": "10", "seen": "1"}
    assert client.post(address, typed).status_code == 422
    client.post(address, typed | {"reason": "Measured again."})
    assert [int(c.percent or 0) for c in CaseSnapshot.objects.order_by("version")] == [25, 10]
    same = client.post(address, typed | {"seen": "2", "reason": "No change."})
    assert same.status_code == 422
    assert "Nothing changed" in same.content.decode()
    assert CaseSnapshot.objects.count() == 2


def test_a_revision_made_meanwhile_is_shown_and_not_overwritten(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/"
    first = fields_of(client.get(address))
    client.post(address, first | {"percent": "10", "reason": "Measured again."})
    stale = client.post(address, first | {"percent": "11", "reason": "Measured too."})
    assert stale.status_code == 409
    assert fields_of(stale).items() >= {"percent": "11", "reason": "Measured too."}.items()
    assert "Today: 10%" in stale.content.decode()
    client.post(address, fields_of(stale))
    assert [int(c.percent or 0) for c in CaseSnapshot.objects.order_by("version")] == [25, 10, 11]


def test_changing_the_value_type_and_declaring_again(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/"
    revenue = {"value_type": "revenue_driving", "direction": "protect", "mechanism": "churn"}
    client.post(address, fields_of(client.get(address)) | revenue | {"reason": "It is revenue."})
    assert CaseSnapshot.objects.get(version=2).direction == "protect"
    client.post(f"{address}retract/", {"seen": "2", "reason": "The pilot failed."})
    page = client.get(address)
    assert "Declare the business case" in page.content.decode()
    client.post(address, fields_of(page) | {"reason": "It did not, after all."})
    assert not CaseSnapshot.objects.get(version=4).retracted


def test_the_first_case_of_a_workload_needs_no_reason(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/"
    page = client.get(address)
    assert "reason" not in fields_of(page)
    without = client.post(address, {"seen": "0"})
    assert "Choose Cost Saving or Revenue Driving" in without.content.decode()
    client.post(address, fields_of(page) | CASE)
    assert CaseSnapshot.objects.get().version == 1


def test_retracting_makes_it_unbacked(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    address = f"/workloads/{workload.slug}/case/retract/"
    assert "$1,150,000" in client.get(address).content.decode()
    assert client.post(address, {"seen": "1", "reason": " "}).status_code == 422
    assert client.post(address, {"seen": "0", "reason": "The pilot failed."}).status_code == 409
    client.post(address, {"seen": "1", "reason": "The pilot failed."})
    assert CaseSnapshot.objects.get(version=2).retracted
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("monthly", "said", "in_force"),
    [
        ("10,999", "in force at once", True),
        ("9,000", "in force at once", True),
        ("13,000", "pending", False),
    ],
)
def test_the_panel_says_beforehand_what_becomes_of_a_revision(
    client: Client, cast: Cast, funded: Workload, monthly: str, said: str, *, in_force: bool
) -> None:
    client.force_login(cast.olivia)
    address = f"/workloads/{funded.slug}/estimate/"
    opened = client.get(address)
    assert "at once" not in opened.content.decode()
    typed = fields_of(opened) | {"monthly_amount": monthly}
    live = client.post(address, typed | {"recalculate": "1"}, headers=HTMX).content.decode()
    assert said in live
    assert "<html" not in live
    assert said in client.post(address, typed | {"recalculate": "1"}).content.decode()
    assert EstimateSnapshot.objects.count() == 1
    client.post(address, typed | {"reason": "More documents."})
    standing = standing_of(funded.pk, now())
    assert len(standing.estimates) == 2
    assert (standing.pending is None) is in_force


@pytest.mark.parametrize(
    ("month", "message"),
    [
        ("2026-05", "months that are over"),
        ("2027-01", "The funding is over before this month"),
        ("soon", "is not a month"),
        ("", "Give the month"),
    ],
)
def test_a_revision_counts_from_a_month_that_is_funded_and_not_over(
    client: Client, cast: Cast, funded: Workload, month: str, message: str
) -> None:
    client.force_login(cast.olivia)
    address = f"/workloads/{funded.slug}/estimate/"
    typed = fields_of(client.get(address)) | {"monthly_amount": "9,000", "reason": "Cheaper."}
    answer = client.post(address, typed | {"effective_month": month})
    assert answer.status_code == 422
    assert message in str(answer.context["form"].errors["effective_month"])
    assert fields_of(answer)["effective_month"] == month


def test_the_figures_of_today_stand_beside_the_new_ones(
    client: Client, cast: Cast, funded: Workload
) -> None:
    client.force_login(cast.olivia)
    page = client.get(f"/workloads/{funded.slug}/estimate/").content.decode()
    assert "Today: $10,000 a month" in page
    assert "Today: 5% a month" in page
    assert "In force today" in page
    assert "waits for a Financial Admin" in page


@pytest.mark.parametrize("page", ["estimate", "case", "case/retract"])
@pytest.mark.parametrize("name", ["mona", "priya", "erin", "adam", "oscar", "sam"])
def test_others_do_not_revise(client: Client, cast: Cast, name: str, page: str) -> None:
    workload = added(cast)
    client.force_login(getattr(cast, name))
    address = f"/workloads/{workload.slug}/{page}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"reason": "x", "seen": "1"}).status_code == 404


def click(cast: Cast) -> Workload:
    """Add a workload as the button of the form does."""
    return create_workload(
        actor=cast.olivia,
        name="Contract review",
        purpose="Reads contracts.",
        space=cast.commerce,
        owner=cast.olivia,
        state=WorkloadState.CLAIMED,
        reason="Added in its Space.",
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_on_a_button_the_second_is_told(cast: Cast) -> None:
    """Both pass the check of the name; the index lets one of them in."""
    inserted = threading.Event()

    def click_first() -> None:
        with transaction.atomic():
            click(cast)
            inserted.set()
            time.sleep(0.3)
        connection.close()

    first = threading.Thread(target=click_first)
    first.start()
    assert inserted.wait(60)
    with pytest.raises(ValidationError, match="exists in this Space already"):
        click(cast)
    first.join()
    assert Workload.objects.count() == 1


def test_adding_a_workload_twice_is_said_beside_its_name(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    address = "/spaces/commerce/add-workload/"
    typed = fields_of(client.get(address)) | asked(cast)
    assert client.post(address, typed).status_code == 302
    again = client.post(address, typed)
    assert again.status_code == 422
    assert "exists in this Space already" in str(again.context["form"].errors["name"])
