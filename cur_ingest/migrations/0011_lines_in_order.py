from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    dependencies = [("cur_ingest", "0010_loads")]

    operations = [
        migrations.AddIndex(
            "DailyLine",
            models.Index(fields=["delivery", "day", "id"], name="cur_ingest__deliver_81e51b_idx"),
        ),
        migrations.AlterField(
            "DailyLine",
            "delivery",
            models.ForeignKey(
                "cur_ingest.delivery", on_delete=PROTECT, related_name="+", db_index=False
            ),
        ),
    ]
