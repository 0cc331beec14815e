"""Choosing the cost basis of actual spend."""

from django.db import transaction

from accounts.models import User
from cur_ingest.access import TO_CHOOSE, must_be_finance
from cur_ingest.bases import named
from cur_ingest.models import BasisChoice
from cur_ingest.reports import chosen_basis
from records.clock import now
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def choose_basis(*, actor: User, basis: str, seen: int, reason: str) -> BasisChoice:
    """Have pages show actual spend in a basis from now on; a past date keeps the one of its time.

    `seen` is the version of the choice that the page showed, 0 for none.
    """
    must_be_finance(actor, TO_CHOOSE)
    shown = chosen_basis(now())
    choice = BasisChoice(basis=basis, reason=reason.strip(), recorded_by=actor)
    choice.full_clean(exclude=["version", "recorded_at", "hash"])
    choice.save()
    # Whoever comes second has waited for the first one's lock of the head, and counts on from it.
    choice.refresh_from_db(fields=["version"])
    if choice.version != seen + 1:
        message = "Somebody chose the basis meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    if basis == shown:
        message = f"Pages show {named(basis)} cost already."
        raise RefusedError(message)
    return choice
