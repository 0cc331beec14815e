"""What waits for a Financial Admin, and the pages on which it is decided."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role, User
from accounts.policy import actor_of, signed_in
from approvals.access import (
    authority_over,
    get_request_to_decide,
    get_workload_to_confirm,
    may_see_queue,
    why_not_decide,
    why_not_decide_each,
)
from approvals.actions import (
    SnapshotAddedError,
    confirm_pending_estimate,
    decide_request,
    refuse_what_changed,
)
from approvals.background import read_background
from approvals.conversation import conversation
from approvals.forms import HINTS, CommentForm, ConfirmForm, DecisionForm, SeenForm
from approvals.matters import Matter, Rejected, compare_with_seen, queue, read_matter, rejections
from approvals.models import Decision
from approvals.reports import (
    SecondApproval,
    decided_lately,
    delegations_of,
    open_request_of,
    second_approval,
    was_requested,
    what_happened,
    who_confirmed,
    why_not_confirm,
)
from business_cases.figure_names import workload_about
from business_cases.models import BusinessRequest
from records.clock import now
from spaces.models import Workload
from valueboard.lib.answers import add_errors
from valueboard.lib.errors import RefusedError


@signed_in
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """List what waits for a decision, oldest first, and what was decided lately."""
    user, known_at = actor_of(request), now()
    if not may_see_queue(user):
        message = "This page is for the role Financial Admin, and for who decides for one."
        raise PermissionDenied(message)
    waiting = queue(user, known_at)
    why_not = why_not_decide_each(user, [row.workload for row in waiting])
    context = {
        "waiting": [(row, why_not[row.workload.pk]) for row in waiting],
        "decided": decided_lately(user, known_at),
        "delegations": delegations_of(user, known_at),
        "may_delegate": Role.FINANCIAL_ADMIN in user.roles,
        "known_at": known_at,
    }
    return render(request, "approvals/approvals.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request with the case as part of it, and decide on it."""
    user = actor_of(request)
    asked = get_request_to_decide(user, pk)
    workload = _workload_of(asked)
    known_at = now()
    matter = read_matter(workload, known_at)
    why_not = why_not_decide(user, workload)
    two = second_approval(asked, matter.standing, known_at)
    form = DecisionForm(
        request.POST or None,
        standing=matter.standing,
        why_not_approve=_why_not_approve(user, workload, two),
        initial=_shown(matter, asked),
    )
    if request.method == "POST":
        if why_not:
            raise PermissionDenied(why_not)
        try:
            # First of all: what else is wrong with the form may come from what changed.
            refuse_what_changed(
                workload=workload, request=asked, seen=form.seen, revision=form.revision
            )
            if form.is_valid():
                decision = decide_request(
                    actor=user,
                    request=asked,
                    revision=form.revision,
                    seen=form.seen,
                    **_decided(form),
                )
                outcome = decision.get_outcome_display()
                messages.success(request, f"{workload}: {outcome.lower()}.")
                return redirect("approvals")
        except RefusedError as refused:
            return _changed(request, refused, form, workload, asked)
        except ValidationError as wrong:
            add_errors(form, wrong, "rationale")
    context = {
        "matter": matter,
        "background": read_background(user, workload, asked, known_at),
        "asked": asked,
        "form": form,
        "why_not": why_not,
        "settled": what_happened(asked),
        "two": two,
        "for_whom": authority_over(user, workload).on_behalf_of,
    } | _talk(asked, known_at)
    return _page(request, "approvals/decide.html", context, form)


def _hints(two: SecondApproval | None) -> dict[str, str]:
    """Return what each choice comes to; a first approval brings nothing into force yet."""
    if two is None or two.first:
        return HINTS
    first = "The first of two: a second, different Financial Admin brings it into force."
    return HINTS | {Decision.Outcome.APPROVED.value: first}


def _talk(asked: BusinessRequest, known_at: datetime) -> dict[str, Any]:
    """Return what the conversation on a decision page shows."""
    return {
        "entries": conversation(asked, known_at),
        "comment_form": CommentForm(),
        "back": "decide",
    }


