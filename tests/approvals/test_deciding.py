"""Deciding on a request: who may, on what, and what comes of it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, RoleGrant, User
from approvals.actions import (
    SnapshotAddedError,
    confirm_pending_estimate,
    decide_request,
)
from approvals.models import Decision
from approvals.reports import Seen, decisions
from business_cases.actions import revise_case, revise_estimate
from business_cases.models import BusinessRequest, RequestState
from business_cases.reports import standing_of
from records.clock import now
from spaces.models import Workload, WorkloadState
from tests.approvals.forged import forged, forged_approval
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.database import refuse_at_commit
from valueboard.lib.errors import StaleError


def seen_of(workload: Workload) -> Seen:
    return Seen.of(standing_of(workload.pk, now()))


def workload_of(request: BusinessRequest) -> Workload:
    assert request.workload is not None
    return request.workload


def approve(actor: User, request: BusinessRequest, **given: str) -> Decision:
    asked = {
        "outcome": "approved",
        "acknowledgement": "agreed",
        "rationale": "The pilot convinced us.",
    } | given
    return decide_request(
        actor=actor,
        request=request,
        revision=request.revision,
        seen=seen_of(workload_of(request)),
        **asked,
    )


def test_approval_brings_the_estimate_into_force_and_claims_the_workload(cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    request.refresh_from_db()
    workload = Workload.objects.get(pk=workload_of(request).pk)
    assert request.state == RequestState.APPROVED
    assert workload.state == WorkloadState.CLAIMED
    assert standing_of(workload.pk, now()).in_force is not None
    made = decisions([workload.pk], now())[workload.pk].approval
    assert made is not None
    assert (made.estimate_version, made.case_version) == (1, 1)


@pytest.mark.parametrize("outcome", ["returned", "rejected"])
def test_other_outcomes_leave_the_workload_proposed(cast: Cast, outcome: str) -> None:
    request = submitted(cast)
    approve(cast.priya, request, outcome=outcome, acknowledgement="")
    workload = Workload.objects.get(pk=workload_of(request).pk)
    assert workload.state == WorkloadState.PROPOSED
    assert standing_of(workload.pk, now()).in_force is None


@pytest.mark.parametrize("name", ["felix", "erin", "adam", "olivia", "mona", "sam"])
def test_only_a_financial_admin_decides(cast: Cast, name: str) -> None:
    request = submitted(cast)
    with pytest.raises(PermissionDenied):
        approve(getattr(cast, name), request)


def test_nobody_decides_on_what_they_recorded_or_own_not_even_a_superuser(cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.olivia, role=Role.FINANCIAL_ADMIN)
    cast.olivia.is_superuser = True
    cast.olivia.save()
    recorded = submitted(cast, proposal(cast, owner=cast.mona))
    owned = submitted(cast, proposal(cast, name="Other"))
    for request in (recorded, owned):
        with pytest.raises(PermissionDenied, match="somebody else decides"):
            approve(User.objects.get(pk=cast.olivia.pk), request)


@pytest.mark.parametrize("who", ["olivia", "felix"])
def test_the_database_refuses_what_the_action_would(cast: Cast, who: str) -> None:
    """As the application's role, past every check in Python."""
    request = submitted(cast)
    RoleGrant.objects.create(user=cast.olivia, role=Role.FINANCIAL_ADMIN)
    with pytest.raises(IntegrityError, match="decides"), transaction.atomic():
        forged_approval(request, getattr(cast, who))


def test_the_database_refuses_a_decision_that_names_nothing(cast: Cast) -> None:
    request = submitted(cast)
    forged(request, cast.priya)
    refuse_at_commit("names the estimate")


def test_a_revision_between_page_and_click_stops_the_decision(cast: Cast) -> None:
    request = submitted(cast)
    workload = workload_of(request)
    seen = seen_of(workload)
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        case=replace(SAVING, percent=Decimal(90)),
        reason="More ambition.",
    )
    with pytest.raises(SnapshotAddedError) as stopped:
        decide_request(
            actor=cast.priya,
            request=request,
            revision=request.revision,
            seen=seen,
            outcome="approved",
            acknowledgement="agreed",
            rationale="Fine.",
        )
    assert not Decision.objects.exists()
    assert [c.mark.version for c in stopped.value.current.cases] == [1, 2]


