"""How figures of reviews name their explanations (`reviews.explain`). No Django.

Those of an open review are figures of workloads as known at its moment, named as everywhere. What a
closed one kept is `review:7:contract-review:current`, its totals `review:7`. A change names what
changed and both sides: `review:projected:review:7:contract-review:current~w:contract-review:e2:c1`.
"""

from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About

PREFIX = "review"
BASELINE, ACKNOWLEDGED, CURRENT = "baseline", "acknowledged", "current"
# Kept beside the stands: why nothing more was spent on a workload.
OVER = "over"


def kept_about(review: int, slug: str = "", which: str = "") -> About:
    """Return what names the figures that a closed review kept, of itself or of one stand."""
    return About(":".join(filter(None, (PREFIX, str(review), slug, which))))


def change_about(what: What, before: About, after: About) -> About:
    """Return what names the change of a figure from one stand to another."""
    if not (before.of and after.of):
        return UNNAMED
    return About(f"{PREFIX}:{what}:{before.of}~{after.of}", after.at)
