"""Setting the bounds of the Investment Prospect."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from business_cases.models import BandBounds
from records.actions import lock_versions, problems_of_version
from valueboard.lib import formats
from valueboard.lib.errors import StaleError

LARGEST_BOUND = Decimal(1000)


@transaction.atomic
def set_bounds(
    *, actor: User, seen: int, bounds: dict[str, Decimal], effective_from: date, reason: str
) -> BandBounds:
    """Record the next version of the bounds; `seen` is the latest that the page showed.

    `bounds` are the smallest scores of `strong`, `solid`, `marginal` and `thin`; Weak begins at 0.
    """
    problems = problems_of_version(actor, effective_from, reason)
    falling = [bounds[name] for name in ("strong", "solid", "marginal", "thin")]
    if not (sorted(set(falling), reverse=True) == falling and falling[-1] > 0):
        problems["strong"] = "Bounds must fall from Strong to Thin and stay above 0."
    elif falling[0] > LARGEST_BOUND:
        problems["strong"] = f"A bound is at most {formats.number(LARGEST_BOUND)}."
    if problems:
        raise ValidationError(dict(problems))
    lock_versions("business_cases.bounds")
    if seen != BandBounds.objects.latest("version").version:
        message = "Somebody set the bounds since you opened the page. Nothing was recorded."
        raise StaleError(message)
    return BandBounds.objects.create(
        **bounds, effective_from=effective_from, reason=reason.strip(), recorded_by=actor
    )
