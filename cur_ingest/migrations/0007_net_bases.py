from django.db import migrations, models

# Lines of deliveries that were read without net costs: net is gross there, as for an export that
# has no net columns. Frozen rows can't be given a value; theirs stay NULL (bases.amount_in).
FILL = """
UPDATE cur_ingest_dailyline SET net_unblended = unblended, net_amortised = amortised;
SET CONSTRAINTS ALL IMMEDIATE;
"""


def _amount(*, null: bool = False) -> models.DecimalField:
    return models.DecimalField(max_digits=38, decimal_places=24, null=null)


class Migration(migrations.Migration):
    dependencies = [("cur_ingest", "0006_parts_of_the_proof")]

    operations = [
        migrations.AddField("DailyLine", "net_unblended", _amount(null=True)),
        migrations.AddField("DailyLine", "net_amortised", _amount(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("DailyLine", "net_unblended", _amount()),
        migrations.AlterField("DailyLine", "net_amortised", _amount()),
        migrations.AddField("Delivery", "net_unblended", _amount(null=True)),
        migrations.AddField("Delivery", "net_amortised", _amount(null=True)),
        migrations.AddField("Delivery", "by_currency", models.JSONField(default=dict)),
        migrations.AddField("Delivery", "rates", models.JSONField(default=dict)),
        migrations.AddField("Delivery", "remarks", models.JSONField(default=list)),
        migrations.AddField("MonthTotal", "net_unblended", _amount(null=True)),
        migrations.AddField("MonthTotal", "net_amortised", _amount(null=True)),
        migrations.AddField("MonthTotal", "positive_net_unblended", _amount(null=True)),
        migrations.AddField("MonthTotal", "positive_net_amortised", _amount(null=True)),
        migrations.RemoveConstraint("Export", "export_format_is_known"),
        migrations.AlterField(
            "Export",
            "format",
            models.CharField(
                choices=[
                    ("legacy", "Legacy CUR (Parquet)"),
                    ("cur2", "CUR 2.0 (Parquet)"),
                    ("focus", "FOCUS 1.0 or 1.2 with AWS columns (Parquet)"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "Export",
            models.CheckConstraint(
                condition=models.Q(format__in=["legacy", "cur2", "focus"]),
                name="export_format_is_known",
            ),
        ),
    ]
