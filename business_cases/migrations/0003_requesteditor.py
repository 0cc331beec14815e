import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.clock
from records.operations import Freeze


class Migration(migrations.Migration):
    dependencies = [
        ("business_cases", "0002_first_bounds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestEditor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=0, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=records.clock.DatabaseNow(), editable=False),
                ),
                (
                    "hash",
                    models.CharField(db_default="", editable=False, max_length=64),
                ),
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
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="business_cases.businessrequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "recorded_by"), name="request_editor_once"
                    )
                ],
            },
        ),
        Freeze("RequestEditor", subject=("request_id",)),
    ]
