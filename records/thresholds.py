"""Reading thresholds as of a date."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from records.models import ThresholdVersion


def thresholds(prefix: str, day: date, known_at: datetime) -> dict[str, Decimal]:
    """Return the value in force on `day` of every threshold whose key starts with `prefix`.

    Only versions recorded by `known_at` count. The latest recorded version that is effective by
    `day` wins.
    """
    rows = (
        ThresholdVersion.objects.filter(
            Q(recorded_at__lte=known_at) | Q(version=1),
            key__startswith=prefix,
            effective_from__lte=day,
        )
        .order_by("key", "version")
        .values_list("key", "value")
    )
    return dict(rows)
