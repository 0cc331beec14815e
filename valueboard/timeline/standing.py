"""What stands now, from the same records: gaps, and whether a request is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from allocation_gaps.models import GapAction, GapKind, GapOpening
from allocation_gaps.states import ASKING, GapState
from business_cases.models import (
    RequestState,
    RequestStep,
)
from business_cases.standing import Standing
from spaces.models import Workload, WorkloadState
from valueboard.timeline.records import Record


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap of the workload: its kind and state in words, since when, and where it is shown."""

    kind: str
    state: str
    since: date
    detail: str
    url: str


def gaps_in(records: Sequence[Record]) -> tuple[OpenGap, ...]:
    """Return the gaps that are not resolved, the latest first."""
    acts = [record for record in reversed(records) if record.model is GapAction]
    found = []
    for opening in (record for record in records if record.model is GapOpening):
        of_it = [act for act in acts if act.text("opening_id") == str(opening.pk)]
        done = {act.text("act") for act in of_it}
        if GapAction.Act.RESOLVED.value in done:
            continue
        taken_back = {act.text("takes_back_id") for act in of_it}
        standing = [
            act for act in of_it if act.text("act") in ASKING and str(act.pk) not in taken_back
        ]
        recalled = GapAction.Act.RECALLED.value in done
        state = (
            GapState.ACTIONED if standing else GapState.RECALLED if recalled else GapState.ACTIVE
        )
        found.append(
            OpenGap(
                str(GapKind(opening.text("kind")).label),
                state.label,
                date.fromisoformat(opening.text("since")),
                opening.text("detail"),
                reverse("gap", args=[opening.pk]),
            )
        )
    return tuple(found)


def open_request_in(records: Sequence[Record]) -> tuple[int | None, bool]:
    """Return the id of the request that waits or was returned, and whether it waits."""
    for step in _latest_steps(records):
        state = step.text("to_state")
        if state in {RequestState.SUBMITTED, RequestState.RETURNED}:
            return int(step.text("request_id")), state == RequestState.SUBMITTED
    return None, False


def may_send_by(records: Sequence[Record], standing: Standing, workload: Workload) -> bool:
    """Tell whether the workload can be sent to approval (`business_cases.reports.why_not_send`)."""
    states = {step.text("to_state") for step in _latest_steps(records)}
    barred = {RequestState.APPROVED, RequestState.SUBMITTED, RequestState.RETURNED}
    claimed = workload.state == WorkloadState.CLAIMED
    return claimed and bool(standing.estimates) and not states & barred


def _latest_steps(records: Sequence[Record]) -> list[Record]:
    latest: dict[str, Record] = {}
    for step in reversed(records):
        if step.model is RequestStep:
            latest[step.text("request_id")] = step
    return list(latest.values())
