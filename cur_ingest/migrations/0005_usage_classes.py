from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cur_ingest", "0004_shared_spend")]

    operations = [
        migrations.AddField("DailyLine", "model", models.CharField(blank=True, max_length=300)),
        migrations.AddField("DailyLine", "token_kind", models.CharField(blank=True, max_length=15)),
        migrations.AddField("DailyLine", "tier", models.CharField(blank=True, max_length=15)),
        migrations.AddField(
            "DailyLine", "cross_region", models.CharField(blank=True, max_length=15)
        ),
    ]
