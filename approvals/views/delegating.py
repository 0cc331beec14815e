"""Letting somebody decide for one's absence, and taking it back."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.policy import actor_of, needs, signed_in
from approvals.access import get_own_delegation
from approvals.actions import delegate_approving, take_delegation_back
from approvals.forms import DelegationForm, TakeBackForm
from records.clock import now
from valueboard.lib.answers import add_errors, refuse
from valueboard.lib.errors import RefusedError


@needs(Role.FINANCIAL_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def delegation_new(request: HttpRequest) -> HttpResponse:
    """Let somebody decide for the time of an absence."""
    user = actor_of(request)
    form = DelegationForm(request.POST or None, actor=user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = delegate_approving(
                actor=user,
                delegate=given["delegate"],
                first_day=given["first_day"],
                last_day=given["last_day"],
                reason=given["reason"],
            )
        except ValidationError as wrong:
            add_errors(form, wrong, "reason")
        else:
            messages.success(request, f"{made.delegate} decides for you on these days.")
            return redirect("approvals")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "approvals/delegation.html", {"form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delegation_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own delegation at once."""
    user = actor_of(request)
    delegation = get_own_delegation(user, pk)
    form, status = TakeBackForm(request.POST or None), HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                take_delegation_back(
                    actor=user, delegation=delegation, reason=form.cleaned_data["reason"]
                )
            except RefusedError as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, f"{delegation.delegate} no longer decides for you.")
                return redirect("approvals")
    context = {"delegation": delegation, "form": form, "known_at": now()}
    return render(request, "approvals/delegation_back.html", context, status=status)
