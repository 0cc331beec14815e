"""Reminding of what was asked for: on the day that was given, and again after so many days."""

from datetime import timedelta

from django.db import transaction

from allocation_gaps.actions.asking import reminder_days
from allocation_gaps.actions.holding import hold_looks
from allocation_gaps.answers import askable
from allocation_gaps.mails import tell_reminded
from allocation_gaps.models import GapAction
from allocation_gaps.reports import acts_of, open_now
from records.clock import now, today


@transaction.atomic
def send_reminders() -> int:
    """Remind of every request whose day has come; return of how many gaps.

    Reminders are recorded with the day of the next one. None is sent of a gap that is gone, or of
    a request that was taken back, and none to who was deactivated: where nobody else is left,
    nothing is recorded, and whoever owns the workload next is reminded at once.
    """
    hold_looks(exclusive=False)
    day, every, reminded = today(), reminder_days(), 0
    openings = {opening.pk: opening for opening in open_now()}
    for pk, acts in acts_of(openings, now()).items():
        opening, asked, due = openings[pk], acts.asked, acts.next_reminder(every)
        if asked is None or due is None or due > day or opening.workload is None:
            continue
        people = askable(opening.kind, opening.workload)
        if not people:
            continue
        action = GapAction.objects.create(
            kind=opening.kind,
            key=opening.key,
            workload=opening.workload,
            opening=opening,
            act=GapAction.Act.REMINDED,
            rationale=asked.rationale,
            assignee=people[0] if len(people) == 1 else None,
            due=day + timedelta(days=every),
        )
        for person in people:
            tell_reminded(person, action, asked)
        reminded += 1
    return reminded
