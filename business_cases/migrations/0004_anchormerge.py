import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.clock
from records.operations import Freeze

# Frozen by a_append, which holds the lock of the value type's list, so that of two merges that
# would close a circle together the later one sees the other. The walk ends: what is there has none.
NO_CIRCLE = """
CREATE FUNCTION business_cases_no_circle() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    step text := NEW.into_key;
BEGIN
    WHILE step <> '' LOOP
        IF step = NEW.key THEN
            RAISE EXCEPTION 'A name is not merged into itself, by no detour.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'merge_makes_no_circle';
        END IF;
        step := coalesce((
            SELECT into_key FROM business_cases_anchormerge
            WHERE value_type = NEW.value_type AND key = step
            ORDER BY version DESC LIMIT 1
        ), '');
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER d_no_circle BEFORE INSERT ON business_cases_anchormerge
    FOR EACH ROW EXECUTE FUNCTION business_cases_no_circle();
ALTER TABLE business_cases_anchormerge ENABLE ALWAYS TRIGGER d_no_circle;
"""
CIRCLE = """
DROP TRIGGER d_no_circle ON business_cases_anchormerge;
DROP FUNCTION business_cases_no_circle();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("business_cases", "0003_requesteditor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnchorMerge",
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
                    models.DateTimeField(db_default=records.clock.DatabaseNow(), editable=False),
                ),
                ("hash", models.CharField(db_default="", editable=False, max_length=64)),
                (
                    "value_type",
                    models.CharField(
                        choices=[
                            ("cost_saving", "Cost Saving"),
                            ("revenue_driving", "Revenue Driving"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("key", models.TextField()),
                ("into", models.CharField(blank=True, max_length=200)),
                ("into_key", models.TextField(blank=True)),
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
                        fields=("value_type", "version"), name="merge_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_type__in", ["cost_saving", "revenue_driving"])),
                        name="merge_value_type_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key", ""), _negated=True),
                            models.Q(
                                models.Q(("into", ""), ("into_key", "")),
                                models.Q(
                                    models.Q(("into", ""), _negated=True),
                                    models.Q(("into_key", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="merge_names_both_or_is_undone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                        name="merge_has_reason",
                    ),
                ],
            },
        ),
        Freeze("AnchorMerge", subject=("value_type",)),
        migrations.RunSQL(NO_CIRCLE, CIRCLE),
    ]
