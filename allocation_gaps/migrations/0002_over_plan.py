from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation_gaps", "0001_initial")]

    operations = [
        migrations.AlterField(
            "GapAction",
            "kind",
            models.CharField(
                choices=[
                    ("unbacked", "Unbacked AI workload"),
                    ("no_estimate", "No estimate"),
                    ("unclaimed", "Unclaimed AI spend"),
                    ("over_plan", "Over plan"),
                ],
                max_length=20,
            ),
        )
    ]
