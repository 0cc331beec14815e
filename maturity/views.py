"""The Governance Maturity page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.policy import actor_of, needs
from maturity.reports import read_maturity
from records.clock import now


@needs(Role.FINANCIAL_ADMIN, Role.FINANCE, Role.EXECUTIVE)
@require_safe
def maturity(request: HttpRequest) -> HttpResponse:
    """Show the score, what it is made of and what holds it down."""
    known_at = now()
    context = {"maturity": read_maturity(actor_of(request), known_at), "known_at": known_at}
    return render(request, "maturity/maturity.html", context)
