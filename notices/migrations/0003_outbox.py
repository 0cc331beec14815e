import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Mails of the first version were the messages themselves: each gets its row in the outbox, under the
# Message-ID that it may have left with already. What their text said around the message is now put
# there when a mail is made.
MAILS = r"""
INSERT INTO notices_mail
    (id, message_id, recipient_id, state, written_at, sent_at, attempts, last_error)
SELECT id, '<notice-' || id || '@valueboard>', recipient_id,
    CASE WHEN sent_at IS NULL THEN 'waiting' ELSE 'sent' END, written_at, sent_at, 0, ''
FROM notices_message;
SELECT setval(pg_get_serial_sequence('notices_mail', 'id'), max(id)) FROM notices_mail;
UPDATE notices_message SET
    mail_id = id,
    body = regexp_replace(body, '^[^\n]*,\n\n', ''),
    link = COALESCE(substring(body FROM '(?n)^https?://[^/\s]+(/[^/\\\s]\S*)$'), '');
-- Else its tables could not be altered in the same transaction.
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("daily", "Once a day"),
                            ("none", "No mail"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SentAgain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="for_digest",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="message",
            name="link",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="message",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.CharField(max_length=300, unique=True)),
                ("digest_of", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("dead", "Undelivered"),
                            ("dropped", "Not sent, on purpose"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="mail",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="notices.mail",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["recipient", "-id"], name="message_inbox"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("read_at", None)), fields=["recipient"], name="message_unread"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("for_digest", True)),
                fields=["recipient", "written_at"],
                name="message_for_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("for_digest", False), ("mail", None), _connector="OR"),
                name="message_is_mailed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("link", ""), ("link__regex", "^/([^/\\\\]|$)"), _connector="OR"
                ),
                name="message_links_inside",
            ),
        ),
        migrations.AddField(
            model_name="mailpreference",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sentagain",
            name="mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="notices.mail"
            ),
        ),
        migrations.AddField(
            model_name="sentagain",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "dead"])),
                fields=["state", "written_at"],
                name="mail_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                fields=("recipient", "digest_of"), name="digest_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(("sent_at", None), ("state__in", ["waiting", "dead", "dropped"])),
                    _connector="OR",
                ),
                name="mail_is_sent_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailpreference",
            constraint=models.CheckConstraint(
                condition=models.Q(("choice__in", ["at_once", "daily", "none"])),
                name="mail_preference_is_known",
            ),
        ),
        migrations.RunSQL(MAILS, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="message",
            name="sent_at",
        ),
    ]
