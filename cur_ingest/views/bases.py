"""The cost basis of actual spend: which it is, how it came to be, and choosing it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, needs
from cur_ingest.access import READERS, TO_CHOOSE, may_edit, must_be_finance
from cur_ingest.actions import choose_basis
from cur_ingest.bases import BASIS_WORDS, named
from cur_ingest.forms import BasisForm
from cur_ingest.models import BasisChoice
from cur_ingest.reports import chosen_basis
from cur_ingest.views.changing import CHANGING
from records.clock import now
from valueboard.lib.answers import refuse
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import seen_in


@needs(*READERS)
@require_http_methods(CHANGING)
def basis(request: HttpRequest) -> HttpResponse:
    """Show the basis and its versions; finance chooses it."""
    known_at, status = now(), HTTPStatus.OK
    form = BasisForm(request.POST or None, initial={"basis": chosen_basis(known_at)})
    context: dict[str, object] = {"form": form}
    if request.method == "POST":
        must_be_finance(actor_of(request), TO_CHOOSE)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                choose_basis(actor=actor_of(request), seen=seen_in(request), **form.cleaned_data)
            except StaleError as stale:
                status = HTTPStatus.CONFLICT
                context["conflict"] = str(stale)
                context["differences"] = differences(form, {"basis": chosen_basis(now())})
            except RefusedError as error:
                status = refuse(form, error)
            else:
                chosen = named(form.cleaned_data["basis"])
                messages.success(request, f"Pages show {chosen} cost from now on.")
                return redirect("basis")
    choices = list(BasisChoice.objects.select_related("recorded_by").order_by("-version"))
    chosen = chosen_basis(now())
    context |= {
        "chosen": named(chosen),
        "words": BASIS_WORDS[chosen],
        "choices": [(choice, named(choice.basis)) for choice in choices],
        "seen": choices[0].version if choices else 0,
        "may_edit": may_edit(actor_of(request)),
    }
    return render(request, "cur_ingest/basis.html", context, status=status)
