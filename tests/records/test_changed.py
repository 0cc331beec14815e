"""Whoever records facts has the worker look for gaps: after the commit, and once."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from business_cases.actions import retract_case
from records.changed import LOOK, facts_changed
from tests.cast import Cast, added


def looks() -> int:
    return ProcrastinateJob.objects.filter(task_name=LOOK, status="todo").count()


@pytest.mark.django_db(transaction=True)
def test_many_facts_ask_for_one_look(cast: Cast) -> None:
    facts_changed()
    assert looks() == 1
    with transaction.atomic():
        facts_changed()
        facts_changed()
    assert looks() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_asks_for_none(cast: Cast) -> None:
    with transaction.atomic():
        facts_changed()
        transaction.set_rollback(True)
    assert looks() == 0


@pytest.mark.django_db(transaction=True)
def test_a_retracted_case_asks_for_a_look(cast: Cast) -> None:
    workload = added(cast)
    assert looks() == 1
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="It was wrong.")
    assert looks() == 1
