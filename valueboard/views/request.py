"""One Business Request: what was asked, what it comes to, where it stands, what was decided."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.policy import actor_of, signed_in
from approvals.access import get_request_to_read, why_not_decide
from approvals.conversation import conversation
from approvals.forms import CommentForm
from approvals.reports import decisions, second_approval
from business_cases.access import OPEN, may_edit, may_submit_again, may_withdraw, sees_claims
from business_cases.asked import about_asked, moment_asked, standing_asked
from business_cases.claims import claims_of
from business_cases.declared import stated_case, stated_estimate
from business_cases.forms import (
    FiguresForm,
    ProposalForm,
    claims_of_form,
    panel_of_form,
    started,
    typed_words,
)
from business_cases.models import BusinessRequest, RequestState
from business_cases.reports import panel_of, standing_of
from business_cases.wording import estimate_note
from records.clock import now
from spaces.models import Workload


@signed_in
@require_safe
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the request. What the workload became later is on the workload's page."""
    user, known_at = actor_of(request), now()
    found = get_request_to_read(user, pk)
    context: dict[str, object] = {
        "asked": found,
        "may_edit": may_edit(user, found),
        "may_withdraw": may_withdraw(user, found),
        "may_submit_again": may_submit_again(user, found),
        "known_at": known_at,
    }
    if found.workload:
        context |= _recorded(user, found, found.workload, known_at)
    else:
        context |= _typed(user, found, known_at)
    return render(request, "business_cases/request.html", context)


def _recorded(
    user: User, found: BusinessRequest, workload: Workload, known_at: datetime
) -> dict[str, object]:
    latest = standing_of(workload.pk, known_at)
    standing = standing_asked(found, latest)
    moment, about = moment_asked(found, known_at), about_asked(found, standing)
    made = decisions([workload.pk], known_at)[workload.pk]
    # Once it is closed, what counts is on the workload's page: it may have been revised since.
    concerned = found.state in OPEN and sees_claims(user, workload)
    return {
        "claims": claims_of(user, workload, standing.declared, known_at) if concerned else None,
        "standing": standing,
        "two": second_approval(found, standing, known_at) if found.state in OPEN else None,
        "revised_since": latest.before_declining(found.pk) != standing,
        "estimate_note": estimate_note(latest) if found.state in OPEN else "",
        "entries": conversation(found, known_at),
        "comment_form": CommentForm() if found.submitted_at else None,
        "back": "request",
        "estimate": stated_estimate(standing.asked.terms, about) if standing.asked else None,
        "case": stated_case(standing.declared, about),
        "panel": panel_of(standing, moment, about),
        "day": localdate(moment),
        "decisions": [row for row in made.latest_first if row.request_id == found.pk],
        "may_decide": found.state == RequestState.SUBMITTED and not why_not_decide(user, workload),
    }


def _typed(user: User, found: BusinessRequest, known_at: datetime) -> dict[str, object]:
    """Return what is written so far: nothing is recorded before a request is submitted."""
    today = localdate(known_at)
    figures = started(FiguresForm(found.typed, today=today))
    return {
        "written": typed_words(ProposalForm(actor=user, today=today), found.typed),
        "panel": panel_of_form(figures),
        "claims": claims_of_form(figures, user, None),
    }
