"""Pages of a second approval, of more funding and of what is sent to approval."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from allocation_gaps.actions import look_for_gaps
from business_cases.actions import revise_case
from business_cases.models import BusinessRequest, RequestState
from spaces.models import Workload
from tests.approvals.pages import posted, text_of
from tests.approvals.test_deciding import approve, workload_of
from tests.approvals.test_more_funding import funded, more, revise, standing
from tests.approvals.test_second_approver import dear, fresh, nora
from tests.cast import SAVING, Cast, added, proposal

__all__ = ["dear", "funded", "nora"]  # fixtures


def address(request: BusinessRequest) -> str:
    return f"/approvals/requests/{request.pk}/"


def answer_to(request: BusinessRequest, **changes: str) -> dict[str, str]:
    asked = {"request_seen": str(fresh(request).revision)}
    return posted(workload_of(request), **asked | changes)


# --- two approvers --------------------------------------------------------------------------------


def test_the_page_says_that_two_approve_and_what_the_first_said(
    client: Client, cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    client.force_login(cast.priya)
    page = text_of(client.get(address(dear)))
    for said in ("Two Financial Admins approve this.", "$159,171.27", "is above $100,000"):
        assert said in page, said
    done = client.post(address(dear), answer_to(dear, rationale="A good pilot."), follow=True)
    assert "first approval" in text_of(done)
    client.force_login(nora)
    page = text_of(client.get(address(dear)))
    assert "Priya Example gave the first approval on" in page
    assert "A good pilot." in page
    assert client.post(address(dear), answer_to(dear)).status_code == 302
    assert fresh(dear).state == RequestState.APPROVED


def test_the_first_approver_may_return_or_reject_but_not_approve_again(
    client: Client, cast: Cast, dear: BusinessRequest
) -> None:
    approve(cast.priya, dear)
    client.force_login(cast.priya)
    shown = client.get(address(dear))
    choices = [value for value, _ in shown.context["form"].fields["outcome"].choices]
    assert choices == ["returned", "rejected"]
    assert "The first approval was yours" in text_of(shown)
    forced = client.post(address(dear), answer_to(dear))
    assert forced.status_code == 422
    assert "The first approval was yours" in text_of(forced)
    assert client.post(address(dear), answer_to(dear, outcome="returned")).status_code == 302


def test_two_clicks_of_one_person_are_one_first_approval(
    client: Client, cast: Cast, dear: BusinessRequest
) -> None:
    client.force_login(cast.priya)
    data = answer_to(dear, rationale="I typed this.")
    assert client.post(address(dear), data).status_code == 302
    again = client.post(address(dear), data)
    assert again.status_code == 409
    assert "I typed this." in text_of(again)


def test_a_void_first_approval_is_seen_to_be_void(
    client: Client, cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    approve(cast.priya, dear)
    lower = replace(SAVING, percent=Decimal(20))
    revise_case(
        actor=cast.olivia, workload=workload_of(dear), seen=1, case=lower, reason="Careful."
    )
    client.force_login(nora)
    page = text_of(client.get(address(dear)))
    assert "no longer counts: it changed since" in page
    assert "gave the first approval" not in page


# --- more funding ---------------------------------------------------------------------------------

PENDING = "Estimate v2 is pending; the first version stays in force."
DECLINED = "Estimate v2 was declined; the first version stays in force."


def pages_of(client: Client, workload: Workload) -> dict[str, str]:
    names = {
        "workload": f"/workloads/{workload.slug}/",
        "board": "/",
        "space": "/spaces/commerce/",
        "requests": "/requests/",
        "request": f"/requests/{more(workload).pk}/",
        "queue": "/approvals/",
    }
    return {name: text_of(client.get(page)) for name, page in names.items()}


def test_every_page_that_shows_the_estimate_says_that_one_is_pending(
    client: Client, cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000)
    client.force_login(cast.priya)
    pages = pages_of(client, funded)
    assert {name for name, page in pages.items() if PENDING in page} == set(pages)


def test_and_that_one_was_declined(client: Client, cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    approve(cast.priya, more(funded), outcome="rejected", acknowledgement="")
    client.force_login(cast.priya)
    pages = pages_of(client, funded)
    assert {name for name, page in pages.items() if DECLINED in page} == {
        "workload",
        "board",
        "space",
    }
    # The request shows what it asked for, as long as it is read.
    assert "$20,000.00" in pages["request"]
    assert "Figures were revised after" not in pages["request"]


def test_a_gap_says_that_an_estimate_is_pending(client: Client, cast: Cast) -> None:
    added(cast, None)
    unbacked = added_without_case(cast)
    look_for_gaps()
    client.force_login(cast.felix)
    page = text_of(client.get("/gaps/"))
    assert unbacked.name in page
    assert "The first estimate is pending; none is in force." in page


def added_without_case(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Plain", case=None))


def test_more_funding_is_decided_beside_what_is_in_force(
    client: Client, cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000, "Twice the volume.")
    client.force_login(cast.priya)
    page = text_of(client.get(address(more(funded))))
    for said in (
        "more funding",
        "$10,000.00",
        "$20,000.00",
        "+$10,000",
        "3.61×",
        "Twice the volume.",
    ):
        assert said in page, said
    assert client.post(address(more(funded)), answer_to(more(funded))).status_code == 302


def test_the_confirmation_page_leads_to_the_request(
    client: Client, cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000)
    client.force_login(cast.priya)
    answer = client.get(f"/approvals/workloads/{funded.slug}/")
    assert answer["Location"] == address(more(funded))


def test_a_revision_while_the_page_is_open_keeps_what_was_typed(
    client: Client, cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000)
    data = answer_to(more(funded), rationale="Typed for ten minutes.")
    revise(cast, funded, 30000)
    client.force_login(cast.priya)
    answer = client.post(address(more(funded)), data)
    assert answer.status_code == 409
    page = text_of(answer)
    for said in ("Typed for ten minutes.", "$20,000.00", "$30,000.00"):
        assert said in page, said


def test_a_returned_one_is_submitted_again_from_its_page(
    client: Client, cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000)
    approve(cast.priya, more(funded), outcome="returned", acknowledgement="")
    client.force_login(cast.olivia)
    page = text_of(client.get(f"/requests/{more(funded).pk}/"))
    assert f"/requests/{more(funded).pk}/submit-again/" in page
    assert f"/workloads/{funded.slug}/estimate/" in page
    assert client.get(f"/requests/{more(funded).pk}/edit/").status_code == 302
    again = f"/requests/{more(funded).pk}/submit-again/"
    data = {"seen": str(more(funded).revision), "seen_estimate": "2", "seen_case": "1"}
    assert client.post(again, data | {"note": " "}).status_code == 422
    stale = client.post(again, data | {"seen": "1", "note": "My long note."})
    assert stale.status_code == 409
    assert "My long note." in text_of(stale)
    assert client.post(again, data | {"note": "Explained."}).status_code == 302
    assert more(funded).state == RequestState.SUBMITTED


# --- sent to approval -----------------------------------------------------------------------------


def test_the_workload_page_offers_to_send_it_to_approval(client: Client, cast: Cast) -> None:
    workload = added(cast)
    page = f"/workloads/{workload.slug}/send/"
    for name, offered in (("olivia", True), ("mona", False), ("priya", False)):
        client.force_login(getattr(cast, name))
        assert (page in text_of(client.get(f"/workloads/{workload.slug}/"))) is offered
        assert client.get(page).status_code == (200 if offered else 404)
    client.force_login(cast.olivia)
    data = {"seen_estimate": "1", "seen_case": "1", "note": "It ran before ValueBoard came."}
    assert client.post(page, data).status_code == 302
    request = BusinessRequest.objects.get()
    client.force_login(cast.priya)
    assert "It ran before ValueBoard came." in text_of(client.get(address(request)))
    assert client.post(address(request), answer_to(request)).status_code == 302
    assert standing(workload).in_force
    client.force_login(cast.olivia)
    assert page not in text_of(client.get(f"/workloads/{workload.slug}/"))
    assert client.get(page).status_code == 302


@pytest.fixture(autouse=True)
def at_new_year(travel: Callable[[datetime], None]) -> None:
    travel(datetime.fromisoformat("2026-01-10T10:00:00Z"))
