"""The life of a request, done twice: for real with commits, and by a model in plain Python."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.models import Role
from records.clock import today
from records.models import ThresholdVersion
from spaces.models import Membership
from tests.cast import Cast, person
from tests.life.machine import LifeMachine
from tests.life.model import TWO_ABOVE
from tests.life.world import Place
from tests.soak import SOAK, rounds

STEPS = 20
PARTS = 4  # so that several processes share the work


@pytest.fixture
def place(cast: Cast) -> Place:
    """The Space and the people of all runs; above `TWO_ABOVE` two approve."""
    pia = person("Pia", Role.FINANCIAL_ADMIN)
    Membership.objects.create(space=cast.commerce, user=pia, role=Membership.Role.PRODUCT_OWNER)
    ThresholdVersion.objects.create(
        key="approval.second_above", value=TWO_ABOVE, effective_from="2020-01-01", reason="Test."
    )
    names = ("olivia", "mona", "oscar", "priya", "felix")
    people = {name: getattr(cast, name) for name in names} | {"pia": pia, "dana": person("Dana")}
    return Place(cast.commerce, people, today().replace(year=today().year + 1, month=1, day=1))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db(transaction=True)
def test_the_product_and_the_model_never_differ(cast: Cast, place: Place, part: int) -> None:
    class Machine(LifeMachine):
        pass

    Machine.place, Machine.adam, Machine.done = place, cast.adam, Counter()
    # The sample is the same in every run, and another one in each part.
    run_state_machine_as_test(
        Machine if SOAK else seed(part)(Machine),
        settings=settings(
            max_examples=rounds(100, 2_000) // PARTS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that never gets far would show nothing.
    far = ["submit", "approved", "estimate", "declare"]
    assert all(Machine.done[f"{what}: done"] for what in far), Machine.done
