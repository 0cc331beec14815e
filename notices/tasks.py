"""What the worker does with the outbox."""

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from notices import actions
from notices.models import Mail
from records.clock import now

UNSENT_AFTER = timedelta(minutes=10)


@app.task(queue="notices", name="notices.send_mail")
def send_mail(mail_id: int) -> None:
    """Try to send one mail; what fails is tried again later, by a job of its own."""
    actions.send_mail(mail_id=mail_id)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="notices", name="notices.write_digests", queueing_lock="notices.write_digests")
def write_digests(timestamp: int) -> None:  # noqa: ARG001 - what procrastinate hands to periodic tasks
    """Write the daily mails that are due."""
    actions.write_digests()


@app.periodic(cron="*/10 * * * *")
@app.task(queue="notices", name="notices.sweep", queueing_lock="notices.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Put waiting mails into the queue again whose jobs failed for good, or were lost."""
    queued = set(
        ProcrastinateJob.objects.filter(
            task_name="notices.send_mail", status__in=[Status.TODO.value, Status.DOING.value]
        ).values_list("args__mail_id", flat=True)
    )
    unsent = Mail.objects.filter(state=Mail.State.WAITING, written_at__lt=now() - UNSENT_AFTER)
    for mail in unsent.exclude(pk__in=queued):
        actions.defer_sending(mail)
