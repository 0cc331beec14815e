"""Deciding for a Financial Admin who is away: for dated days, never for a part, never onward."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.access import why_not_decide
from approvals.actions import (
    comment_on_request,
    confirm_pending_estimate,
    delegate_approving,
    take_delegation_back,
)
from approvals.models import Decision, Delegation
from business_cases.actions import add_workload
from business_cases.models import BusinessRequest, RequestState
from notices.models import Message
from records.clock import today
from tests.approvals.forged import forged_approval
from tests.approvals.pages import posted, text_of
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.approvals.test_second_approver import dear, fresh, nora
from tests.cast import Cast, added, proposal, submitted
from valueboard.lib.errors import StaleError

__all__ = ["dear", "nora"]  # fixtures


def delegated(giver: User, taker: User, *, days: int = 7, first: date | None = None) -> Delegation:
    begin = first or today()
    return delegate_approving(
        actor=giver,
        delegate=taker,
        first_day=begin,
        last_day=begin + timedelta(days=days - 1),
        reason="A holiday.",
    )


def test_the_delegate_decides_and_the_decision_says_for_whom(client: Client, cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    request = submitted(cast)
    client.force_login(cast.oscar)
    assert request.name in text_of(client.get("/approvals/"))
    page = text_of(client.get(workload_of(request).get_absolute_url()))
    assert f"{cast.oscar.name}, for {cast.priya.name}" in page
    address = f"/approvals/requests/{request.pk}/"
    assert "You decide for <strong>Priya Example</strong>" in text_of(client.get(address))
    assert client.post(address, posted(workload_of(request))).status_code == 302
    decision = Decision.objects.get()
    assert (decision.recorded_by, decision.on_behalf_of) == (cast.oscar, cast.priya)
    client.force_login(cast.olivia)
    page = text_of(client.get(f"/requests/{request.pk}/"))
    assert "Oscar Example, for Priya Example" in page


def test_the_delegate_confirms_estimates_too(cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    workload = added(cast)
    made = confirm_pending_estimate(
        actor=cast.oscar, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    assert made.on_behalf_of == cast.priya


def test_only_in_the_days_of_it(cast: Cast, travel: Callable[[datetime], None]) -> None:
    travel(datetime.fromisoformat("2026-03-01T12:00:00Z"))
    request = submitted(cast)
    workload = workload_of(request)
    delegated(cast.priya, cast.oscar, days=2, first=date(2026, 3, 3))
    for moment, may in (
        ("2026-03-02T23:59:00Z", False),
        ("2026-03-03T00:01:00Z", True),
        ("2026-03-04T23:59:00Z", True),
        ("2026-03-05T00:01:00Z", False),
    ):
        travel(datetime.fromisoformat(moment))
        assert (not why_not_decide(cast.oscar, workload)) is may, moment
    with pytest.raises(PermissionDenied):
        approve(cast.oscar, request)
    with pytest.raises(IntegrityError, match="for this day"), transaction.atomic():
        forged_approval(request, cast.oscar, on_behalf_of=cast.priya)


def test_taken_back_it_is_over_at_once(cast: Cast) -> None:
    given = delegated(cast.priya, cast.oscar)
    request = submitted(cast)
    take_delegation_back(actor=cast.priya, delegation=given, reason="Back early.")
    with pytest.raises(PermissionDenied):
        approve(cast.oscar, request)
    with pytest.raises(IntegrityError, match="for this day"), transaction.atomic():
        forged_approval(request, cast.oscar, on_behalf_of=cast.priya)
    with pytest.raises(StaleError):
        take_delegation_back(actor=cast.priya, delegation=given, reason="Again.")
    subjects = Message.objects.filter(recipient=cast.oscar, kind="delegated").order_by("pk")
    assert [m.subject for m in subjects] == [
        "You decide for Priya Example",
        "You no longer decide for Priya Example",
    ]


def test_never_for_a_part_of_the_delegate(cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    request = submitted(cast, proposal(cast, owner=cast.oscar))
    with pytest.raises(PermissionDenied, match="You own this workload"):
        approve(cast.oscar, request)
    with pytest.raises(IntegrityError, match="recorded, edited or own"), transaction.atomic():
        forged_approval(request, cast.oscar, on_behalf_of=cast.priya)


def test_never_for_a_part_of_who_delegated(cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    request = submitted(cast, proposal(cast, owner=cast.priya))
    with pytest.raises(PermissionDenied, match="for whom you decide, owns this workload"):
        approve(cast.oscar, request)
    with pytest.raises(IntegrityError, match="recorded, edited or own"), transaction.atomic():
        forged_approval(request, cast.oscar, on_behalf_of=cast.priya)


def test_never_onward_and_never_by_who_holds_no_role(cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    with pytest.raises(PermissionDenied, match="onward"):
        delegated(cast.oscar, cast.mona)
    given = Delegation.objects.get()
    with (
        pytest.raises(IntegrityError, match="Only a Financial Admin delegates"),
        transaction.atomic(),
    ):
        Delegation.objects.create(
            delegate=cast.mona,
            begins_at=given.begins_at,
            ends_at=given.ends_at,
            reason="Onward.",
            recorded_by=cast.oscar,
        )


def test_it_ends_with_the_role_of_who_gave_it(cast: Cast) -> None:
    delegated(cast.priya, cast.oscar)
    request = submitted(cast)
    RoleGrant.objects.filter(user=cast.priya).delete()
    with pytest.raises(PermissionDenied):
        approve(cast.oscar, request)
    with (
        pytest.raises(IntegrityError, match="Only a Financial Admin decides"),
        transaction.atomic(),
    ):
        forged_approval(request, cast.oscar, on_behalf_of=cast.priya)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("delegate", {"delegate": "priya"}),
        ("first_day", {"first": -1}),
        ("first_day", {"first": 400}),
        ("last_day", {"days": 93}),
        ("last_day", {"days": 0}),
        ("reason", {"reason": " \n"}),
    ],
)
def test_what_a_delegation_must_be(cast: Cast, field: str, change: dict[str, object]) -> None:
    begin = today() + timedelta(days=int(str(change.get("first", 0))))
    with pytest.raises(ValidationError) as wrong:
        delegate_approving(
            actor=cast.priya,
            delegate=getattr(cast, str(change.get("delegate", "oscar"))),
            first_day=begin,
            last_day=begin + timedelta(days=int(str(change.get("days", 92))) - 1),
            reason=str(change.get("reason", "A holiday.")),
        )
    assert list(wrong.value.message_dict) == [field]


def test_two_approvals_are_of_two_authorities(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    """Two people, but one of them decides for the other: that is one."""
    delegated(cast.priya, cast.oscar)
    first = approve(cast.priya, dear)
    with pytest.raises(PermissionDenied, match="was for Priya Example too"):
        approve(cast.oscar, fresh(dear))
    with pytest.raises(IntegrityError, match="somebody else, of what"), transaction.atomic():
        forged_approval(
            fresh(dear), cast.oscar, completes=first, on_behalf_of=cast.priya, approvers_needed=2
        )
    delegated(nora, cast.oscar)
    assert approve(cast.oscar, fresh(dear)).on_behalf_of == nora


def test_who_decides_for_an_absent_one_is_told_that_a_second_is_wanted(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    delegated(nora, cast.oscar)
    delegated(nora, cast.mona, first=today() + timedelta(days=3))
    approve(cast.priya, dear)
    wanted = Message.objects.filter(kind="second_approval")
    assert {message.recipient for message in wanted} == {nora, cast.oscar}


def test_who_decides_for_an_absent_one_is_told_what_waits(cast: Cast) -> None:
    """But not of what the absent one could not decide either: they may not read it."""
    delegated(cast.priya, cast.oscar)
    delegated(cast.priya, cast.mona, first=today() + timedelta(days=3))
    submitted(cast)
    added(cast, proposal(cast, name="Added"))
    for kind in ("submitted", "estimate_waiting"):
        told = {message.recipient for message in Message.objects.filter(kind=kind)}
        assert told == {cast.priya, cast.oscar}
    Message.objects.all().delete()
    add_workload(actor=cast.olivia, proposal=proposal(cast, name="Of her own", owner=cast.priya))
    assert not Message.objects.exists()


def test_nor_is_the_second_who_delegated_to_the_first(cast: Cast, dear: BusinessRequest) -> None:
    delegated(cast.priya, cast.oscar)
    first = approve(cast.oscar, dear)
    with pytest.raises(PermissionDenied, match="first approval was yours"):
        approve(cast.priya, fresh(dear))
    with pytest.raises(IntegrityError, match="somebody else, of what"), transaction.atomic():
        forged_approval(fresh(dear), cast.priya, completes=first, approvers_needed=2)


def test_a_delegate_reads_what_waits_and_nothing_else(client: Client, cast: Cast) -> None:
    waiting = submitted(cast)
    decided = submitted(cast, proposal(cast, name="Decided"))
    approve(cast.priya, decided)
    client.force_login(cast.oscar)
    pages = {
        f"/requests/{waiting.pk}/": 200,
        f"/approvals/requests/{waiting.pk}/": 200,
        f"/workloads/{workload_of(waiting).slug}/": 200,
        "/approvals/": 200,
        f"/requests/{decided.pk}/": 404,
        f"/workloads/{workload_of(decided).slug}/": 404,
        "/spaces/commerce/": 404,
    }
    before = {page: client.get(page).status_code for page in pages}
    assert set(before.values()) == {404, 403}
    given = delegated(cast.priya, cast.oscar)
    assert {page: client.get(page).status_code for page in pages} == pages
    assert "/approvals/" in text_of(client.get("/inbox/"))
    comment_on_request(actor=cast.oscar, request=waiting, text="What is it for?")
    take_delegation_back(actor=cast.priya, delegation=given, reason="Back.")
    assert {page: client.get(page).status_code for page in pages} == before


def test_the_pages_delegate_and_take_back(client: Client, cast: Cast) -> None:
    client.force_login(cast.priya)
    day = f"{today()}"
    data = {"delegate": str(cast.oscar.pk), "first_day": day, "last_day": day, "reason": "Ill."}
    new = "/approvals/delegations/new/"
    wrong = client.post(new, data | {"last_day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Ill." in text_of(wrong)
    assert client.post(new, data)["Location"] == "/approvals/"
    given = Delegation.objects.get()
    back = f"/approvals/delegations/{given.pk}/take-back/"
    page = text_of(client.get("/approvals/"))
    assert "Oscar Example decides for you" in page
    assert back in page
    client.force_login(cast.oscar)
    assert "You decide for Priya Example" in text_of(client.get("/approvals/"))
    assert client.get(back).status_code == 404
    assert client.get(new).status_code == 403
    client.force_login(cast.priya)
    assert client.post(back, {"reason": ""}).status_code == 422
    assert client.post(back, {"reason": "Well again."})["Location"] == "/approvals/"
    again = client.post(back, {"reason": "My words."})
    assert again.status_code == 409
    assert "My words." in text_of(again)
    assert "Taken back on" in text_of(client.get("/approvals/"))


def test_own_authority_comes_before_a_delegated_one(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    felix = User.objects.get(pk=cast.felix.pk)
    delegated(cast.priya, felix)
    request = submitted(cast)
    assert approve(felix, request).on_behalf_of is None
    assert fresh(request).state == RequestState.APPROVED
