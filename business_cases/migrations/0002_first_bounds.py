"""The bounds and thresholds that an organisation starts with (METHOD 3 and 5)."""

from datetime import date
from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Early enough that every past date has bounds.
ALWAYS = date(2000, 1, 1)


def record(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Record version 1 of each."""
    apps.get_model("business_cases", "BandBounds").objects.create(
        strong=Decimal(5),
        solid=Decimal(2),
        marginal=Decimal("1.25"),
        thin=Decimal(1),
        effective_from=ALWAYS,
        reason="The method's own bounds.",
    )
    apps.get_model("records", "ThresholdVersion").objects.create(
        key="estimate.revision_percent",
        value=Decimal(10),
        effective_from=ALWAYS,
        reason="The method's own threshold.",
    )


class Migration(migrations.Migration):
    """Rows of frozen tables: they stay when this is unapplied."""

    dependencies = [("business_cases", "0001_initial"), ("records", "0002_initial")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
