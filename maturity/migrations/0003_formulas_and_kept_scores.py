"""Formulas as versions, the first of each from always on; and what is kept of scores."""

from datetime import date

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import valueboard.lib.clock
from records.operations import Freeze

ALWAYS = date(2000, 1, 1)
DIMENSIONS = ("attribution", "estimate", "approval", "accuracy", "response")


def record(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Record that the first formula of each dimension counts from always on."""
    for dimension in DIMENSIONS:
        apps.get_model("maturity", "FormulaVersion").objects.create(
            dimension=dimension,
            number=1,
            effective_from=ALWAYS,
            reason="The method's own formula.",
        )


class Migration(migrations.Migration):
    """Rows of a frozen table: they stay when this is unapplied."""

    dependencies = [
        ("maturity", "0002_thresholds_of_three"),
        ("spaces", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FormulaVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=0, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=valueboard.lib.clock.DatabaseNow(), editable=False
                    ),
                ),
                ("hash", models.CharField(db_default="", editable=False, max_length=64)),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("attribution", "Attribution Coverage"),
                            ("estimate", "Estimate Coverage"),
                            ("approval", "Value at Approval"),
                            ("accuracy", "Plan Accuracy"),
                            ("response", "Gap Response"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("effective_from", models.DateField()),
                ("reason", models.TextField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dimension", "version"), name="formula_version_once"
                    ),
                    models.UniqueConstraint(
                        fields=("dimension", "number"), name="formula_in_force_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("measure", models.CharField(max_length=30)),
                ("formula", models.PositiveIntegerField()),
                ("part", models.DecimalField(decimal_places=24, max_digits=50)),
                ("whole", models.DecimalField(decimal_places=24, max_digits=50)),
                ("kept_at", models.DateTimeField()),
                (
                    "space",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="spaces.space",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "space", "measure"),
                        name="kept_score_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        Freeze("FormulaVersion", subject=("dimension",)),
        migrations.RunPython(record, migrations.RunPython.noop),
    ]
