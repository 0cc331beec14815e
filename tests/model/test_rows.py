"""The pure part of the board beside the model, over organisations that no database knows."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model import as_facts
from tests.model.agreeing import must_agree
from tests.model.imagined import Imagined, edges, times_of
from tests.soak import rounds

STEPS = 25
MOMENTS = 4


@settings(max_examples=rounds(150, 5_000), suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), steps=st.integers(1, STEPS))
def test_rows_totals_groups_and_differences_are_the_method_s(seed: int, steps: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    model = Imagined(chance).live(steps).model
    moments = edges(times_of(model), model, chance, MOMENTS)
    must_agree(
        model,
        as_facts.facts_of(model, moments),
        as_facts.tree_of(model),
        as_facts.owners_of(model),
        chance,
    )
