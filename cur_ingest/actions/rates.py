"""Recording exchange rates."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from cur_ingest.access import may_edit
from cur_ingest.actions.asking import ask_by_schedule, load_what_needed_rates
from cur_ingest.models import RateVersion
from cur_ingest.rates import converted_otherwise
from valueboard.lib import formats
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def record_rate(
    *, actor: User, currency: str, month: date, rate: Decimal, reason: str, seen: int
) -> RateVersion:
    """Record what a unit of a currency is in the organisation's in a month; `rate` is above 0.

    `seen` is the version that it corrects, 0 for the first. What waits for a rate is asked for
    again, and what an earlier version converted; until that is loaded its lines stay as they are.
    """
    if not may_edit(actor):
        message = "Only Finance records exchange rates."
        raise PermissionDenied(message)
    if currency == settings.REPORTING_CURRENCY:
        message = f"{currency} is the organisation's currency; it needs no rate."
        raise RefusedError(message)
    known = RateVersion.objects.filter(currency=currency, month=month)
    if not seen and known.exists():
        message = f"{currency} has a rate for {formats.month(month)} already. Correct that one."
        raise StaleError(message)
    version = RateVersion(
        currency=currency,
        month=month,
        into=settings.REPORTING_CURRENCY,
        rate=rate,
        reason=reason.strip(),
        recorded_by=actor,
    )
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    version.refresh_from_db()
    # The database counts the versions of a subject one after the other, whoever else is at it.
    if version.version != seen + 1:
        message = "Somebody changed this rate meanwhile. Look at it again; nothing was done."
        raise StaleError(message)
    load_what_needed_rates()
    for delivery in converted_otherwise(version):
        ask_by_schedule(export=delivery.export, period=delivery.period)
    return version
