"""Which thresholds there are, and reading them as of a date."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
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


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a threshold is for and how large it may be; 0 switches an `optional` one off."""

    key: str
    label: str
    meaning: str
    unit: str
    most: Decimal
    optional: bool = False

    def words(self, value: Decimal | None) -> str:
        """Return a value as it is read."""
        if value is None or (self.optional and not value):
            return "none"
        number = f"{value.normalize():,f}"
        if self.unit == "days":
            return f"{number} day{'' if value == 1 else 's'}"
        return f"{number}%" if self.unit == "%" else f"{self.unit} {number}"


PERCENT, MONEY, DAYS = Decimal(100), Decimal(10) ** 14, Decimal(365)
# Every threshold that the product reads. Keys are recorded; they never change.
KNOWN = (
    Threshold(
        "estimate.revision_percent",
        "Revised estimate without a decision",
        "By how much the whole-term cost of a revised estimate may exceed the last sum that a "
        "person approved; above it, more funding is asked for.",
        "%",
        Decimal(1000),
    ),
    Threshold(
        "approval.second_above",
        "Second approver",
        "Above which projected cost of the whole term two different Financial Admins approve.",
        settings.REPORTING_CURRENCY,
        MONEY,
        optional=True,
    ),
    *(
        Threshold(
            f"maturity.{dimension}.{tier}",
            f"{label}: {tier.capitalize()}",
            f"From which percentage of {label} the tier is {tier.capitalize()}.",
            "%",
            PERCENT,
        )
        for dimension, label in (
            ("attribution", "Attribution Coverage"),
            ("estimate", "Estimate Coverage"),
            ("approval", "Value at Approval"),
            ("response", "Gap Response"),
        )
        for tier in ("walk", "run")
    ),
    *(
        Threshold(
            f"maturity.accuracy.{tier}_percent",
            f"Plan Accuracy: within, for {tier.capitalize()}",
            "By how many percent the actual of the last closed month may differ from that month's "
            f"estimate, for {tier.capitalize()}.",
            "%",
            PERCENT,
        )
        for tier in ("walk", "run")
    ),
    Threshold(
        "maturity.accuracy.share",
        "Plan Accuracy: share",
        "How many of the workloads with plan and spend must lie within, for either tier.",
        "%",
        PERCENT,
    ),
    Threshold(
        "maturity.response.days",
        "Gap Response: days",
        "Within how many days a gap must be resolved to count.",
        "days",
        DAYS,
    ),
    *(
        Threshold(
            f"gap.minimum.{kind}",
            f"{label}: from which amount",
            "Below this amount at stake, no gap of the kind opens.",
            settings.REPORTING_CURRENCY,
            MONEY,
            optional=True,
        )
        for kind, label in (
            ("unbacked", "Unbacked AI workload"),
            ("no_estimate", "No estimate"),
            ("unclaimed", "Unclaimed AI spend"),
            ("not_approved", "Spend without approval"),
            ("over_plan", "Over plan"),
            ("funding_ended", "Funding ended"),
            ("no_owner", "No owner"),
        )
    ),
    Threshold(
        "gap.over_plan_percent",
        "Over plan",
        "By how much a closed month's spend may exceed that month's estimate before a gap opens.",
        "%",
        Decimal(1000),
    ),
    Threshold(
        "gap.reminder_days",
        "Reminder of a gap",
        "How many days after a request, and then again and again, its reader is reminded.",
        "days",
        DAYS,
    ),
)
KNOWN_BY_KEY = {known.key: known for known in KNOWN}


def versions_of_thresholds(known_at: datetime) -> dict[str, list[ThresholdVersion]]:
    """Return every version of every known threshold, the latest first, in one query."""
    found: dict[str, list[ThresholdVersion]] = {known.key: [] for known in KNOWN}
    rows = ThresholdVersion.objects.filter(
        Q(recorded_at__lte=known_at) | Q(version=1), key__in=found
    )
    for row in rows.select_related("recorded_by").order_by("-version"):
        found[row.key].append(row)
    return found
