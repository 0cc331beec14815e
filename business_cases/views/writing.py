"""Writing a Business Request, or adding a workload without one: the form and its live panel."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.policy import actor_of, signed_in
from business_cases.access import get_own_request, may_edit, may_request
from business_cases.actions import add_workload, save_draft, submit_request
from business_cases.forms import (
    CASE_HINTS,
    FiguresForm,
    ProposalForm,
    ResubmissionForm,
    claims_of_form,
    echoes_of,
    forgive_blanks,
    panel_of_form,
    started,
    typed_in,
    typed_workload,
)
from business_cases.models import BusinessRequest
from business_cases.names import offered
from business_cases.reports import standing_of
from business_cases.standing import Standing
from business_cases.views.posted import posted
from records.clock import now, today
from spaces.access import get_space_to_add_to
from spaces.models import Workload
from valueboard.lib.answers import refuse
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import seen_in, wants_panel

FORM = "business_cases/request_form.html"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest) -> HttpResponse:
    """Write a new request."""
    user = actor_of(request)
    form = ProposalForm(posted(request), actor=user, today=today())
    return _write(request, form, None, Standing())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or change a returned request."""
    user = actor_of(request)
    found = get_own_request(user, pk)
    standing = _standing_of(found)
    form = _form(posted(request), user, found, standing)
    if may_edit(user, found):
        return _write(request, form, found, standing)
    if not form.is_bound:
        return redirect("request", pk=pk)
    # Another tab submitted or withdrew it: what was typed in this one is shown, not dropped.
    state = found.get_state_display().lower()
    message = f"Meanwhile this request was {state}. What you typed was not saved."
    return _conflict(request, form, found, message)


@signed_in
@require_POST
def request_panel(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Compute the panel from a form that is still being filled in, of a request or a new one."""
    user, form = actor_of(request), FiguresForm(posted(request), today=today())
    # What was submitted before has a workload, which is no other claimant than the form.
    workload = get_own_request(user, pk).workload if pk else None
    return render(request, "business_cases/live.html", panel_context(user, form, workload))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workload_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a workload to a Space, without a request."""
    user = actor_of(request)
    space = get_space_to_add_to(user, slug)
    form = ProposalForm(
        posted(request), actor=user, today=today(), space=space, initial={"space": space.slug}
    )
    status = HTTPStatus.OK
    if form.is_bound and not form.is_valid():
        status = _still_filling_in(request, form)
    elif form.is_bound and not wants_panel(request):
        try:
            made = add_workload(actor=user, proposal=form.proposal())
        except ValidationError as wrong:
            status = refuse(form, wrong, beside="name")
        else:
            messages.success(request, f"{made} was added. A Financial Admin confirms its estimate.")
            return redirect(made)
    context = panel_context(user, form) | {"space": space, "known_names": offered(now())}
    return render(request, "business_cases/workload_add.html", context, status=status)


def panel_context(
    user: User, form: FiguresForm, workload: Workload | None = None
) -> dict[str, Any]:
    """Return what the form and its panel show of the figures typed so far."""
    figures = started(form)
    return {
        "form": form,
        "case_hints": CASE_HINTS,
        "echoes": echoes_of(figures),
        "unfinished": figures.has_case and figures.case() is None,
        "panel": panel_of_form(figures),
        "claims": claims_of_form(figures, user, workload),
    }


def _write(
    request: HttpRequest,
    form: ProposalForm,
    found: BusinessRequest | None,
    standing: Standing,
) -> HttpResponse:
    status = HTTPStatus.OK
    drafting = "draft" in request.POST
    if form.is_bound and wants_panel(request):
        form.is_valid()
        forgive_blanks(form)
    elif form.is_bound and not (drafting or form.is_valid()):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    elif form.is_bound:
        try:
            saved = _save(request, form, found, submit=not drafting)
        except ValidationError as wrong:
            status = refuse(form, wrong, beside="name")
        except RefusedError as refused:
            if found is None:
                raise
            return _conflict(request, form, found, str(refused))
        else:
            done = "saved as a draft" if drafting else "submitted to the Financial Admins"
            messages.success(request, f"“{saved}” was {done}.")
            return redirect("request-edit" if drafting else "request", pk=saved.pk)
    return render(request, FORM, _context(actor_of(request), form, found, standing), status=status)


@transaction.atomic
def _save(
    request: HttpRequest, form: ProposalForm, found: BusinessRequest | None, *, submit: bool
) -> BusinessRequest:
    """Keep what was typed; submit it too, in the same transaction, if asked."""
    user = actor_of(request)
    saved = save_draft(
        actor=user,
        request=found,
        seen=seen_in(request),
        typed=typed_in(form),
        space=form.typed_space(),
    )
    if submit:
        versions = seen_in(request, "seen_estimate"), seen_in(request, "seen_case")
        submit_request(
            actor=user,
            request=saved,
            seen=saved.revision,
            proposal=form.proposal(),
            reason=form.cleaned_data.get("reason", ""),
            versions=versions if saved.workload else None,
        )
    return saved


def _conflict(
    request: HttpRequest, form: ProposalForm, found: BusinessRequest, message: str
) -> HttpResponse:
    """Show both texts: what is saved by now, and what was typed here, still in the form."""
    user = actor_of(request)
    current = BusinessRequest.objects.get(pk=found.pk)
    standing = _standing_of(current)
    form.is_valid()
    forgive_blanks(form)
    context = _context(user, form, current, standing) | {
        "conflict": message,
        "may_save": may_edit(user, current),
        "differences": differences(
            form, dict.fromkeys(form.fields, "") | _text_of(current, standing)
        ),
    }
    return render(request, FORM, context, status=HTTPStatus.CONFLICT)


def _context(
    user: User, form: ProposalForm, found: BusinessRequest | None, standing: Standing
) -> dict[str, Any]:
    return panel_context(user, form, found.workload if found else None) | {
        "asked": found,
        "known_names": offered(now()),
        "standing": standing,
        "may_request": found is not None or may_request(user),
        "may_save": True,
    }


def _form(
    given: dict[str, str] | None, user: User, found: BusinessRequest, standing: Standing
) -> ProposalForm:
    day, text = today(), _text_of(found, standing)
    if found.workload is None:
        return ProposalForm(given, actor=user, today=day, initial=text)
    return ResubmissionForm(
        given, standing=standing, actor=user, today=day, workload=found.workload, initial=text
    )


def _standing_of(found: BusinessRequest) -> Standing:
    return standing_of(found.workload.pk, now()) if found.workload else Standing()


def _text_of(found: BusinessRequest, standing: Standing) -> dict[str, str]:
    """Return what the request says: as typed last, unless its figures were revised since."""
    text: dict[str, str] = found.typed
    if found.workload is None:
        return text
    recorded = typed_workload(found.workload, standing)
    if standing.by(found.changed_at) != standing:
        return text | recorded
    return recorded | text


def _still_filling_in(request: HttpRequest, form: ProposalForm) -> HTTPStatus:
    """Return the status of an invalid form; only *Recalculate* overlooks what is still empty."""
    if not wants_panel(request):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    forgive_blanks(form)
    return HTTPStatus.OK
