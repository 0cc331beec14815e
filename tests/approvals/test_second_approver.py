"""Above a threshold two different Financial Admins approve the same snapshots."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.actions import confirm_pending_estimate, decide_request
from approvals.models import DecisionItem
from approvals.reports import first_approval
from business_cases.actions import revise_case, send_to_approval, submit_request
from business_cases.models import BusinessRequest, EstimateSnapshot, RequestState
from business_cases.reports import standing_of
from notices.models import Message
from records.clock import now
from records.models import ThresholdVersion
from tests.approvals.forged import forged_approval, forged_item
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.cast import SAVING, Cast, added, proposal, submitted
from tests.database import refuse_at_commit
from valueboard.lib.errors import RefusedError, StaleError

TERM = Decimal("159171.27")  # ΣP of the cast's request


def threshold(value: Decimal) -> None:
    ThresholdVersion.objects.create(
        key="approval.second_above", value=value, effective_from=date(2020, 1, 1), reason="Test."
    )


@pytest.fixture
def nora(cast: Cast) -> User:
    """A second Financial Admin: Felix."""
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    return User.objects.get(pk=cast.felix.pk)


@pytest.fixture
def dear(cast: Cast, nora: User) -> BusinessRequest:
    """A request that needs two."""
    threshold(Decimal(100_000))
    return submitted(cast)


def fresh(request: BusinessRequest) -> BusinessRequest:
    return BusinessRequest.objects.get(pk=request.pk)


def in_force(request: BusinessRequest) -> bool:
    return standing_of(workload_of(request).pk, now()).in_force is not None


@pytest.mark.parametrize(
    ("above", "two"),
    [(None, False), (Decimal(0), False), (TERM, False), (TERM - Decimal("0.01"), True)],
)
def test_the_whole_term_decides_whether_two_are_needed(
    cast: Cast,
    above: Decimal | None,
    two: bool,  # noqa: FBT001 - a table of cases
) -> None:
    if above is not None:
        threshold(above)
    request = submitted(cast)
    decision = approve(cast.priya, request)
    assert (decision.outcome == "first_approval") is two
    assert in_force(request) is not two


def test_the_second_completes_what_the_first_began(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    first = approve(cast.priya, dear)
    waiting = fresh(dear)
    assert (waiting.state, waiting.revision) == (RequestState.SUBMITTED, dear.revision + 1)
    assert not in_force(dear)
    wanted = Message.objects.get(kind="second_approval")
    assert wanted.recipient == nora
    second = approve(nora, waiting, acknowledgement="other_reason")
    assert (second.outcome, second.completes, second.approvers_needed) == ("approved", first, 2)
    assert fresh(dear).state == RequestState.APPROVED
    assert in_force(dear)


def test_one_person_is_not_two(cast: Cast, dear: BusinessRequest) -> None:
    approve(cast.priya, dear)
    with pytest.raises(PermissionDenied, match="first approval was yours"):
        approve(cast.priya, fresh(dear))
    assert fresh(dear).state == RequestState.SUBMITTED


def test_a_page_from_before_the_first_approval_is_out_of_date(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    approve(cast.priya, dear)
    with pytest.raises(StaleError, match="Priya Example gave the first approval"):
        approve(nora, dear)


@pytest.mark.parametrize("outcome", ["returned", "rejected"])
@pytest.mark.parametrize("by_first", [False, True])
def test_any_of_them_can_return_or_reject(
    cast: Cast,
    nora: User,
    dear: BusinessRequest,
    outcome: str,
    by_first: bool,  # noqa: FBT001 - a table of cases
) -> None:
    approve(cast.priya, dear)
    actor = cast.priya if by_first else nora
    approve(actor, fresh(dear), outcome=outcome, acknowledgement="")
    assert fresh(dear).state == outcome


def test_a_new_snapshot_voids_the_first_approval(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    approve(cast.priya, dear)
    lower = replace(SAVING, percent=Decimal(20))
    revise_case(
        actor=cast.olivia, workload=workload_of(dear), seen=1, case=lower, reason="Careful."
    )
    standing = standing_of(workload_of(dear).pk, now())
    assert first_approval(fresh(dear), standing) is None
    assert approve(nora, fresh(dear)).outcome == "first_approval"
    assert approve(cast.priya, fresh(dear)).outcome == "approved"


def test_a_resubmission_voids_the_first_approval(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    approve(cast.priya, dear)
    approve(nora, fresh(dear), outcome="returned", acknowledgement="")
    submit_request(
        actor=cast.olivia,
        request=fresh(dear),
        seen=fresh(dear).revision,
        proposal=proposal(cast, name="Renamed"),
    )
    assert approve(nora, fresh(dear)).outcome == "first_approval"


def test_a_threshold_taken_away_needs_one_again(cast: Cast, dear: BusinessRequest) -> None:
    approve(cast.priya, dear)
    threshold(Decimal(0))
    assert approve(cast.priya, fresh(dear)).outcome == "approved"


def test_the_database_refuses_a_second_by_the_same_person(
    cast: Cast, dear: BusinessRequest
) -> None:
    first = approve(cast.priya, dear)
    with pytest.raises(IntegrityError, match="somebody else, of what"), transaction.atomic():
        forged_approval(fresh(dear), cast.priya, completes=first, approvers_needed=2)


def test_the_database_refuses_two_without_a_first(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    with pytest.raises(IntegrityError, match="counts_its_approvers"), transaction.atomic():
        forged_approval(dear, nora, approvers_needed=2)
    other = submitted(cast, proposal(cast, name="Other"))
    elsewhere = approve(cast.priya, other)
    with pytest.raises(IntegrityError, match="somebody else, of what"), transaction.atomic():
        forged_approval(dear, nora, completes=elsewhere, approvers_needed=2)


def test_the_database_refuses_a_second_on_other_snapshots(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    first = approve(cast.priya, dear)
    second = forged_approval(
        fresh(dear), nora, completes=first, acknowledgement="no_value", approvers_needed=2
    )
    forged_item(second, EstimateSnapshot.objects.get())
    refuse_at_commit("first one named")


def test_a_first_approval_names_what_it_saw_and_acknowledges(
    cast: Cast, dear: BusinessRequest
) -> None:
    decision = approve(cast.priya, dear)
    seen = seen_of(workload_of(dear))
    hashes = set(
        DecisionItem.objects.filter(decision=decision).values_list("record_hash", flat=True)
    )
    assert hashes == {seen.estimate, seen.case}
    assert decision.acknowledgement == "agreed"


def test_more_funding_above_the_threshold_needs_two_as_well(
    cast: Cast, nora: User, travel: Callable[[datetime], None]
) -> None:
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast)
    approve(cast.priya, request)
    threshold(Decimal(200_000))
    from tests.approvals.test_more_funding import more, revise

    workload = workload_of(request)
    workload.refresh_from_db()
    revise(cast, workload, 20000)
    assert approve(cast.priya, more(workload)).outcome == "first_approval"
    assert approve(nora, more(workload)).outcome == "approved"


def test_a_late_click_on_the_first_page_decides_nothing(
    cast: Cast, nora: User, dear: BusinessRequest
) -> None:
    seen = seen_of(workload_of(dear))
    approve(cast.priya, dear)
    approve(nora, fresh(dear))
    with pytest.raises(StaleError, match="decided on this on"):
        decide_request(
            actor=cast.priya,
            request=dear,
            revision=dear.revision,
            seen=seen,
            outcome="rejected",
            acknowledgement="",
            rationale="No.",
        )


def test_what_two_approve_is_not_confirmed_by_one(client: Client, cast: Cast, nora: User) -> None:
    workload = added(cast)
    threshold(TERM - Decimal("0.01"))
    with pytest.raises(RefusedError, match="two Financial Admins approve"):
        confirm_pending_estimate(
            actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
        )
    client.force_login(cast.priya)
    page = client.get(f"/approvals/workloads/{workload.slug}/").content.decode()
    assert "sends it to approval" in page
    assert 'name="rationale"' not in page
    send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    approve(cast.priya, BusinessRequest.objects.get())
    approve(nora, BusinessRequest.objects.get())
    assert standing_of(workload.pk, now()).in_force is not None


def test_who_asks_reads_that_two_approve(
    client: Client, cast: Cast, dear: BusinessRequest, nora: User
) -> None:
    client.force_login(cast.olivia)
    address = f"/requests/{dear.pk}/"
    assert "Two Financial Admins approve this" in client.get(address).content.decode()
    approve(cast.priya, dear)
    assert "gave the first approval" in client.get(address).content.decode()
    approve(nora, fresh(dear))
    assert "Two Financial Admins approve this" not in client.get(address).content.decode()
