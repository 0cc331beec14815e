from django.db import migrations, models

# Mails of the first version told their kind by their subject alone.
KINDS = """
UPDATE notices_message SET kind = CASE
    WHEN subject LIKE 'To decide: %' THEN 'submitted'
    WHEN subject LIKE 'Returned for changes: %' THEN 'returned'
    WHEN subject LIKE 'Business case requested: %' THEN 'case_requested'
    WHEN subject LIKE 'Estimate requested: %' THEN 'estimate_requested'
    ELSE 'decided'
END
"""
CHOICES = [
    ("submitted", "Request to decide"),
    ("second_approval", "Second approval wanted"),
    ("estimate_waiting", "Estimate to confirm"),
    ("decided", "Decided"),
    ("returned", "Returned for changes"),
    ("commented", "Comment"),
    ("delegated", "Delegation"),
    ("case_requested", "Business case requested"),
    ("estimate_requested", "Estimate requested"),
    ("case_revised", "Case revised after approval"),
]


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="kind",
            field=models.CharField(choices=CHOICES, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=[value for value, _ in CHOICES]),
                name="message_kind_is_known",
            ),
        ),
    ]
