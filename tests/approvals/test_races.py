"""Two people at once, in threads of their own against PostgreSQL: one wins, the other is told."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.models import Decision, DecisionItem
from business_cases.actions import revise_case
from business_cases.models import BusinessRequest, Confirmation, RequestState
from spaces.models import Workload
from tests.approvals.test_deciding import seen_of, workload_of
from tests.at_once import at_once
from tests.cast import SAVING, Cast, added, submitted
from valueboard.lib.errors import StaleError

pytestmark = pytest.mark.django_db(transaction=True)


def post_as(user: User, address: str, data: dict[str, str]) -> Callable[[], tuple[int, str]]:
    client = Client()
    client.force_login(user)

    def act() -> tuple[int, str]:
        answer = client.post(address, data)
        return answer.status_code, " ".join(answer.content.decode().split())

    return act


def data_for(workload: Workload, **more: str) -> dict[str, str]:
    seen = seen_of(workload)
    asked = BusinessRequest.objects.filter(workload=workload).first()
    return {
        "rationale": "Fine.",
        "estimate_seen": seen.estimate,
        "case_seen": seen.case,
        "request_seen": str(asked.revision) if asked else "",
        "workload_seen": Workload.objects.get(pk=workload.pk).seen,
    } | more


@pytest.fixture
def admins(cast: Cast) -> list[User]:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    return [cast.priya, cast.felix]


def test_of_two_deciders_one_wins_and_the_other_is_told(cast: Cast, admins: list[User]) -> None:
    request = submitted(cast)
    address, workload = f"/approvals/requests/{request.pk}/", workload_of(request)
    approve = data_for(workload, outcome="approved", acknowledgement="agreed")
    reject = data_for(workload, outcome="rejected")
    answers = at_once(post_as(admins[0], address, approve), post_as(admins[1], address, reject))
    assert sorted(status for status, _ in answers) == [302, 409]
    decision = Decision.objects.get()
    winner = decision.recorded_by
    assert winner
    told = next(page for status, page in answers if status == 409)
    assert f"{winner.name} decided on this on" in told
    request.refresh_from_db()
    assert request.state == decision.outcome
    approved = request.state == RequestState.APPROVED
    assert Confirmation.objects.exists() is approved


def test_of_two_who_confirm_one_wins(cast: Cast, admins: list[User]) -> None:
    workload = added(cast)
    address, data = f"/approvals/workloads/{workload.slug}/", data_for(workload)
    answers = at_once(*(post_as(admin, address, data) for admin in admins))
    assert sorted(status for status, _ in answers) == [302, 409]
    assert Decision.objects.count() == Confirmation.objects.count() == 1


def test_one_person_who_clicks_twice_decides_once(cast: Cast) -> None:
    request = submitted(cast)
    address = f"/approvals/requests/{request.pk}/"
    data = data_for(workload_of(request), outcome="approved", acknowledgement="agreed")
    answers = at_once(*(post_as(cast.priya, address, data) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [302, 409, 409, 409]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_a_decision_never_names_a_version_that_was_not_seen(cast: Cast, round_: int) -> None:
    """A revision at the very moment: either it comes after, or it stops the decision."""
    request = submitted(cast)
    workload = workload_of(request)
    seen = seen_of(workload)
    data = data_for(workload, outcome="approved", acknowledgement="agreed")

    def revise() -> tuple[int, str]:
        try:
            revise_case(
                actor=cast.olivia,
                workload=workload,
                seen=1,
                case=replace(SAVING, percent=Decimal(10)),
                reason="Smaller.",
            )
        except StaleError:
            return 409, ""
        return 302, ""

    (status, _), (revised, _) = at_once(
        post_as(cast.priya, f"/approvals/requests/{request.pk}/", data), revise
    )
    assert revised == 302
    assert status in {302, 409}
    hashes = set(DecisionItem.objects.values_list("record_hash", flat=True))
    assert hashes == ({seen.estimate, seen.case} if status == 302 else set())
    state = BusinessRequest.objects.get(pk=request.pk).state
    assert state == ("approved" if status == 302 else "submitted")
