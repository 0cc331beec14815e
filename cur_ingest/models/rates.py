"""Exchange rates: what a unit of another currency is in the organisation's, month by month."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from records.models import FrozenRecord


class RateVersion(FrozenRecord):
    """One unit of `currency` is `rate` of `into` in a billing period. Subject: currency and month.

    Ten decimals at most, so that the product with an amount of twelve is held exactly.
    """

    workload_path = ""

    currency = models.CharField(max_length=3)
    month = models.DateField(help_text="First day of the billing period.")
    into = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    reason = models.TextField()

    class Meta:
        """Rates are above 0, between two currencies, and each says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["currency", "month", "version"], name="rate_version_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="rate_month_is_a_month"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_is_above_zero"),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$") & ~Q(currency=models.F("into")),
                name="rate_is_of_another_currency",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rate_has_a_reason"),
        ]

    def __str__(self) -> str:
        """Return currency and month."""
        return f"{self.currency} {self.month:%Y-%m}"
