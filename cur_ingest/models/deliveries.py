"""Exports and what they delivered."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cur_ingest.sources.credentials import Credentials
from records.models import FrozenRecord
from valueboard.lib.history import History
from valueboard.lib.http import seen_of
from valueboard.lib.money import format_number

# AWS's amounts have at most ten decimals. Twenty-four hold a double that came out of somebody's
# arithmetic (0.30000000000000004) as exactly as one that didn't.


class Export(models.Model):
    """One AWS cost export, at one location, and how it is read.

    `location` is `s3://bucket/prefix` or a folder in full: the export's own one, once it was
    found, so that one export is never two. `format` is '' until then. Only an active export is
    looked at by itself. No secret is part of it: credentials are AWS's default chain, a role that
    is assumed, or a profile of the machine.
    """

    class Format(models.TextChoices):
        """The layouts that can be read."""

        LEGACY = "legacy", "Legacy CUR (Parquet)"
        CUR2 = "cur2", "CUR 2.0 (Parquet)"
        FOCUS = "focus", "FOCUS 1.0 or 1.2 with AWS columns (Parquet)"

    location = models.CharField(
        max_length=500,
        unique=True,
        error_messages={"unique": "Another export is read from there already."},
    )
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=10, choices=Format, blank=True, default="")
    role_arn = models.CharField(max_length=2048, blank=True, default="")
    external_id = models.CharField(max_length=1224, blank=True, default="")
    profile = models.CharField(max_length=200, blank=True, default="")
    active = models.BooleanField(default=False, db_default=False)

    history = History()

    class Meta:
        """The format is one that can be read; names tell exports apart."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(format__in=["", "legacy", "cur2", "focus"]),
                name="export_format_is_known",
            ),
            models.UniqueConstraint(
                Lower("name"),
                name="export_name_once",
                violation_error_message="Another export has this name.",
            ),
            models.CheckConstraint(
                condition=Q(role_arn="") | Q(profile=""),
                name="export_role_or_profile",
                violation_error_message="A role is assumed, or a profile is used, not both.",
            ),
            models.CheckConstraint(
                condition=~Q(role_arn="") | Q(external_id=""),
                name="export_external_id_is_of_a_role",
                violation_error_message="An external id belongs to a role.",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def credentials(self) -> Credentials:
        """Return how AWS is told who asks."""
        return Credentials(self.role_arn, self.external_id, self.profile)

    @property
    def seen(self) -> str:
        """Return what a form says that shows how the export is read."""
        return seen_of(
            self.name,
            self.location,
            self.role_arn,
            self.external_id,
            self.profile,
            self.active,
        )


class Delivery(FrozenRecord):
    """One load of one billing period of one export. Subject: export and period.

    `fingerprint` tells deliveries apart, `grain` how their rows were read (the tag keys kept, the
    signals known); totals are over every row of the delivery, in the organisation's `currency`.
    `by_currency` holds them as they were delivered: currency -> basis -> amount as text; `rates`
    the rates that they were converted by: currency, as the files write it -> its `currency`, its
    `rate` as text, its `version`. `payers` are the accounts whose bill it is; none where they were
    not kept yet, or no column says it. `remarks` say what the net bases are where they aren't AWS's
    own net costs. The net totals of a delivery that was loaded before net costs were read are NULL
    (`bases.amount_in`).
    """

    workload_path = ""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(help_text="First day of the billing period.")
    fingerprint = models.CharField(max_length=64)
    grain = models.CharField(max_length=64)
    execution = models.CharField(max_length=200)
    files = models.JSONField()
    source_rows = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    net_unblended = models.DecimalField(max_digits=38, decimal_places=24, null=True)
    net_amortised = models.DecimalField(max_digits=38, decimal_places=24, null=True)
    by_currency = models.JSONField(default=dict)
    rates = models.JSONField(default=dict)
    remarks = models.JSONField(default=list)
    payers = models.JSONField(default=list)

    class Meta:
        """Deliveries count per export and period."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "period", "version"], name="delivery_version_once"
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="delivery_period_is_a_month"),
        ]

    def __str__(self) -> str:
        """Return export and month."""
        return f"{self.export} {self.period:%Y-%m}"

    @property
    def notes(self) -> list[str]:
        """Return what there is to know of its amounts: net cost, and conversion."""
        unread = (
            "It was read before net costs were: until the month is loaded again the net bases are "
            "the same as the gross ones."
        )
        return [
            *([unread] if self.net_unblended is None else self.remarks),
            *(
                f"Rows in {rate['currency']} were converted: 1 {rate['currency']} = "
                f"{format_number(Decimal(rate['rate']))} {self.currency} (rate version "
                f"{rate['version']})."
                for rate in self.rates.values()
            ),
        ]
