"""Exports of cost data: where they lie, who asks AWS for them, and what lies there."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.policy import actor_of, needs
from cur_ingest.actions import Found, add_export, change_export, try_export
from cur_ingest.forms import ExportForm
from cur_ingest.models import Export
from cur_ingest.sources import SourceError
from valueboard.changes import changes_of_export
from valueboard.lib.answers import add_errors, answer_to
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import wants_panel


@needs(Role.ADMINISTRATOR)
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """List the exports."""
    listed = Export.objects.order_by("-active", "name")
    return render(request, "cur_ingest/exports.html", {"exports": listed})


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def export_new(request: HttpRequest) -> HttpResponse:
    """Configure an export, or try what was typed."""
    form = ExportForm(request.POST or None)
    status, context = HTTPStatus.OK, dict[str, object]()
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and wants_panel(request):
        status, context = _try(request, form, known="")
    elif form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            made = add_export(actor=actor_of(request), terms=form.terms(), reason=reason)
        except ValidationError as wrong:
            add_errors(form, wrong, "name")
        else:
            messages.success(request, f"{made} was added. {_next(made)}")
            return redirect("deliveries")
    context |= {"form": form}
    return render(request, "cur_ingest/export_form.html", context, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how an export is read, pause it, or try what was typed."""
    found = get_object_or_404(Export, pk=pk)
    form = ExportForm(request.POST or None, initial=ExportForm.initial_of(found))
    status, context = HTTPStatus.OK, dict[str, object]()
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and wants_panel(request):
        status, context = _try(request, form, known=found.location)
    elif form.is_valid():
        try:
            change_export(
                actor=actor_of(request),
                export=found,
                seen=request.POST.get("seen", ""),
                terms=form.terms(),
                reason=form.cleaned_data["reason"],
            )
        except (ValidationError, RefusedError) as wrong:
            found = Export.objects.get(pk=pk)
            saved = ExportForm.initial_of(found)
            status, conflict = answer_to(form, wrong, beside="name", saved=saved)
            context = {"conflict": conflict}
        else:
            messages.success(request, f"{form.cleaned_data['name']} was changed.")
            return redirect("exports")
    context |= {"form": form, "export": found, "changes": changes_of_export(found)}
    return render(request, "cur_ingest/export_form.html", context, status=status)


def _try(
    request: HttpRequest, form: ExportForm, known: str
) -> tuple[HTTPStatus, dict[str, object]]:
    """Look at what lies where the form says; nothing is kept."""
    try:
        found: Found = try_export(actor=actor_of(request), terms=form.terms(), known=known)
    except ValidationError as wrong:
        add_errors(form, wrong, "location")
    except SourceError as wrong:
        form.add_error("location", str(wrong))
    else:
        return HTTPStatus.OK, {"found": found}
    return HTTPStatus.UNPROCESSABLE_ENTITY, {}


def _next(export: Export) -> str:
    if export.active:
        return "The worker looks for deliveries at the next interval; Look now does it at once."
    return "It is paused: load its months by hand."
