"""The tiers of the three later dimensions that an organisation starts with (METHOD 9)."""

from datetime import date
from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ALWAYS = date(2000, 1, 1)
FIRST = {
    "maturity.approval.walk": 50,
    "maturity.approval.run": 90,
    "maturity.accuracy.walk_percent": 20,
    "maturity.accuracy.run_percent": 12,
    "maturity.accuracy.share": 70,
    "maturity.response.walk": 60,
    "maturity.response.run": 90,
    "maturity.response.days": 30,
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

    dependencies = [("maturity", "0001_thresholds"), ("records", "0004_checkpoint")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
