"""What an organisation starts with: when a gap opens, and when one is reminded (METHOD 8)."""

from datetime import date
from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ALWAYS = date(2000, 1, 1)
FIRST = {
    "gap.minimum.unbacked": 0,
    "gap.minimum.no_estimate": 0,
    "gap.minimum.unclaimed": 0,
    "gap.minimum.not_approved": 0,
    "gap.minimum.over_plan": 0,
    "gap.minimum.funding_ended": 0,
    "gap.minimum.no_owner": 0,
    "gap.over_plan_percent": 20,
    "gap.reminder_days": 7,
}


def record(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Record version 1 of each."""
    for key, value in FIRST.items():
        apps.get_model("records", "ThresholdVersion").objects.create(
            key=key,
            value=Decimal(value),
            effective_from=ALWAYS,
            reason="The method's own threshold.",
        )


class Migration(migrations.Migration):
    """Rows of a frozen table: they stay when this is unapplied."""

    dependencies = [("allocation_gaps", "0002_over_plan"), ("records", "0004_checkpoint")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
