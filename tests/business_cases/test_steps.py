"""The legal steps of a request: the database takes no other, and none without its record."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from business_cases.actions import save_draft, submit_request, withdraw_request
from business_cases.models import (
    LEGAL_STEPS,
    BusinessRequest,
    RequestKind,
    RequestState,
    RequestStep,
)
from records.clock import now
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import Cast, proposal, submitted
from tests.database import refuse_at_commit
from valueboard.lib.errors import StaleError

ILLEGAL = [
    (source, target)
    for source, target in product(RequestState, RequestState)
    if source != target and target not in LEGAL_STEPS.get(source, frozenset())
]


def in_state(cast: Cast, state: RequestState) -> BusinessRequest:
    """A request that came to `state` by its actions."""
    if state == RequestState.DRAFT:
        return save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    request = submitted(cast)
    if state == RequestState.WITHDRAWN:
        withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    elif state != RequestState.SUBMITTED:
        approved = state == RequestState.APPROVED
        acknowledgement = "agreed" if approved else ""
        approve(cast.priya, request, outcome=state.value, acknowledgement=acknowledgement)
    request.refresh_from_db()
    return request


@pytest.mark.parametrize("state", RequestState)
def test_illegal_steps_are_refused_to_the_application(cast: Cast, state: RequestState) -> None:
    request = in_state(cast, state)
    targets = [target for source, target in ILLEGAL if source == state]
    assert targets
    for target in targets:
        with pytest.raises(IntegrityError, match=r"goes from|stays as it is"), transaction.atomic():
            BusinessRequest.objects.filter(pk=request.pk).update(
                state=target, revision=request.revision + 1, workload=request.workload
            )
    assert BusinessRequest.objects.get(pk=request.pk).state == state


@pytest.mark.parametrize("rise", [-1, 0, 2])
def test_a_step_raises_the_revision_by_one(cast: Cast, rise: int) -> None:
    request = submitted(cast)
    with pytest.raises(IntegrityError, match="revision"), transaction.atomic():
        BusinessRequest.objects.filter(pk=request.pk).update(
            state=RequestState.RETURNED, revision=request.revision + rise
        )


def test_a_legal_step_without_its_record_does_not_last(cast: Cast) -> None:
    request = submitted(cast)
    BusinessRequest.objects.filter(pk=request.pk).update(
        state=RequestState.RETURNED, revision=request.revision + 1
    )
    refuse_at_commit("without the record")


@pytest.mark.parametrize("state", [s for s in RequestState if s != RequestState.DRAFT])
def test_a_request_begins_as_a_draft(cast: Cast, state: RequestState) -> None:
    workload = workload_of(in_state(cast, RequestState.APPROVED))
    with pytest.raises(IntegrityError, match="begins as a draft"), transaction.atomic():
        BusinessRequest.objects.create(
            state=state,
            workload=workload,
            created_by=cast.olivia,
            created_at=now(),
            changed_at=now(),
        )


def test_what_a_request_is_about_never_changes(cast: Cast) -> None:
    request, other = submitted(cast), submitted(cast, proposal(cast, name="Other"))
    for change in ({"kind": RequestKind.MORE_FUNDING}, {"workload": other.workload}):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            BusinessRequest.objects.filter(pk=request.pk).update(**change)


@pytest.mark.parametrize(
    ("source", "target", "revision"),
    [("submitted", "approved", 2), ("draft", "submitted", 7), ("approved", "submitted", 1)],
)
def test_no_step_is_told_that_was_not_taken(
    cast: Cast, source: str, target: str, revision: int
) -> None:
    request = submitted(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestStep.objects.create(
            request=request,
            from_state=source,
            to_state=target,
            revision=revision,
            recorded_by=cast.olivia,
        )


def test_the_steps_tell_the_whole_way(cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=proposal(cast, name="Renamed"),
    )
    request.refresh_from_db()
    withdraw_request(
        actor=cast.olivia, request=request, seen=request.revision, note="Not this year."
    )
    steps = RequestStep.objects.filter(request=request).order_by("version")
    assert [(s.from_state, s.to_state, s.recorded_by, s.note) for s in steps] == [
        ("draft", "submitted", cast.olivia, ""),
        ("submitted", "returned", cast.priya, ""),
        ("returned", "submitted", cast.olivia, ""),
        ("submitted", "withdrawn", cast.olivia, "Not this year."),
    ]
    assert [s.version for s in steps] == [1, 2, 3, 4]
    first = steps[0]
    assert first.estimate
    assert first.case
    assert (first.estimate.version, first.case.version) == (1, 1)


def test_of_two_who_withdraw_one_is_told(cast: Cast) -> None:
    request = submitted(cast)
    withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    with pytest.raises(StaleError):
        withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
