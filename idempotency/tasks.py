"""What the worker does with old keys."""

from datetime import timedelta

from django.db.models.functions import Now
from procrastinate.contrib.django import app

from idempotency.models import SentForm

# A browser that restores last week's tabs still finds what it sent.
KEPT = timedelta(days=7)


@app.periodic(cron="40 3 * * *")
@app.task(queue="idempotency", name="idempotency.forget", queueing_lock="idempotency.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Forget keys that were sent more than a week ago."""
    SentForm.objects.filter(sent_at__lt=Now() - KEPT).delete()
