"""Nobody decides on what they had a hand in, and nothing comes into force past a decision."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.models import Decision, Delegation
from business_cases.actions import move_request, revise_case, save_draft, submit_request
from business_cases.models import (
    BusinessCase,
    BusinessRequest,
    CaseSnapshot,
    Confirmation,
    EstimateSnapshot,
    RequestEditor,
    RequestState,
)
from records.clock import now
from spaces.actions import describe_workload
from spaces.models import Membership, Space, Workload
from tests.approvals.forged import forged, forged_item
from tests.approvals.pages import posted
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.database import refuse_at_commit


def owning_admin(cast: Cast) -> User:
    """Priya decides, and is a product owner of Commerce too."""
    role = Membership.Role.PRODUCT_OWNER
    Membership.objects.create(space=cast.commerce, user=cast.priya, role=role)
    return User.objects.get(pk=cast.priya.pk)


def returned(cast: Cast) -> BusinessRequest:
    """Return Olivia's request, by a second Financial Admin."""
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    request = submitted(cast)
    approve(User.objects.get(pk=cast.felix.pk), request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    return request


def submit_again(actor: User, request: BusinessRequest, cast: Cast, **changes: str) -> None:
    submit_request(
        actor=actor,
        request=request,
        seen=request.revision,
        proposal=proposal(cast, **changes),  # type: ignore[arg-type]
        reason="As asked.",
    )
    request.refresh_from_db()


@pytest.mark.parametrize("did", ["saved a draft of it", "submitted it as it was"])
def test_who_edited_a_returned_request_does_not_decide_on_it(cast: Cast, did: str) -> None:
    """Neither leaves a snapshot of theirs: the estimate and the case stay Olivia's."""
    request, priya = returned(cast), owning_admin(cast)
    if did == "saved a draft of it":
        request = save_draft(
            actor=priya,
            request=request,
            seen=request.revision,
            typed={"purpose": "Priya's words."},
            space=cast.commerce,
        )
        submit_again(cast.olivia, request, cast)
    else:
        submit_again(priya, request, cast)
    assert not EstimateSnapshot.objects.filter(recorded_by=priya).exists()
    with pytest.raises(PermissionDenied, match="changed its Business Request"):
        approve(priya, request)
    with pytest.raises(IntegrityError, match="edited"), transaction.atomic():
        forged(request, priya)


def test_a_page_opened_before_the_request_was_submitted_again_decides_nothing(
    client: Client, cast: Cast
) -> None:
    """The same estimate and case, but another name."""
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    request = submitted(cast)
    opened = posted(workload_of(request))
    approve(User.objects.get(pk=cast.felix.pk), request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    submit_again(cast.olivia, request, cast, name="Something else")
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    answer = client.post(address, opened)
    assert answer.status_code == 409
    assert "submitted again after you opened this page" in answer.content.decode()
    assert BusinessRequest.objects.get().state == RequestState.SUBMITTED
    assert client.post(address, posted(workload_of(request))).status_code == 302


HANDS: dict[str, Callable[[Cast, BusinessRequest], object]] = {
    "owns": lambda c, asked: Workload.objects.filter(pk=workload_of(asked).pk).update(
        owner=c.priya
    ),
    "estimated": lambda c, asked: EstimateSnapshot.objects.create(
        workload=workload_of(asked),
        monthly_amount=1,
        growth_percent=0,
        first_month=TERMS.first,
        months=1,
        effective_month=TERMS.first,
        reason="x",
        recorded_by=c.priya,
    ),
    "declared": lambda c, asked: CaseSnapshot.objects.create(
        case=BusinessCase.objects.get(workload=asked.workload),
        retracted=True,
        reason="x",
        recorded_by=c.priya,
    ),
    "asked": lambda c, asked: BusinessRequest.objects.filter(pk=asked.pk).update(
        created_by=c.priya
    ),
    "edited": lambda c, asked: RequestEditor.objects.create(request=asked, recorded_by=c.priya),
}


@pytest.mark.parametrize("did", HANDS)
def test_the_database_knows_who_had_a_hand_in_it(cast: Cast, did: str) -> None:
    """Each hand alone is enough, past every check in Python."""
    request = submitted(cast)
    HANDS[did](cast, request)
    with pytest.raises(IntegrityError, match="recorded, edited or own"), transaction.atomic():
        forged(request, cast.priya)


@pytest.mark.parametrize(
    "changed", [{"record_hash": "0" * 64}, {"record_version": 2}, {"record_id": 0}]
)
def test_a_decision_names_what_is_recorded(cast: Cast, changed: dict[str, Any]) -> None:
    """Never another hash, another version, or a snapshot of another workload."""
    request = submitted(cast)
    submitted(cast, proposal(cast, name="Other"))
    estimate, other = EstimateSnapshot.objects.order_by("pk")
    decision = forged(request, cast.priya, request=None, kind="estimate", outcome="confirmed")
    elsewhere = {"record_id": other.pk, "record_hash": other.hash}
    for wrong in (changed, elsewhere):
        with pytest.raises(IntegrityError, match="of its own workload"), transaction.atomic():
            forged_item(decision, estimate, **wrong)
    forged_item(decision, estimate)


def test_the_database_decides_on_requests_of_the_workload_only(cast: Cast) -> None:
    request, other = submitted(cast), submitted(cast, proposal(cast, name="Other"))
    for wrong in (other, None):
        with pytest.raises(IntegrityError, match="request of the workload"), transaction.atomic():
            forged(request, cast.priya, request=wrong)


@pytest.mark.parametrize("state", ["approved", "returned", "rejected"])
def test_the_database_moves_no_request_without_a_decision(cast: Cast, state: str) -> None:
    """Not by the record of a step alone, which the application could write as well."""
    request = submitted(cast)
    move_request(
        actor=cast.priya, request=request, seen=request.revision, target=RequestState(state)
    )
    refuse_at_commit("by a decision")


def test_the_database_keeps_no_decision_that_moves_nothing(cast: Cast) -> None:
    request = submitted(cast)
    decision = forged(request, cast.priya, request_revision=request.revision + 1)
    forged_item(decision, EstimateSnapshot.objects.get())
    refuse_at_commit("moves the request")


@pytest.mark.parametrize("basis", ["decision", "financial_admin", "within_threshold"])
@pytest.mark.parametrize("who", ["priya", "olivia", ""])
def test_the_database_brings_nothing_into_force_without_a_decision(
    cast: Cast, basis: str, who: str
) -> None:
    added(cast)
    with pytest.raises(IntegrityError, match="by a decision that names it"), transaction.atomic():
        Confirmation.objects.create(
            estimate=EstimateSnapshot.objects.get(),
            basis=basis,
            recorded_by=getattr(cast, who) if who else None,
        )


@pytest.mark.django_db(transaction=True)
def test_a_decision_names_nothing_more_afterwards(cast: Cast) -> None:
    """Approved without a case; one that is declared later was not acknowledged."""
    request = submitted(cast, proposal(cast, case=None))
    decision = approve(cast.priya, request, acknowledgement="no_value")
    later = revise_case(
        actor=cast.olivia, workload=workload_of(request), seen=0, case=SAVING, reason=""
    )
    with pytest.raises(IntegrityError, match="named when it is made"), transaction.atomic():
        forged_item(decision, later)


def hand_over(workload: Workload, owner: User) -> Workload:
    workload = Workload.objects.get(pk=workload.pk)
    describe_workload(
        actor=workload.owner,
        workload=workload,
        name=workload.name,
        purpose=workload.purpose,
        space=Space.objects.get(pk=workload.space_id),
        owner=owner,
    )
    return workload


@pytest.mark.parametrize("back", [False, True])
def test_handing_a_workload_over_is_no_way_to_decide_on_it(cast: Cast, *, back: bool) -> None:
    """Olivia recorded everything; Priya owned the workload and gave it away before deciding."""
    request = submitted(cast, proposal(cast, owner=cast.priya))
    workload = hand_over(workload_of(request), cast.olivia)
    if back:
        hand_over(hand_over(workload, cast.mona), cast.olivia)
    with pytest.raises(PermissionDenied, match="owned this workload before"):
        approve(cast.priya, request)
    with pytest.raises(IntegrityError, match="own or owned"), transaction.atomic():
        forged(request, cast.priya)
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    assert approve(User.objects.get(pk=cast.felix.pk), request).outcome == "approved"


def delegation(cast: Cast, **changes: Any) -> Delegation:
    """Priya lets Felix decide today, past every check in Python; right but for what changes."""
    moment = now()
    right = {
        "delegate": cast.felix,
        "begins_at": moment,
        "ends_at": moment + timedelta(days=1),
        "reason": "A holiday.",
        "recorded_by": cast.priya,
    }
    return Delegation.objects.create(**right | changes)


def decide_for_priya(cast: Cast, request: BusinessRequest) -> Decision:
    return forged(request, cast.felix, on_behalf_of=cast.priya)


def test_the_database_lets_nobody_hand_on_what_they_do_not_have(cast: Cast) -> None:
    for delegator in (cast.olivia, cast.felix):
        with pytest.raises(IntegrityError, match="Only a Financial Admin"), transaction.atomic():
            delegation(cast, recorded_by=delegator, delegate=cast.mona)
    first = delegation(cast)
    same = {"begins_at": first.begins_at, "ends_at": first.ends_at, "takes_back": first}
    with pytest.raises(IntegrityError, match="by who gave it"), transaction.atomic():
        delegation(cast, recorded_by=cast.olivia, **same)
    delegation(cast, **same)


def test_the_database_lets_nobody_decide_for_who_did_not_delegate(cast: Cast) -> None:
    """Nor before the day, nor after it, nor when it was taken back."""
    request, day = submitted(cast), timedelta(days=1)
    moment = now()
    delegation(cast, begins_at=moment + day, ends_at=moment + 2 * day)
    delegation(cast, delegate=cast.mona)
    back = delegation(cast)
    delegation(cast, begins_at=back.begins_at, ends_at=back.ends_at, takes_back=back)
    with pytest.raises(IntegrityError, match="did not delegate"), transaction.atomic():
        decide_for_priya(cast, request)
    delegation(cast)
    with transaction.atomic():
        decide_for_priya(cast, request)
        # It names nothing yet, so that it doesn't last.
        transaction.set_rollback(True)
