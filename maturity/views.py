"""The Governance Maturity pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import READS_EVERYTHING, actor_of, needs
from cur_ingest.reports import chosen_basis
from maturity.pages import dimensions_of
from maturity.reports import read_maturity
from records.clock import now


@needs(*sorted(READS_EVERYTHING))
@require_safe
def maturity(request: HttpRequest) -> HttpResponse:
    """Show the score, what it is made of, what holds it down and what lifts it."""
    known_at = now()
    found = read_maturity(actor_of(request), known_at)
    context = {
        "maturity": found,
        "dimensions": dimensions_of(found),
        "known_at": known_at,
        "basis": chosen_basis(known_at),
    }
    return render(request, "maturity/maturity.html", context)
