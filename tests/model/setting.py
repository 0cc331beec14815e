"""What random organisations set for all of themselves: bounds, thresholds and the cost basis."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from business_cases.actions import set_bounds
from business_cases.models import BandBounds
from cur_ingest.actions import choose_basis
from cur_ingest.models import BasisChoice
from records.actions import set_threshold
from records.clock import now
from records.models import ThresholdVersion
from tests.model.events import BasisChosen, BoundsSet, ThresholdSet
from tests.model.made_up import BASES, BOUNDS

if TYPE_CHECKING:
    from tests.model.living import Life


def bounds(life: "Life") -> str:
    """Set the bounds of the bands, from today or from later."""
    numbers = tuple(Decimal(text) for text in life.random.choice(BOUNDS))
    effective = life.model.day(now()) + timedelta(days=life.random.choice([0, 1, 12, 60]))
    set_bounds(
        actor=life.cast.adam,
        seen=BandBounds.objects.latest("version").version,
        bounds=dict(zip(("strong", "solid", "marginal", "thin"), numbers, strict=True)),
        effective_from=effective,
        reason="As the board wants.",
    )
    life.tell(BoundsSet(now(), effective, *numbers))
    return "bounds"


def threshold(life: "Life") -> str:
    """Set how much more a revision may cost undecided, from today or from later."""
    key, percent = "estimate.revision_percent", Decimal(life.random.choice(["5", "10", "50"]))
    effective = life.model.day(now()) + timedelta(days=life.random.choice([0, 0, 30]))
    set_threshold(
        actor=life.cast.adam,
        key=key,
        seen=ThresholdVersion.objects.filter(key=key).count(),
        value=percent,
        effective_from=effective,
        reason="As the board wants.",
    )
    life.tell(ThresholdSet(now(), effective, percent))
    return "threshold"


def basis(life: "Life") -> str:
    """Choose the cost basis in which pages show actual spend."""
    shown = life.model.at(now()).basis
    chosen = life.random.choice([basis for basis in BASES if basis != shown])
    choose_basis(
        actor=life.cast.felix,
        basis=chosen,
        seen=BasisChoice.objects.count(),
        reason="As the books have it.",
    )
    life.tell(BasisChosen(now(), chosen))
    return "basis"


DEEDS: tuple[Callable[["Life"], str], ...] = (bounds, bounds, threshold, basis)
