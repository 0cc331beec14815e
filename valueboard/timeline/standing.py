"""What stands now, from the same records: gaps, and whether a request is open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from allocation_gaps.answers import ANSWERS
from allocation_gaps.models import GapAction, GapKind, GapOpening
from allocation_gaps.states import Acts, GapState
from business_cases.models import (
    RequestState,
    RequestStep,
)
from business_cases.standing import Standing
from reviews.models import Direction, Reviewed
from spaces.models import Workload, WorkloadState
from valueboard.timeline.records import Record


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap of the workload: what is missing, since when, what it asks for, and who asked.

    `page` is the name of the form that answers it; `due` the day to answer by, if somebody asked.
    """

    kind: GapKind
    state: GapState
    since: date
    detail: str
    url: str
    asked_by: str
    due: date | None

    @property
    def wanted(self) -> str:
        """Return what it asks for: `the business case`."""
        return ANSWERS[self.kind].wanted

    @property
    def page(self) -> str:
        """Return the name of the form that answers it."""
        return ANSWERS[self.kind].page


@dataclass(frozen=True, slots=True)
class LastReview:
    """What the last closed budget review said; `direction` in words, empty where none was taken."""

    id: int
    name: str
    closed_at: datetime
    direction: str
    notes: str
    band: str


def gaps_in(records: Sequence[Record]) -> tuple[OpenGap, ...]:
    """Return the gaps that are not resolved, the latest first."""
    done: dict[str, list[Record]] = defaultdict(list)
    for record in reversed(records):
        if record.model is GapAction:
            done[record.text("opening_id")].append(record)
    openings = (record for record in records if record.model is GapOpening)
    found = (_gap(opening, done[str(opening.pk)]) for opening in openings)
    return tuple(gap for gap in found if gap.state is not GapState.RESOLVED)


def _gap(opening: Record, done: Sequence[Record]) -> OpenGap:
    acts = Acts(tuple(_act(record) for record in done))
    by = {record.pk: record.by for record in done}
    asked = acts.asked
    return OpenGap(
        GapKind(opening.text("kind")),
        acts.state,
        date.fromisoformat(opening.text("since")),
        acts.overrun.rationale if acts.overrun else opening.text("detail"),
        reverse("gap", args=[opening.pk]),
        by[asked.pk] if asked else "",
        asked.due if asked else None,
    )


def _act(record: Record) -> GapAction:
    """Return an action with what its gap's state goes by."""
    taken_back, due = record.text("takes_back_id"), record.text("due")
    return GapAction(
        pk=record.pk,
        version=record.version,
        act=record.text("act"),
        rationale=record.text("rationale"),
        takes_back_id=int(taken_back) if taken_back else None,
        due=date.fromisoformat(due) if due else None,
    )


def last_review_in(records: Sequence[Record]) -> LastReview | None:
    """Return what the last closed review said; None where none listed it, or that said nothing."""
    said = next((record for record in records if record.model is Reviewed), None)
    if said is None or not (said.text("direction") or said.text("notes")):
        return None
    return LastReview(
        int(said.text("closing__review_id")),
        said.text("closing__name"),
        said.at,
        str(dict(Direction.choices).get(said.text("direction"), "")),
        said.text("notes"),
        said.text("band"),
    )


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
