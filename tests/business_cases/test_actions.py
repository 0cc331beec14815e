"""What the actions refuse, whoever calls them: no page stands between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from business_cases.actions import (
    add_workload,
    move_request,
    retract_case,
    revise_case,
    revise_estimate,
    save_draft,
    submit_request,
    withdraw_request,
)
from business_cases.models import BusinessRequest, EstimateSnapshot, RequestState
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from valueboard.lib.errors import RefusedError, StaleError


def draft(cast: Cast, actor: User, request: BusinessRequest) -> object:
    return save_draft(
        actor=actor, request=request, seen=request.revision, typed={}, space=cast.commerce
    )


STRANGE: dict[str, Callable[[Cast, User, BusinessRequest], object]] = {
    "save a draft": draft,
    "submit": lambda c, who, asked: submit_request(
        actor=who, request=asked, seen=asked.revision, proposal=proposal(c)
    ),
    "withdraw": lambda _, who, asked: withdraw_request(
        actor=who, request=asked, seen=asked.revision
    ),
    "add a workload": lambda c, who, _: add_workload(
        actor=who, proposal=proposal(c, name="Another")
    ),
    "revise the estimate": lambda _, who, asked: revise_estimate(
        actor=who, workload=workload_of(asked), seen=1, terms=TERMS, reason="x"
    ),
    "revise the case": lambda _, who, asked: revise_case(
        actor=who,
        workload=workload_of(asked),
        seen=1,
        case=replace(SAVING, percent=Decimal(9)),
        reason="x",
    ),
    "retract the case": lambda _, who, asked: retract_case(
        actor=who, workload=workload_of(asked), seen=1, reason="x"
    ),
}


@pytest.mark.parametrize("act", STRANGE)
def test_strangers_change_nothing(cast: Cast, act: str) -> None:
    """Members, deciders and product owners of another Space included."""
    request = submitted(cast)
    approve(cast.priya, request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    for stranger in (cast.mona, cast.priya, cast.oscar, cast.sam):
        with pytest.raises(PermissionDenied):
            STRANGE[act](cast, stranger, request)


def test_a_request_goes_to_a_space_of_ones_own(cast: Cast) -> None:
    request = save_draft(actor=cast.oscar, request=None, seen=0, typed={}, space=None)
    with pytest.raises(PermissionDenied, match="not a product owner of this Space"):
        submit_request(actor=cast.oscar, request=request, seen=0, proposal=proposal(cast))


def test_a_request_moves_only_from_what_was_seen(cast: Cast) -> None:
    """The one writer of states looks for itself, whatever its caller has locked."""
    request = submitted(cast)
    for seen, target in (
        (request.revision - 1, RequestState.WITHDRAWN),
        (request.revision, RequestState.SUBMITTED),
    ):
        with pytest.raises(StaleError, match="now submitted"):
            move_request(actor=cast.olivia, request=request, seen=seen, target=target)
    assert BusinessRequest.objects.get().state == RequestState.SUBMITTED


@pytest.mark.parametrize("reason", ["", " \n\t "])
def test_a_reason_of_blanks_is_none(cast: Cast, reason: str) -> None:
    workload = added(cast)
    for revise in (
        lambda: revise_estimate(
            actor=cast.olivia,
            workload=workload,
            seen=1,
            terms=replace(TERMS, monthly=Decimal(1), effective=datetime(2027, 1, 1).date()),  # noqa: DTZ001 - a date
            reason=reason,
        ),
        lambda: retract_case(actor=cast.olivia, workload=workload, seen=1, reason=reason),
    ):
        with pytest.raises(ValidationError) as wrong:
            revise()
        assert "reason" in wrong.value.message_dict


def test_months_that_are_over_keep_their_estimate(
    cast: Cast, travel: Callable[[datetime], Any]
) -> None:
    travel(datetime.fromisoformat("2026-06-10T12:00:00Z"))
    workload = added(cast)
    with pytest.raises(ValidationError, match="months that are over"):
        revise_estimate(
            actor=cast.olivia,
            workload=workload,
            seen=1,
            terms=replace(TERMS, monthly=Decimal(1), effective=TERMS.first),
            reason="Cheaper, looking back.",
        )
    assert EstimateSnapshot.objects.count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved", "rejected", "withdrawn"])
def test_what_waits_or_is_decided_is_not_edited(cast: Cast, state: str) -> None:
    request = submitted(cast)
    if state == "withdrawn":
        withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    elif state != "submitted":
        agreed = "agreed" if state == "approved" else ""
        approve(cast.priya, request, outcome=state, acknowledgement=agreed)
    request.refresh_from_db()
    with pytest.raises(RefusedError):
        draft(cast, cast.olivia, request)
    assert BusinessRequest.objects.get().state == state