def _why_not_approve(user: User, workload: Workload, two: SecondApproval | None) -> str:
    """Return why the person may return or reject, but not give the second approval."""
    if two is None or two.first is None:
        return ""
    return authority_over(user, workload, two.first).why_not


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an estimate that waits beside the one in force, and confirm it."""
    user = actor_of(request)
    workload = get_workload_to_confirm(user, slug)
    known_at = now()
    matter = read_matter(workload, known_at)
    why_not = why_not_decide(user, workload)
    form = ConfirmForm(request.POST or None, initial=_shown(matter, None))
    if request.method == "POST":
        if why_not:
            raise PermissionDenied(why_not)
        try:
            refuse_what_changed(
                workload=workload, request=None, seen=form.seen, workload_seen=form.workload
            )
            if form.is_valid():
                confirm_pending_estimate(
                    actor=user,
                    workload=workload,
                    seen=form.seen,
                    workload_seen=form.workload,
                    rationale=form.cleaned_data["rationale"],
                )
                messages.success(request, f"The estimate of {workload} is in force.")
                return redirect("approvals")
        except RefusedError as refused:
            return _changed(request, refused, form, workload, None)
        except ValidationError as wrong:
            add_errors(form, wrong, "rationale")
    if open_request := open_request_of(workload):
        return redirect("decide", pk=open_request.pk)
    context = {
        "matter": matter,
        "background": read_background(user, workload, None, known_at),
        "asked": None,
        "form": form,
        "why_not": why_not or why_not_confirm(matter.standing, known_at),
        "settled": "" if matter.standing.pending else who_confirmed(workload),
        "was_requested": was_requested(workload),
        "rejected": _rejected(user, matter),
        "for_whom": authority_over(user, workload).on_behalf_of,
    }
    return _page(request, "approvals/confirm.html", context, form)


def _rejected(user: User, matter: Matter) -> Rejected | None:
    """Return the rejection that whoever confirms the estimate has to know of."""
    pk = matter.workload.pk
    return rejections(user, {pk: matter.standing}, {pk: matter.decisions}).get(pk)


def _workload_of(asked: BusinessRequest) -> Workload:
    if asked.workload is None:
        message = "A request past its draft has a workload."
        raise ValueError(message)
    return asked.workload


def _decided(form: DecisionForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("outcome", "acknowledgement", "rationale")}


def _shown(matter: Matter, asked: BusinessRequest | None) -> dict[str, str]:
    """Return what the hidden fields say of what a page showed."""
    hashes = {"estimate_seen": matter.seen.estimate, "case_seen": matter.seen.case}
    if asked:
        return hashes | {"request_seen": str(asked.revision)}
    return hashes | {"workload_seen": matter.workload.seen}


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], form: SeenForm
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(
        request,
        template,
        {"hints": _hints(context.get("two")), "known_at": now()} | context,
        status=status,
    )


def _changed(
    request: HttpRequest,
    refused: RefusedError,
    form: SeenForm,
    workload: Workload,
    asked: BusinessRequest | None,
) -> HttpResponse:
    """Answer 409: nothing was decided, here is what came between, and what you typed."""
    if asked is not None:
        asked.refresh_from_db(fields=["state", "revision"])
    workload = Workload.objects.select_related("space", "owner").get(pk=workload.pk)
    known_at = now()
    matter = read_matter(workload, known_at)
    waits = not what_happened(asked) if asked else matter.standing.pending is not None
    context: dict[str, Any] = {
        "matter": matter,
        "background": read_background(actor_of(request), workload, asked, known_at),
        "asked": asked,
        "refused": refused,
        "settled": "" if waits else str(refused),
        "why_not": "",
        "typed": form.typed(),
        "was_requested": was_requested(workload),
        "rejected": None if asked else _rejected(actor_of(request), matter),
        "known_at": known_at,
    }
    two = second_approval(asked, matter.standing, known_at) if asked else None
    if asked:
        context |= {"two": two} | _talk(asked, known_at)
    context["hints"] = _hints(two)
    if waits:
        # A new form, for what is recorded now; nothing that was typed is lost.
        again = form.typed() | _shown(matter, asked)
        context["form"] = (
            DecisionForm(
                initial=again,
                standing=matter.standing,
                why_not_approve=_why_not_approve(actor_of(request), workload, two),
            )
            if isinstance(form, DecisionForm)
            else ConfirmForm(initial=again)
        )
    if isinstance(refused, SnapshotAddedError):
        context["difference"] = compare_with_seen(
            refused.seen, matter.standing, known_at, workload_about(matter.workload.slug)
        )
    template = "approvals/decide.html" if asked else "approvals/confirm.html"
    return render(request, template, context, status=HTTPStatus.CONFLICT)
