from django.db import migrations, models
from django.db.models.deletion import PROTECT

# Before this, the lines of a month were those of its latest delivery. What is checked at the end
# of a transaction has to be checked before its table can change.
FILL = """
UPDATE cur_ingest_dailyline l SET delivery_id = d.id
FROM (
    SELECT DISTINCT ON (export_id, period) id, export_id, period
    FROM cur_ingest_delivery ORDER BY export_id, period, version DESC
) d
WHERE d.export_id = l.export_id AND d.period = l.period;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("cur_ingest", "0002_first_signals")]

    operations = [
        migrations.AddField(
            "AttributionRun", "counts", models.BooleanField(db_default=True, default=True)
        ),
        migrations.AddField(
            "DailyLine",
            "delivery",
            models.ForeignKey(
                "cur_ingest.delivery", on_delete=PROTECT, related_name="+", null=True
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "DailyLine",
            "delivery",
            models.ForeignKey("cur_ingest.delivery", on_delete=PROTECT, related_name="+"),
        ),
        migrations.AddField(
            "DailyLine",
            "payer",
            models.CharField(blank=True, max_length=20, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "DailyLine",
            "region",
            models.CharField(blank=True, max_length=60, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "DailyLine",
            "resource",
            models.CharField(blank=True, max_length=2048, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "DailyLine",
            "pricing_unit",
            models.CharField(blank=True, max_length=100, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "DailyLine",
            "usage_amount",
            models.DecimalField(decimal_places=12, max_digits=38, null=True),
        ),
        migrations.AlterField(
            "DailyLine", "principal", models.CharField(blank=True, max_length=2048)
        ),
        migrations.RemoveIndex("DailyLine", "cur_ingest__export__532576_idx"),
        migrations.AddIndex(
            "DailyLine", models.Index(fields=["period"], name="cur_ingest__period_6106a8_idx")
        ),
        migrations.AlterField(
            "DailyLine",
            "export",
            models.ForeignKey(
                "cur_ingest.export", on_delete=PROTECT, related_name="+", db_index=False
            ),
        ),
    ]