def test_the_second_decider_is_told_who_was_first(cast: Cast) -> None:
    request = submitted(cast)
    seen = seen_of(workload_of(request))
    approve(cast.priya, request)
    with pytest.raises(StaleError, match="Priya Example decided on this on"):
        decide_request(
            actor=cast.priya,
            request=request,
            revision=request.revision,
            seen=seen,
            outcome="rejected",
            acknowledgement="",
            rationale="No.",
        )


@pytest.mark.parametrize(
    ("case", "acknowledgement", "field"),
    [
        (SAVING, "no_value", "acknowledgement"),
        (SAVING, "", "acknowledgement"),
        (None, "agreed", "acknowledgement"),
    ],
)
def test_the_acknowledgement_fits_the_case(
    cast: Cast, case: None, acknowledgement: str, field: str
) -> None:
    request = submitted(cast, proposal(cast, case=case))
    with pytest.raises(ValidationError) as wrong:
        approve(cast.priya, request, acknowledgement=acknowledgement)
    assert field in wrong.value.message_dict


def test_a_rationale_of_blanks_is_none(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        approve(cast.priya, submitted(cast), rationale=" \n ")


def test_a_workload_added_in_a_space_waits_for_confirmation(cast: Cast) -> None:
    workload = added(cast)
    assert standing_of(workload.pk, now()).in_force is None
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    assert standing_of(workload.pk, now()).in_force is not None
    assert decisions([workload.pk], now())[workload.pk].approval is None


@pytest.mark.parametrize(
    ("monthly", "in_force"), [("10999.99", True), ("11000", True), ("11000.01", False)]
)
def test_a_small_revision_is_in_force_at_once_a_large_one_waits(
    cast: Cast,
    travel: object,
    monthly: str,
    in_force: bool,  # noqa: FBT001 - a table of cases
) -> None:
    assert callable(travel)
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast, proposal(cast, estimate=replace(TERMS, growth=Decimal(0))))
    approve(cast.priya, request)
    revise_estimate(
        actor=cast.olivia,
        workload=workload_of(request),
        seen=1,
        terms=replace(TERMS, growth=Decimal(0), monthly=Decimal(monthly)),
        reason="Prices changed.",
    )
    standing = standing_of(workload_of(request).pk, now())
    assert (standing.pending is None) is in_force


def test_small_revisions_add_up(cast: Cast, travel: object) -> None:
    """Cumulative since the last approved sum: 8 % and 8 % again is above 10 %."""
    assert callable(travel)
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast, proposal(cast, estimate=replace(TERMS, growth=Decimal(0))))
    approve(cast.priya, request)
    workload = workload_of(request)
    for version, monthly in enumerate(("10800", "11600"), start=1):
        revise_estimate(
            actor=cast.olivia,
            workload=workload,
            seen=version,
            terms=replace(TERMS, growth=Decimal(0), monthly=Decimal(monthly)),
            reason="Prices changed.",
        )
    standing = standing_of(workload.pk, now())
    assert [bool(e.confirmed_at) for e in standing.estimates] == [True, True, False]
    assert standing.in_force
    assert standing.in_force.current.monthly == Decimal(10800)


@pytest.mark.parametrize(
    ("first", "months", "in_force"),
    [
        ("2026-07-01", 6, True),  # the same end
        ("2026-07-01", 12, False),  # six months more than approved
        ("2027-01-01", 12, False),  # a second year
    ],
)
def test_a_window_pushed_on_keeps_the_months_that_ran(
    cast: Cast,
    travel: object,
    first: str,
    months: int,
    in_force: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """Twelve months of the same amount again cost as much, on top of the months that ran."""
    assert callable(travel)
    level = replace(TERMS, growth=Decimal(0))
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast, proposal(cast, estimate=level))
    approve(cast.priya, request)
    travel(datetime.fromisoformat("2026-07-10T12:00:00Z"))
    begin = date.fromisoformat(first)
    revise_estimate(
        actor=cast.olivia,
        workload=workload_of(request),
        seen=1,
        terms=replace(level, first=begin, months=months, effective=begin),
        reason="We go on.",
    )
    assert (standing_of(workload_of(request).pk, now()).pending is None) is in_force
