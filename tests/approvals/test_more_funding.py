"""More funding: a revision beyond the threshold is decided like any request."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from approvals.actions import SnapshotAddedError, confirm_pending_estimate, decide_request
from business_cases.actions import (
    revise_case,
    revise_estimate,
    send_to_approval,
    submit_again,
    withdraw_request,
)
from business_cases.models import (
    BusinessRequest,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestKind,
    RequestState,
    RequestStep,
)
from business_cases.reports import standing_of
from business_cases.standing import Standing
from notices.models import Message
from records.clock import now
from spaces.models import Workload
from tests.approvals.forged import forged, forged_item
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.clock import Travel
from tests.standing import living
from valueboard.lib.errors import RefusedError, StaleError

TRAVEL = "2026-01-10T12:00:00Z"


def live(cast: Cast, travel: Travel, _folder: Path) -> Workload:
    """An approved workload at 10,000 a month."""
    travel(datetime.fromisoformat(TRAVEL))
    request = submitted(cast)
    approve(cast.priya, request)
    return Workload.objects.get(pk=workload_of(request).pk)


funded = living("funded", live)


def revise(cast: Cast, workload: Workload, monthly: int, reason: str = "More users.") -> None:
    revise_estimate(
        actor=cast.olivia,
        workload=workload,
        seen=len(standing(workload).estimates),
        terms=replace(TERMS, monthly=Decimal(monthly)),
        reason=reason,
    )


def standing(workload: Workload) -> Standing:
    return standing_of(workload.pk, now())


def more(workload: Workload) -> BusinessRequest:
    return BusinessRequest.objects.get(workload=workload, kind=RequestKind.MORE_FUNDING)


def steps(request: BusinessRequest) -> list[tuple[str, str, str]]:
    found = RequestStep.objects.filter(request=request).order_by("version")
    return [(s.from_state, s.to_state, s.note) for s in found]


def test_a_revision_beyond_the_threshold_asks_for_more(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    request = more(funded)
    assert (request.state, request.created_by) == (RequestState.SUBMITTED, cast.olivia)
    assert steps(request) == [("draft", "submitted", "More users.")]
    assert standing(funded).pending
    subjects = Message.objects.filter(recipient=cast.priya).values_list("subject", flat=True)
    assert subjects.filter(subject__startswith="To decide").count() == 2


def test_within_the_threshold_nothing_is_asked(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 10100)
    assert not BusinessRequest.objects.filter(kind=RequestKind.MORE_FUNDING).exists()


def test_approved_it_is_in_force_with_an_acknowledgement(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    decision = approve(cast.priya, more(funded))
    assert decision.acknowledgement == "agreed"
    after = standing(funded)
    assert after.in_force
    assert after.in_force.current.monthly == 20000
    assert more(funded).state == RequestState.APPROVED


def test_rejected_the_one_in_force_goes_on_and_the_other_says_declined(
    cast: Cast, funded: Workload
) -> None:
    revise(cast, funded, 20000)
    approve(cast.priya, more(funded), outcome="rejected", acknowledgement="")
    after = standing(funded)
    assert after.pending is None
    assert after.in_force
    assert after.in_force.current.monthly == 10000
    assert after.declined_estimate
    assert after.declined_estimate.declined == "declined"
    # What is asked for next begins at the one in force; the same figures may be asked for again.
    assert after.asked == after.estimates[0]
    revise(cast, funded, 20000, "The year began stronger.")
    assert BusinessRequest.objects.filter(kind=RequestKind.MORE_FUNDING).count() == 2


def test_withdrawn_by_its_owner_it_waits_no_more(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    request = more(funded)
    withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    assert standing(funded).pending is None
    assert Decline.objects.get().how == "withdrawn"


def test_revised_again_it_is_the_same_request(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    request, seen = more(funded), seen_of(funded)
    revise(cast, funded, 30000, "Even more users.")
    again = more(funded)
    assert (again.pk, again.revision) == (request.pk, request.revision + 1)
    assert steps(again)[-1] == ("submitted", "submitted", "Even more users.")
    with pytest.raises(SnapshotAddedError):
        decide_request(
            actor=cast.priya,
            request=request,
            revision=request.revision,
            seen=seen,
            outcome="approved",
            acknowledgement="agreed",
            rationale="Fine.",
        )


def test_returned_the_owner_revises_and_it_waits_again(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    approve(cast.priya, more(funded), outcome="returned", acknowledgement="")
    assert more(funded).state == RequestState.RETURNED
    assert standing(funded).pending
    revise(cast, funded, 15000, "As you asked.")
    assert more(funded).state == RequestState.SUBMITTED
    assert steps(more(funded))[-1] == ("returned", "submitted", "As you asked.")


def test_returned_it_can_be_submitted_as_it_is(cast: Cast, funded: Workload) -> None:
    """The approver asked for words, or for another case."""
    revise(cast, funded, 20000)
    approve(cast.priya, more(funded), outcome="returned", acknowledgement="")
    lower = replace(SAVING, percent=Decimal(20))
    revise_case(actor=cast.olivia, workload=funded, seen=1, case=lower, reason="Careful.")
    request = more(funded)
    with pytest.raises(StaleError):
        submit_again(
            actor=cast.olivia, request=request, seen=request.revision, versions=(2, 1), note="x"
        )
    with pytest.raises(ValidationError):
        submit_again(
            actor=cast.olivia, request=request, seen=request.revision, versions=(2, 2), note=" "
        )
    submit_again(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        versions=(2, 2),
        note="The case is lower now.",
    )
    assert more(funded).state == RequestState.SUBMITTED


def test_a_smaller_revision_withdraws_what_it_makes_needless(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    revise(cast, funded, 10100, "Not so many after all.")
    assert more(funded).state == RequestState.WITHDRAWN
    assert "stays within the threshold" in steps(more(funded))[-1][2]
    after = standing(funded)
    assert after.in_force
    assert after.in_force.current.monthly == 10100
    assert not Decline.objects.exists()


def test_a_first_estimate_waits_for_its_confirmation_and_not_for_a_request(cast: Cast) -> None:
    workload = added(cast)
    revise_estimate(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        terms=replace(TERMS, monthly=Decimal(50000), effective=now().date().replace(day=1)),
        reason="Forgot a zero.",
    )
    assert not BusinessRequest.objects.exists()
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    assert standing(workload).in_force


def test_who_may_not_decide_a_request_may_not_decide_for_more(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    for name in ("olivia", "felix", "mona"):
        with pytest.raises(PermissionDenied):
            approve(getattr(cast, name), more(funded))


def test_the_database_declines_only_with_the_request(cast: Cast, funded: Workload) -> None:
    revise(cast, funded, 20000)
    request = more(funded)
    pending = EstimateSnapshot.objects.latest("version")
    with pytest.raises(IntegrityError, match="declined with the request"), transaction.atomic():
        Decline.objects.create(
            estimate=pending, request=request, how="declined", recorded_by=cast.priya
        )
    approve(cast.priya, request, outcome="rejected", acknowledgement="")
    confirmed = forged(request, cast.priya, request=None, kind="estimate", outcome="confirmed")
    forged_item(confirmed, pending)
    with pytest.raises(IntegrityError, match="never comes into force"), transaction.atomic():
        Confirmation.objects.create(
            estimate=pending, basis="financial_admin", recorded_by=cast.priya
        )


# --- a workload that is there ---------------------------------------------------------------------


def test_an_added_workload_is_sent_to_approval_and_approved(cast: Cast) -> None:
    workload = added(cast)
    request = send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    assert (request.kind, request.state) == ("existing_workload", "submitted")
    told = Message.objects.filter(recipient=cast.priya).latest("pk")
    assert told.subject == "To decide: Contract review"
    approve(cast.priya, request)
    assert standing(workload).in_force
    with pytest.raises(RefusedError, match="approved already"):
        send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))


def test_a_confirmed_estimate_is_no_approval(cast: Cast) -> None:
    workload = added(cast)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    request = send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    approve(cast.priya, request, outcome="rejected", acknowledgement="")
    # Nothing waited, so nothing is declined: the confirmed one goes on.
    assert standing(workload).in_force
    assert not Decline.objects.exists()
    request = send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    assert request.state == RequestState.SUBMITTED


@pytest.mark.parametrize("name", ["mona", "oscar", "sam", "priya", "felix", "adam"])
def test_only_who_answers_for_it_sends_it_to_approval(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        send_to_approval(actor=getattr(cast, name), workload=added(cast), versions=(1, 1))


def test_there_must_be_something_to_send(cast: Cast) -> None:
    workload = added(cast)
    with pytest.raises(StaleError):
        send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 0))
    send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    with pytest.raises(RefusedError, match="open already"):
        send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    proposed = workload_of(submitted(cast, proposal(cast, name="Proposed")))
    with pytest.raises(RefusedError, match="not claimed"):
        send_to_approval(actor=cast.olivia, workload=proposed, versions=(1, 1))
