"""Business Requests: the list, the form with its live panel, and one request."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.policy import actor_of, signed_in
from business_cases.access import (
    get_request,
    get_request_to_edit,
    may_request,
)
from business_cases.actions import (
    add_workload,
    save_draft,
    submit_request,
    withdraw_request,
)
from business_cases.forms import CASE_HINTS, ProposalForm, ReasonForm, differences
from business_cases.models import BusinessRequest, RequestState
from business_cases.panel import Panel, build_panel, typed
from business_cases.projection import Schedule
from business_cases.reports import bounds_on
from records.clock import now, today
from spaces.access import get_space_to_add_to
from spaces.models import Space
from valueboard.lib.errors import RefusedError, StaleError


@dataclass(frozen=True, slots=True)
class Tab:
    """One state in the list of requests."""

    key: str
    label: str
    count: int


@signed_in
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests that the person reads, by state."""
    user = actor_of(request)
    found = list(
        BusinessRequest.objects.visible_to(user)
        .select_related("space", "workload", "created_by")
        .order_by("-changed_at")
    )
    state = request.GET.get("state", "")
    shown = [r for r in found if r.state == state] if state in RequestState.values else found
    context = {
        "requests": shown,
        "state": state,
        "total": len(found),
        "tabs": [Tab(s.value, s.label, sum(r.state == s for r in found)) for s in RequestState],
        "may_request": may_request(user),
    }
    return render(request, "business_cases/requests.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest) -> HttpResponse:
    """Write a new request."""
    return _write(request, None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or change a returned request."""
    return _write(request, get_request_to_edit(actor_of(request), pk))


@signed_in
@require_POST
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    user = actor_of(request)
    found = get_request(user, pk)
    try:
        withdraw_request(actor=user, request=found, seen=_seen(request))
    except StaleError as stale:
        messages.error(request, str(stale))
    else:
        messages.success(request, f"“{found}” was withdrawn. What was recorded stays readable.")
    return redirect("request", pk=pk)


@signed_in
@require_POST
def request_panel(request: HttpRequest) -> HttpResponse:
    """Compute the panel from a form that is still being filled in."""
    form = ProposalForm(request.POST, actor=actor_of(request), today=today())
    form.is_valid()
    return render(request, "business_cases/request_form.html#panel", {"panel": _panel(form)})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a workload to a Space, without a request."""
    user = actor_of(request)
    space = get_space_to_add_to(user, slug)
    form = ProposalForm(
        request.POST or None,
        actor=user,
        today=today(),
        space=space,
        initial={"space": space.slug},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = add_workload(actor=user, proposal=form.proposal())
        except ValidationError as wrong:
            add_errors(form, wrong)
        else:
            messages.success(request, f"{made} was added. A Financial Admin confirms its estimate.")
            return redirect(made)
    context = {"form": form, "space": space, "panel": _panel(form), "case_hints": CASE_HINTS}
    status = 422 if request.method == "POST" else 200
    return render(request, "business_cases/workload_add.html", context, status=status)


def add_errors(form: ProposalForm, wrong: ValidationError) -> None:
    """Put what an action found wrong beside the fields it is about."""
    for field, errors in getattr(wrong, "message_dict", {"__all__": wrong.messages}).items():
        for error in errors:
            form.add_error(field if field in form.fields else "name", error)


def _write(request: HttpRequest, found: BusinessRequest | None) -> HttpResponse:
    user, seen = actor_of(request), _seen(request)
    form = ProposalForm(
        request.POST or None, actor=user, today=today(), initial=found.typed if found else None
    )
    reason = ReasonForm(request.POST or None) if found and found.workload else None
    status = 200
    if request.method == "POST":
        drafting = "draft" in request.POST
        valid = drafting or (form.is_valid() and (reason is None or reason.is_valid()))
        status = 422
        if valid:
            try:
                saved = _save(user, found, seen, form, reason, submit=not drafting)
            except ValidationError as wrong:
                add_errors(form, wrong)
            except StaleError as stale:
                return _conflict(request, found, form, str(stale))
            except RefusedError as refused:
                messages.error(request, str(refused))
                return redirect("requests")
            else:
                done = "saved as a draft" if drafting else "submitted to the Financial Admins"
                messages.success(request, f"“{saved}” was {done}.")
                if drafting:
                    return redirect("request-edit", pk=saved.pk)
                return redirect("request", pk=saved.pk)
    context = _context(found, form) | {"reason": reason, "may_request": may_request(user)}
    return render(request, "business_cases/request_form.html", context, status=status)


@transaction.atomic
def _save(
    user: User,
    found: BusinessRequest | None,
    seen: int,
    form: ProposalForm,
    reason: ReasonForm | None,
    *,
    submit: bool,
) -> BusinessRequest:
    """Keep what was typed; submit it too, in the same transaction, if asked."""
    typed = {name: form.data.get(name, "") for name in form.fields}
    space = Space.objects.open_to_requests_of(user).filter(slug=typed["space"]).first()
    saved = save_draft(actor=user, request=found, seen=seen, typed=typed, space=space)
    if submit:
        submit_request(
            actor=user,
            request=saved,
            seen=saved.revision,
            proposal=form.proposal(),
            reason=reason.cleaned_data["reason"] if reason else "",
        )
    return saved


def _conflict(
    request: HttpRequest, found: BusinessRequest | None, form: ProposalForm, message: str
) -> HttpResponse:
    """Show both texts: what somebody else saved meanwhile, and what was typed here."""
    current = BusinessRequest.objects.get(pk=found.pk) if found else None
    typed = {name: form.data.get(name, "") for name in form.fields}
    context = _context(current, form) | {
        "conflict": message,
        "differences": differences(form, current.typed if current else {}, typed),
    }
    return render(request, "business_cases/request_form.html", context, status=409)


def _context(found: BusinessRequest | None, form: ProposalForm) -> dict[str, object]:
    return {
        "asked": found,
        "form": form,
        "panel": _panel(form),
        "case_hints": CASE_HINTS,
        "may_request": True,
    }


def _panel(form: ProposalForm) -> Panel:
    if not form.is_bound:
        form = ProposalForm(
            {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields},
            actor=form.actor,
            today=form.today,
        )
        form.is_valid()
    terms = form.estimate()
    moment = now()
    return build_panel(
        Schedule((terms,)) if terms else None,
        typed(terms, moment) if terms else None,
        form.case(),
        form.today,
        bounds_on(form.today, moment),
    )


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() else 0
