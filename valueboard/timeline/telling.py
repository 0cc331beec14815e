"""What each kind of record says, to whoever reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Field
from django.utils.timezone import localdate

from allocation_gaps.models import GapAction, GapKind, GapOpening
from approvals.models import Decision
from business_cases.comparison import Part, Side, compare, named_side
from business_cases.figure_names import month_of as month_named
from business_cases.figures import CURRENCY
from business_cases.models import (
    CaseSnapshot,
    Comment,
    Confirmation,
    Decline,
    EstimateSnapshot,
    RequestStep,
)
from business_cases.standing import Standing
from cur_ingest.matching import TAG as RULE_TAG
from cur_ingest.models import AttributionRun, MonthClosing, MonthTotal, RuleVersion
from cur_ingest.rule_words import LABELS as RULE_LABELS
from records.models import FrozenRecord
from reviews.models import Direction, Reviewed
from spaces.models import Placement
from valueboard.lib import formats
from valueboard.lib.bands import Bound
from valueboard.lib.explained import What
from valueboard.lib.figure import About, Figure, Kind, change
from valueboard.lib.money import to_cents
from valueboard.lib.months import DAWN, add_months, month_of
from valueboard.lib.palette import LOOK_OF
from valueboard.timeline.records import COMMON, Record

HIDDEN = "a Space that you don't read"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field: what it said before, empty for nothing, and what it says since."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    `changed` are fields in words, `parts` the figures of two versions side by side, `amounts` the
    figures that it is about, each with the words before it.
    """

    record: Record
    what: str
    why: str = ""
    changed: tuple[Changed, ...] = ()
    parts: tuple[Part, ...] = ()
    amounts: tuple[tuple[str, Figure], ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What events are told with: the versions, the bounds of the day, and the Spaces read."""

    standing: Standing
    bounds: Sequence[Bound]
    basis: str
    about: About
    known_at: datetime
    read: set[int] | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A record, the one before it of the same subject, and what it is told with."""

    record: Record
    before: Record | None
    told: Told


def tell_any(heard: Heard) -> Event:
    """Tell a record of any kind by what its fields say."""
    record = heard.record
    fields = [
        field
        for field in record.model._meta.concrete_fields
        if field.name not in COMMON and not field.is_relation
    ]
    reasons = [name for name in ("reason", "rationale", "note") if record.text(name)]
    why = record.text(reasons[0]) if reasons else ""
    changed = tuple(
        Changed(str(field.verbose_name).capitalize(), was, now)
        for field in fields
        if field.name not in reasons
        and (now := _display(field, record)) != (was := _display(field, heard.before))
    )
    return Event(record, str(record.model._meta.verbose_name).capitalize(), why, changed)


def _display(field: Field[object, object], record: Record | None) -> str:
    text = record.text(field.attname) if record else ""
    return str(dict(field.flatchoices).get(text, text))


def _placement(heard: Heard) -> Event:
    record = heard.record
    states = dict(Placement._meta.get_field("state").choices or ())

    def space(of: Record) -> str:
        seen = heard.told.read is None or int(of.text("space_id")) in heard.told.read
        return of.text("space__name") if seen else HIDDEN

    fields: tuple[tuple[str, Callable[[Record], str]], ...] = (
        ("Name", lambda of: of.text("name")),
        ("Purpose", lambda of: of.text("purpose")),
        ("Space", space),
        ("Product owner", lambda of: of.text("owner__name")),
        ("State", lambda of: str(states.get(of.text("state"), of.text("state")))),
    )
    changed = tuple(
        Changed(label, was, now)
        for label, words in fields
        if (now := words(record)) != (was := words(heard.before) if heard.before else "")
    )
    what = "Workload changed" if heard.before else "Workload recorded"
    return Event(record, what, record.text("reason"), changed)


def _estimate(heard: Heard) -> Event:
    record = heard.record
    what = "Estimate revised" if heard.record.version > 1 else "Estimate recorded"
    sides = [named_side(heard.told.standing, "", v, None) for v in _pair(record)]
    return _versions(record, what, sides, heard.told)


def _case(heard: Heard) -> Event:
    record = heard.record
    retracted = record.text("retracted").lower() in {"t", "true"}
    did = "retracted" if retracted else "revised" if record.version > 1 else "declared"
    what = f"Business case {did}"
    sides = [
        replace(named_side(heard.told.standing, "", None, v), schedule=None) for v in _pair(record)
    ]
    return _versions(record, what, sides, heard.told)


def _pair(record: Record) -> list[int]:
    return [record.version - 1, record.version] if record.version > 1 else [record.version]


def _versions(record: Record, what: str, sides: list[Side], told: Told) -> Event:
    """Set a version beside the one before it, with what changed."""
    title = "Estimate" if record.model is EstimateSnapshot else "Business case"
    titled = [replace(side, title=f"v{v}") for side, v in zip(sides, _pair(record), strict=True)]
    between = [("Change", 0, 1)] if len(titled) > 1 else []
    month = month_of(localdate(told.known_at))
    found = compare(titled, between, month, told.bounds, told.about)
    parts = tuple(
        replace(part, lines=tuple(line for line in part.lines if line.changed or not between))
        for part in found.parts
        if part.title == title
    )
    shown = tuple(part for part in parts if part.lines)
    return Event(record, what, record.text("reason"), parts=shown, mark=_baseline(record))


def _baseline(record: Record) -> str:
    return "version 1, baseline" if record.version == 1 else f"version {record.version}"


def _confirmation(heard: Heard) -> Event:
    record = heard.record
    basis = dict(Confirmation.Basis.choices).get(record.text("basis"), record.text("basis"))
    what = f"Version {record.text('estimate__version')} of the estimate came into force"
    return Event(record, what, record.text("note"), mark=str(basis))


def _decline(heard: Heard) -> Event:
    record = heard.record
    how = "withdrawn" if record.text("how") == "withdrawn" else "declined"
    return Event(record, f"Version {record.text('estimate__version')} of the estimate was {how}")


def _step(heard: Heard) -> Event:
    record = heard.record
    states = dict(RequestStep._meta.get_field("to_state").choices or ())
    was, now = (str(states[record.text(name)]) for name in ("from_state", "to_state"))
    name = record.text("request__name") or "Untitled request"
    # A first approval of two leaves it where it was.
    if was == now:
        said = f"Business Request “{name}”: still {now.lower()}"
        return Event(record, said, record.text("note"))
    said = f"Business Request “{name}”: {now.lower()}"
    return Event(record, said, record.text("note"), (Changed("State", was, now),))


def _comment(heard: Heard) -> Event:
    record = heard.record
    return Event(record, "Comment on the Business Request", record.text("text"))


def _decision(heard: Heard) -> Event:
    record = heard.record
    outcome = str(dict(Decision.Outcome.choices)[record.text("outcome")])
    acknowledged = dict(Decision.Acknowledgement.choices).get(record.text("acknowledgement"), "")
    behalf = record.text("on_behalf_of__name")
    changed = tuple(
        Changed(label, "", text)
        for label, text in (("Acknowledgement", str(acknowledged)), ("On behalf of", behalf))
        if text
    )
    return Event(record, f"Decision: {outcome.lower()}", record.text("rationale"), changed)


def _closing(heard: Heard) -> Event:
    record = heard.record
    month = formats.month(date.fromisoformat(record.text("period")))
    cause = str(dict(MonthClosing.Cause.choices)[record.text("cause")]).lower()
    return Event(record, f"{month}: {cause}", record.text("reason"))


def _restated(heard: Heard) -> Event | None:
    """Tell a month that came to something else than before, once it had ended."""
    record = heard.record
    period = date.fromisoformat(record.text("run__period"))
    is_over = localdate(record.at) >= add_months(period, 1)
    counts = record.text("run__counts").lower() in {"t", "true"}
    if heard.before is None or not counts or not is_over:
        return None
    was, now = (_amount(each, heard.told) for each in (heard.before, record))
    difference = change(was, now)
    if difference is None or not difference.amount:
        return None
    cause = str(dict(AttributionRun.Cause.choices)[record.text("run__cause")])
    about = month_named(heard.told.about, period)
    at = f"known_at={record.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    named = replace(about, at=at).made(What.MONTH_ACTUAL)
    return Event(
        record,
        f"Spend of {formats.month(period)} restated",
        record.text("run__reason") or cause,
        amounts=(("now", now.explained_as(named)),),
        mark=cause,
    )


def _amount(record: Record, told: Told) -> Figure:
    text = record.text(told.basis) or record.text(told.basis.removeprefix("net_"))
    return Figure(to_cents(Decimal(text)), CURRENCY, Kind.ACTUAL)


def _gap_opened(heard: Heard) -> Event:
    record = heard.record
    kind = str(GapKind(record.text("kind")).label)
    since = formats.day(date.fromisoformat(record.text("since")))
    return Event(
        record, f"Allocation Gap opened: {kind}", record.text("detail"), mark=f"since {since}"
    )


def _gap_acted(heard: Heard) -> Event:
    record = heard.record
    kind = str(GapKind(record.text("kind")).label)
    act = GapAction.Act(record.text("act"))
    over = act is GapAction.Act.OVERRUN
    did = "its month closed above the estimate" if over else str(act.label).lower()
    return Event(record, f"Allocation Gap, {kind}: {did}", record.text("rationale"))


def _rule(heard: Heard) -> Event:
    """Tell an attribution rule by what is on the bill that it gives to the workload."""
    record = heard.record
    active = record.text("active").lower() in {"t", "true"}
    did = "retired" if not active else "changed" if heard.before else "made"
    wanted = {label: record.text(name) for name, label in RULE_LABELS.items() if name != RULE_TAG}
    if record.text("tag_key"):
        wanted[f"tag {record.text('tag_key')}"] = record.text("tag_value")
    since = date.fromisoformat(record.text("effective_from"))
    wanted["counts from"] = "" if since == DAWN else formats.day(since)
    changed = tuple(Changed(label.capitalize(), "", text) for label, text in wanted.items() if text)
    return Event(record, f"Attribution rule {did}", record.text("reason"), changed)


def _reviewed(heard: Heard) -> Event:
    """Tell what a budget review said of the workload, once it was closed."""
    record = heard.record
    directions = dict(Direction.choices)
    band, proposed, direction = (record.text(n) for n in ("band", "proposed", "direction"))
    said = (
        ("Investment Prospect", str(LOOK_OF[band].label)),
        ("The method pointed to", str(directions.get(proposed, ""))),
        ("The review said", str(directions.get(direction, "no direction"))),
    )
    changed = tuple(Changed(label, "", words) for label, words in said)
    what = f"Looked at in “{record.text('closing__name')}”"
    return Event(record, what, record.text("notes"), changed, mark="budget review")


Tell = Callable[[Heard], Event | None]
TOLD: Mapping[type[FrozenRecord], Tell] = {
    Placement: _placement,
    EstimateSnapshot: _estimate,
    CaseSnapshot: _case,
    Confirmation: _confirmation,
    Decline: _decline,
    RequestStep: _step,
    Comment: _comment,
    Decision: _decision,
    MonthClosing: _closing,
    MonthTotal: _restated,
    GapOpening: _gap_opened,
    GapAction: _gap_acted,
    RuleVersion: _rule,
    Reviewed: _reviewed,
}
