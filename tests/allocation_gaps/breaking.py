"""What would break each constraint of gaps."""

from collections.abc import Callable
from datetime import date
from typing import Any

from allocation_gaps.models import GapAction, GapOpening, GapStake, LookedAt
from records.clock import now
from tests.cast import Cast, added


def opened(c: Cast, **changed: Any) -> GapOpening:
    """Record that a gap was found."""
    workload = changed.pop("workload", None) or added(c)
    found = {"kind": "unbacked", "since": date(2026, 9, 1), "found_by": "change", "label": "x"}
    found |= {"detail": "x", "actual": 1, "basis": "amortised", "months": 0}
    return GapOpening.objects.create(
        **found | {"key": str(workload.pk), "workload": workload} | changed
    )


def acted(c: Cast, opening: GapOpening | None = None, **changed: Any) -> GapAction:
    """Record an act on a gap."""
    gap = opening or opened(c)
    done = {"act": "case_requested", "rationale": "x", "recorded_by": c.felix}
    about = {"kind": gap.kind, "key": gap.key, "workload": gap.workload, "opening": gap}
    return GapAction.objects.create(**about | done | changed)


def recalled_what_was_not_asked(c: Cast) -> None:
    """Take an assignment back."""
    given = acted(c, act="assigned")
    acted(c, given.opening, act="recalled", takes_back=given)


def recalled_twice(c: Cast) -> None:
    """Take one request back twice."""
    asked = acted(c)
    for _ in range(2):
        acted(c, asked.opening, act="recalled", takes_back=asked)


OF_GAPS: dict[str, Callable[[Cast], object]] = {
    "gap_action_has_rationale": lambda c: acted(c, rationale=" "),
    "gap_action_by_whom_it_is_done": lambda c: acted(c, act="resolved"),
    "gap_recall_names_an_action": lambda c: acted(c, act="recalled"),
    "gap_kind_is_known": lambda c: opened(c, kind="x"),
    "gap_is_of_a_workload_or_unclaimed": lambda c: opened(c, kind="unclaimed"),
    "looked_at_is_one_row": lambda _: LookedAt.objects.create(id=2, at=now()),
    "gap_open_once": lambda c: [opened(c, workload=each) for each in [added(c)] * 2],
    "gap_action_of_an_open_gap": lambda c: acted(c, key="other"),
    "gap_recall_is_of_a_request": recalled_what_was_not_asked,
    "allocation_gaps_gapaction_takes_back_id_key": recalled_twice,
    "allocation_gaps_gapstake_opening_id_key": lambda c: GapStake.objects.bulk_create(
        GapStake(opening=opening, detail="x", actual=1, basis="amortised", months=0)
        for opening in [opened(c)] * 2
    ),
}
