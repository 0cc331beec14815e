"""What the tables refuse by themselves, past every check in Python: one row for each constraint."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role, RoleGrant, User
from approvals.models import Decision, Delegation
from business_cases.actions import withdraw_request
from business_cases.models import (
    AnchorMerge,
    BandBounds,
    BusinessCase,
    BusinessRequest,
    CaseSnapshot,
    Comment,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestEditor,
    RequestStep,
)
from positions.models import SavedView
from records.clock import now
from records.models import Checkpoint
from spaces.models import Membership, Space, Workload
from tests.allocation_gaps.breaking import OF_GAPS
from tests.approvals.forged import forged, forged_item
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, submitted
from tests.cur_ingest.breaking import OF_SPEND


def estimated(cast: Cast, **wrong: Any) -> None:
    """Record an estimate that is right but for what is `wrong`."""
    right = {
        "monthly_amount": Decimal(10),
        "growth_percent": Decimal(0),
        "first_month": date(2027, 1, 1),
        "months": 12,
        "effective_month": date(2027, 1, 1),
        "reason": "x",
    }
    EstimateSnapshot.objects.create(workload=added(cast), recorded_by=cast.olivia, **right | wrong)


def declared(cast: Cast, **wrong: Any) -> None:
    """Record a case that is right but for what is `wrong`."""
    right = {
        "value_type": "cost_saving",
        "current_amount": Decimal(10),
        "percent": Decimal(10),
        "reason": "x",
    }
    added(cast)
    case = BusinessCase.objects.get()
    CaseSnapshot.objects.create(case=case, recorded_by=cast.olivia, **right | wrong)


def decided(cast: Cast, **wrong: Any) -> Decision:
    return forged(submitted(cast), cast.priya, **wrong)


def decided_twice(cast: Cast) -> None:
    request = submitted(cast)
    forged(request, cast.priya)
    forged(request, cast.priya)


def named_twice(cast: Cast) -> None:
    decision, estimate = decided(cast), EstimateSnapshot.objects.get()
    for _ in range(2):
        forged_item(decision, estimate)


def confirmed_twice(cast: Cast) -> None:
    approve(cast.priya, submitted(cast))
    Confirmation.objects.create(
        estimate=EstimateSnapshot.objects.get(), basis="decision", recorded_by=cast.priya
    )


def asked(cast: Cast, **given: Any) -> BusinessRequest:
    """Make a draft as no action does."""
    return BusinessRequest.objects.create(
        created_by=cast.olivia, created_at=now(), changed_at=now(), **given
    )


def opened(cast: Cast, **given: Any) -> None:
    """Make a draft and submit it as no action does."""
    request = asked(cast, **given)
    BusinessRequest.objects.filter(pk=request.pk).update(state="submitted", revision=1)


def stepped(cast: Cast, **wrong: Any) -> None:
    """Tell the step that led to the submitted request once more."""
    right = {"from_state": "draft", "to_state": "submitted", "recorded_by": cast.olivia}
    request = submitted(cast)
    RequestStep.objects.create(request=request, revision=request.revision, **right | wrong)


def said(cast: Cast, **wrong: Any) -> None:
    """Comment on a request; right but for what is `wrong`."""
    right = {"text": "Why?", "recorded_by": cast.priya}
    Comment.objects.create(request=submitted(cast), **right | wrong)


def declined(cast: Cast, times: int = 1, **wrong: Any) -> None:
    """Decline the estimate of a withdrawn request; right but for what is `wrong`."""
    request = submitted(cast)
    withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
    right = {"how": "withdrawn", "recorded_by": cast.olivia}
    for _ in range(times):
        Decline.objects.create(
            estimate=EstimateSnapshot.objects.get(), request=request, **right | wrong
        )


def delegated(cast: Cast, **wrong: Any) -> Delegation:
    """Have Priya delegate to Felix for a day; right but for what is `wrong`."""
    right = {
        "delegate": cast.felix,
        "begins_at": now(),
        "ends_at": now() + timedelta(days=1),
        "reason": "x",
        "recorded_by": cast.priya,
    }
    return Delegation.objects.create(**right | wrong)


def taken_back_twice(cast: Cast) -> None:
    first = delegated(cast)
    for _ in range(2):
        delegated(cast, takes_back=first, begins_at=first.begins_at, ends_at=first.ends_at)


def merged(cast: Cast, **wrong: Any) -> None:
    """Merge two names; right but for what is `wrong`."""
    right = {
        "value_type": "cost_saving",
        "name": "a",
        "key": "a",
        "into": "b",
        "into_key": "b",
        "reason": "x",
    }
    AnchorMerge.objects.create(recorded_by=cast.felix, **right | wrong)


def checked(times: int = 1, **wrong: Any) -> None:
    """Record a checkpoint, however empty; right but for what is `wrong`."""
    right = {"number": 1, "kind": "daily", "statement": "", "signature": "", "public_key": ""}
    for _ in range(times):
        Checkpoint.objects.create(location="", **right | wrong)


BREAKING: dict[str, Callable[[Cast], object]] = {
    "role_held_once": lambda c: RoleGrant.objects.create(user=c.felix, role=Role.FINANCE),
    "role_is_known": lambda c: RoleGrant.objects.create(user=c.felix, role="king"),
    "user_email_once": lambda _: User.objects.create(email="PRIYA@example.com"),
    "space_name_once_per_parent": lambda _: Space.objects.create(name="commerce", slug="x"),
    "space_not_its_own_parent": lambda c: Space.objects.filter(pk=c.search.pk).update(
        parent=c.search
    ),
    "membership_once": lambda c: Membership.objects.create(
        space=c.commerce, user=c.mona, role="product_owner"
    ),
    "membership_role_is_known": lambda c: Membership.objects.create(
        space=c.search, user=c.mona, role="king"
    ),
    "workload_name_once_per_space": lambda c: Workload.objects.create(
        name=added(c).name.upper(), slug="x", space=c.commerce, owner=c.olivia
    ),
    "workload_state_is_known": lambda c: Workload.objects.create(
        name="x", slug="x", space=c.commerce, owner=c.olivia, state="x"
    ),
    "request_past_draft_has_workload": opened,
    "request_kind_fits_its_workload": lambda c: asked(c, kind="more_funding"),
    "one_open_request_per_workload": lambda c: opened(c, workload=submitted(c).workload),
    "request_step_once": stepped,
    "request_step_has_actor": lambda c: stepped(c, recorded_by=None),
    "comment_says_something": lambda c: said(c, text=" \n "),
    "comment_has_author": lambda c: said(c, recorded_by=None),
    "decline_is_known": lambda c: declined(c, how="x"),
    "decline_has_actor": lambda c: declined(c, recorded_by=None),
    "business_cases_decline_estimate_id_key": lambda c: declined(c, times=2),
    "request_editor_once": lambda c: RequestEditor.objects.create(
        request=submitted(c), recorded_by=c.olivia
    ),
    "estimate_amount_is_positive": lambda c: estimated(c, monthly_amount=0),
    "estimate_growth_in_range": lambda c: estimated(c, growth_percent=101),
    "estimate_months_in_range": lambda c: estimated(c, months=121),
    "estimate_months_are_first_days": lambda c: estimated(c, first_month=date(2027, 1, 2)),
    "business_cases_businesscase_workload_id_key": lambda c: BusinessCase.objects.create(
        workload=added(c)
    ),
    "case_is_whole_or_retracted": lambda c: declared(c, current_amount=None),
    "case_percent_in_range": lambda c: declared(c, percent=101),
    "case_direction_goes_with_revenue": lambda c: declared(c, direction="grow"),
    "business_cases_confirmation_estimate_id_key": confirmed_twice,
    "merge_value_type_is_known": lambda c: merged(c, value_type="x"),
    "merge_names_both_or_is_undone": lambda c: merged(c, into_key=""),
    "merge_has_reason": lambda c: merged(c, reason=" "),
    "checkpoint_kind_is_known": lambda _: checked(kind="x"),
    "checkpoint_number_once": lambda _: checked(times=2),
    "bounds_fall": lambda _: BandBounds.objects.create(
        strong=1, effective_from=date(2027, 1, 1), reason="x"
    ),
    "decision_acknowledges_if_approved": lambda c: decided(c, acknowledgement="agreed"),
    "decision_has_rationale": lambda c: decided(c, rationale=" \n "),
    "decision_counts_its_approvers": lambda c: decided(c, approvers_needed=2),
    "delegation_to_somebody_else": lambda c: delegated(c, delegate=c.priya),
    "delegation_is_bounded": lambda c: delegated(c, ends_at=now() - timedelta(hours=1)),
    "delegation_begins_today_at_the_earliest": lambda c: delegated(
        c, begins_at=now() - timedelta(days=3)
    ),
    "delegation_has_reason": lambda c: delegated(c, reason=" "),
    "approvals_delegation_takes_back_id_key": taken_back_twice,
    "request_finally_decided_once": decided_twice,
    "decision_names_one_of_a_kind": named_twice,
    "view_has_a_name": lambda c: SavedView.objects.create(owner=c.felix, name=" "),
    "view_name_once_per_person": lambda c: [
        SavedView.objects.create(owner=c.felix, name=name) for name in ("Mine", "mine")
    ],
    "view_one_default_per_person": lambda c: [
        SavedView.objects.create(owner=c.felix, name=name, is_default=True) for name in "ab"
    ],
    **OF_GAPS,
    **OF_SPEND,
}


@pytest.mark.parametrize("name", BREAKING)
def test_the_database_refuses_what_breaks(cast: Cast, name: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BREAKING[name](cast)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == name
