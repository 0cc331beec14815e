"""Edits between page and click: a decision never binds a text that the approver did not see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.models import Decision, DecisionItem
from business_cases.models import BusinessRequest
from business_cases.reports import standing_of
from records.clock import now
from tests.approvals.test_deciding import seen_of, workload_of
from tests.cast import Cast, submitted
from tests.forms.pages import form_to

pytestmark = pytest.mark.django_db
WHY = "Because it is so."
CHOICE = {"outcome": "approved", "acknowledgement": "agreed", "rationale": "As I read it."}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fill(client: Client, page: str, **typed: str) -> None:
    """Open a page, change some fields of its form, and send it."""
    body: dict[str, Any] = dict(form_to(client.get(page), page, here=page))
    assert client.post(page, body | typed).status_code == 302


def revise(part: str, **typed: str) -> Callable[[Cast, BusinessRequest], None]:
    def edit(cast: Cast, request: BusinessRequest) -> None:
        page = f"/workloads/{workload_of(request).slug}/{part}/"
        fill(browser(cast.olivia), page, reason=WHY, **typed)

    return edit


def resubmit(**typed: str) -> Callable[[Cast, BusinessRequest], None]:
    """Another Financial Admin returns it; it is changed and submitted again."""

    def edit(cast: Cast, request: BusinessRequest) -> None:
        RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
        decision = f"/approvals/requests/{request.pk}/"
        fill(browser(cast.felix), decision, outcome="returned", rationale="Say more.")
        changed = {name: text.format(mona=cast.mona.pk) for name, text in typed.items()}
        fill(browser(cast.olivia), f"/requests/{request.pk}/edit/", **changed)

    return edit


EDITS = {
    "estimate": (revise("estimate", monthly_amount="12,345"), "$12,345"),
    "growth": (revise("estimate", growth_percent="7.5"), "7.5%"),
    "case": (revise("case", percent="24.5"), "24.5%"),
    "words of the case": (revise("case", basis="A pilot on 800 contracts."), "800 contracts"),
    "retraction": (revise("case/retract"), "retracted"),
    "name": (resubmit(name="Contract reading"), "Contract reading"),
    "purpose": (resubmit(purpose="Reads leases."), "Reads leases."),
    "owner": (resubmit(owner="{mona}"), "Mona Example"),
    "Space": (resubmit(space="search"), "Search"),
    "estimate by resubmission": (
        resubmit(monthly_amount="12,345", reason=WHY),
        "$12,345",
    ),
    "case by resubmission": (resubmit(percent="24.5", reason=WHY), "24.5%"),
    "resubmission of the same": (resubmit(), "submitted again"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_between_page_and_click_decides_nothing(cast: Cast, name: str) -> None:
    edit, shown = EDITS[name]
    request = submitted(cast)
    page, priya = f"/approvals/requests/{request.pk}/", browser(cast.priya)
    opened: dict[str, Any] = dict(form_to(priya.get(page), page, here=page))
    edit(cast, request)
    told = priya.post(page, opened | CHOICE)
    assert told.status_code == 409
    assert not Decision.objects.filter(recorded_by=cast.priya).exists()
    request.refresh_from_db()
    assert request.state == "submitted"
    # What it is by now is on the page, and what was typed still in its form.
    assert shown in told.content.decode()
    again: dict[str, Any] = dict(form_to(told, page, here=page))
    assert again["rationale"] == ["As I read it."]
    # Sent again from there, the decision names exactly what that page showed.
    standing = standing_of(workload_of(request).pk, now())
    seen = seen_of(workload_of(request))
    agreed = "agreed" if standing.declared else "no_value"
    assert priya.post(page, again | CHOICE | {"acknowledgement": agreed}).status_code == 302
    decision = Decision.objects.get(recorded_by=cast.priya)
    bound = set(
        DecisionItem.objects.filter(decision=decision).values_list("record_hash", flat=True)
    )
    assert bound == ({seen.estimate, seen.case} if standing.declared else {seen.estimate})


def test_a_comment_changes_no_text_that_is_decided_on(cast: Cast) -> None:
    request = submitted(cast)
    page, priya = f"/approvals/requests/{request.pk}/", browser(cast.priya)
    opened: dict[str, Any] = dict(form_to(priya.get(page), page, here=page))
    said = browser(cast.olivia).post(f"{page}comment/", {"text": "Any news?"})
    assert said.status_code == 302
    assert priya.post(page, opened | CHOICE).status_code == 302
