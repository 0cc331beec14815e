"""A growth of 100 % fits, and a case without an amount is none, in the database too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("business_cases", "0004_anchormerge"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="casesnapshot",
            name="case_is_whole_or_retracted",
        ),
        migrations.AlterField(
            model_name="estimatesnapshot",
            name="growth_percent",
            field=models.DecimalField(decimal_places=4, max_digits=7),
        ),
        migrations.AddConstraint(
            model_name="casesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("current_amount", None),
                        ("percent", None),
                        ("retracted", True),
                        ("value_type", ""),
                    ),
                    models.Q(
                        ("current_amount__gt", 0),
                        ("current_amount__isnull", False),
                        ("percent__gt", 0),
                        ("percent__isnull", False),
                        ("retracted", False),
                        ("value_type__in", ["cost_saving", "revenue_driving"]),
                    ),
                    _connector="OR",
                ),
                name="case_is_whole_or_retracted",
            ),
        ),
    ]
