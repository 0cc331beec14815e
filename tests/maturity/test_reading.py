"""What Governance Maturity is read from: which facts count, of which moment, for whom.

The figures are computed by hand from what `live` records.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapKind
from business_cases import reading as facts
from business_cases.actions import retract_case
from business_cases.models import BusinessRequest
from business_cases.projection import Terms
from maturity import reading
from maturity.counting import estimates, share_of
from maturity.evidence import Evidence, Subject
from maturity.reading import everybody, read_evidence
from maturity.reports import read_maturity
from maturity.score import Dimension, Measure, Share
from positions.reader import Reader
from records.clock import now
from spaces.actions import stop_workload
from spaces.models import Workload
from tests.allocation_gaps.looked import gap_of
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import Cast, added, proposal, submitted
from tests.clock import Travel
from tests.maturity.test_maturity import confirm, declare
from tests.spend import bedrock, load, load_months, rule_for
from tests.standing import living
from valueboard.lib.moment import end_of

MAY, AUGUST = date(2026, 5, 1), date(2026, 8, 1)
TERMS = Terms(Decimal(100), Decimal(0), MAY, 12, MAY)
# Dollars by tag; no rule claims what has none.
SPEND = {
    date(2026, 6, 1): {"desk": "90", "refused": "10", "": "100"},
    date(2026, 7, 1): {"desk": "50", "": "50"},
    AUGUST: {"desk": "90", "": "10"},
}
APPROVED = ["Over", "Halted", "Otherwise", "Knowingly"]


def asked(cast: Cast, name: str, **more: Any) -> BusinessRequest:
    return submitted(cast, proposal(cast, name=name, **({"estimate": TERMS} | more)))


def named(name: str) -> Workload:
    return Workload.objects.get(name=name)


def live(cast: Cast, travel: Travel, folder: Path) -> Cast:
    """From May to 20 September 2026: June, July and August are closed."""
    travel(datetime.fromisoformat("2026-05-10T12:00:00Z"))
    desk = added(cast, proposal(cast, name="Desk", estimate=TERMS))
    confirm(cast, desk)
    added(cast, proposal(cast, name="Waiting", estimate=TERMS, case=None))
    asked(cast, "Proposed")
    one = replace(TERMS, months=1)
    approve(cast.priya, asked(cast, "Over", estimate=one))
    approve(cast.priya, asked(cast, "Halted"))
    approve(cast.priya, asked(cast, "Otherwise"), acknowledgement="other_reason")
    approve(cast.priya, asked(cast, "Knowingly", case=None), acknowledgement="no_value")
    refused = asked(cast, "Refused")
    approve(cast.priya, refused, outcome="rejected", acknowledgement="")
    rule_for(cast.felix, desk, "desk")
    rule_for(cast.felix, workload_of(refused), "refused")
    halted = named("Halted")
    stop_workload(actor=cast.olivia, workload=halted, seen=halted.seen, reason="No need.")
    load_months(folder, travel, SPEND)
    return cast


lived = living("lived", live)


def read(cast: Cast, at: datetime | None = None) -> Evidence:
    return read_evidence(Reader.of(cast.felix), at or now())


def subject(evidence: Evidence, name: str) -> Subject:
    (found,) = [each for each in evidence.subjects if each.name == name]
    return found


def why(evidence: Evidence, measure: Measure) -> dict[str, str]:
    """Say by workload why it counts or doesn't."""
    rows = estimates(evidence)[measure]
    return {row.of.name: row.why for row in rows}


def test_the_last_closed_month_counts(lived: Cast) -> None:
    """Of June, July and August it is August: 90 of 100, and 10 below an estimate of 100."""
    found = read_maturity(Reader.of(lived.felix), now())
    assert found.evidence.period == AUGUST
    desk = subject(found.evidence, "Desk")
    assert (desk.spend, desk.planned) == (Decimal(90), Decimal(100))
    assert desk.first_cost == date(2026, 6, 1), "of all months, not of the last"
    shares = found.scores[Dimension.ATTRIBUTION].shares
    assert shares[Measure.ATTRIBUTED] == Share(Decimal(90), Decimal(100))
    shares = found.scores[Dimension.ACCURACY].shares
    assert shares[Measure.WITHIN_RUN] == Share(Decimal(1), Decimal(1))


def test_of_a_past_day_it_is_the_month_that_was_closed_then(lived: Cast) -> None:
    found = read_maturity(Reader.of(lived.felix), end_of(date(2026, 8, 31)), by_group=False)
    assert found.evidence.period == date(2026, 7, 1)
    shares = found.scores[Dimension.ATTRIBUTION].shares
    assert shares[Measure.ATTRIBUTED] == Share(Decimal(50), Decimal(100))
    shares = found.scores[Dimension.ACCURACY].shares
    assert shares[Measure.WITHIN_WALK] == Share(Decimal(0), Decimal(1))


def test_claimed_workloads_that_have_not_ended_count(lived: Cast) -> None:
    """Not the proposed one, the stopped one, nor the one whose funding and spend are over."""
    found = read(lived)
    on_map = {"Desk", "Waiting", "Otherwise", "Knowingly", "Refused"}
    assert {each.name for each in found.subjects} == on_map
    # Desk, Otherwise and Knowingly have a confirmed estimate; cases: Desk, Otherwise, Refused.
    shares = {measure: share_of(rows) for measure, rows in estimates(found).items()}
    assert shares[Measure.CONFIRMED] == Share(Decimal(3), Decimal(5))
    assert shares[Measure.BACKED] == Share(Decimal(3), Decimal(5))
    # Before three closed months without spend, it had not ended.
    july = read(lived, end_of(date(2026, 7, 31)))
    assert {each.name for each in july.subjects} == on_map | {"Over"}


def test_every_approval_counts_and_those_of_a_declared_case_are_acknowledged(lived: Cast) -> None:
    """Also of what was stopped or has ended; agreed with or funded for another reason."""
    found = read_maturity(Reader.of(lived.felix), now())
    assert [each.name for each in found.evidence.approvals] == APPROVED
    assert [each.acknowledged for each in found.evidence.approvals] == [True, True, True, False]
    shares = found.scores[Dimension.APPROVAL].shares
    assert shares[Measure.ACKNOWLEDGED] == Share(Decimal(3), Decimal(4))


def test_a_retracted_case_is_declared_no_more(lived: Cast) -> None:
    before = now()
    retract_case(actor=lived.olivia, workload=named("Desk"), seen=1, reason="Counted twice.")
    found = read(lived)
    assert share_of(estimates(found)[Measure.BACKED]) == Share(Decimal(2), Decimal(5))
    assert why(found, Measure.BACKED) == {
        "Desk": "its business case was retracted",
        "Waiting": "no declared business case",
        "Otherwise": "a declared business case",
        "Knowingly": "no declared business case",
        "Refused": "a declared business case",
    }
    assert subject(read(lived, before), "Desk").declared, "it was, until then"


def test_what_waits_and_what_was_approved(lived: Cast) -> None:
    """A confirmed estimate is no approval. After a rejection one may still be confirmed."""
    found = read(lived)
    assert {each.name: (each.waits, each.approved) for each in found.subjects} == {
        "Desk": (False, False),
        "Waiting": (True, False),
        "Otherwise": (False, True),
        "Knowingly": (False, True),
        "Refused": (True, False),
    }
    said = why(found, Measure.CONFIRMED)
    assert said["Waiting"] == "estimate waits for a Financial Admin"
    assert said["Refused"] == "estimate waits for a Financial Admin, and it has cost already"


def test_what_came_after_the_moment_counts_for_nothing(
    lived: Cast, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the facts were read up to a later moment."""
    moment = now()
    travel(datetime.fromisoformat("2026-09-22T12:00:00Z"))
    confirm(lived, named("Waiting"))
    approve(lived.priya, BusinessRequest.objects.get(workload=named("Proposed")))
    retract_case(actor=lived.olivia, workload=named("Desk"), seen=1, reason="Counted twice.")
    later = read(lived)
    assert len(subject(later, "Waiting").confirmed) == 1
    assert len(later.approvals) == 5

    def of_both(reader: Reader, moments: Sequence[datetime]) -> Any:
        return facts.read_facts(reader, [*moments, now()])

    alone = read(lived, moment)
    monkeypatch.setattr(reading, "read_facts", of_both)
    for past in (alone, read(lived, moment)):
        waiting = subject(past, "Waiting")
        assert (waiting.confirmed, waiting.waits) == ((), True)
        assert len(past.subjects) == 5
        assert [each.name for each in past.approvals] == APPROVED
        assert subject(past, "Desk").declared
        assert share_of(estimates(past)[Measure.CONFIRMED]) == Share(Decimal(3), Decimal(5))
    assert read(lived, moment) == alone


def test_gaps_of_unclaimed_spend_are_for_who_reads_everything(lived: Cast) -> None:
    """A product owner has those of the workloads they read; the system has all."""
    added(lived, proposal(lived, name="Ours", case=None))
    look_for_gaps()

    def found(reader: Reader) -> set[tuple[str, bool]]:
        openings = read_maturity(reader, now()).evidence.openings
        return {(each.kind, each.space is None) for each in openings}

    whole = found(Reader.of(lived.felix))
    assert ("unclaimed", True) in whole
    assert ("unbacked", False) in whole
    assert found(everybody()) == whole
    assert found(Reader.of(lived.olivia)) == whole - {("unclaimed", True)}
    assert found(Reader.of(lived.oscar)) == set(), "another Space's"


def test_charges_name_no_workload_that_is_not_read(lived: Cast) -> None:
    """They are of the whole bill, whoever reads."""

    def found(reader: Reader) -> list[tuple[str, str, Decimal]]:
        charges = read_evidence(reader, now()).charges
        assert charges
        return [(each.name, each.slug, each.amount) for each in charges.attributed]

    assert found(Reader.of(lived.olivia)) == [("Desk", "desk", Decimal(90))]
    assert found(Reader.of(lived.oscar)) == [(reading.ELSEWHERE, "", Decimal(90))]


def test_a_gap_is_found_acted_on_and_resolved_on_local_days(
    cast: Cast, travel: Travel, settings: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    travel(datetime.fromisoformat("2026-07-02T02:00:00Z"))
    workload = added(cast, proposal(cast, name="Ours", case=None))
    gap = gap_of(cast.felix, workload, GapKind.UNBACKED)
    travel(datetime.fromisoformat("2026-07-06T02:00:00Z"))
    request_from_owner(
        actor=cast.felix, opening=gap.opening, seen=gap.acts.seen, rationale="It has an estimate."
    )
    travel(datetime.fromisoformat("2026-08-01T02:00:00Z"))
    declare(cast, workload)
    look_for_gaps()
    openings = read_maturity(Reader.of(cast.felix), now()).evidence.openings
    (found,) = [each for each in openings if each.kind == GapKind.UNBACKED.value]
    assert [found.day, found.actioned, found.resolved] == [
        date(2026, 7, 1),
        date(2026, 7, 5),
        date(2026, 7, 31),
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "in_time", "day"),
    [
        # 22:00 of 31 August there, but spend of 1 September had begun.
        ("America/New_York", "2026-09-01T02:00:00Z", 0, date(2026, 8, 31)),
        # 05:00 of 1 September there, and spend of that day had not.
        ("Asia/Tokyo", "2026-08-31T20:00:00Z", 1, date(2026, 9, 1)),
    ],
)
def test_a_confirmation_is_of_its_utc_day_and_an_approval_of_the_local_one(
    cast: Cast,
    travel: Travel,
    tmp_path: Path,
    *,
    settings: Any,
    zone: str,
    moment: str,
    in_time: int,
    day: date,
) -> None:
    settings.TIME_ZONE = zone
    travel(datetime.fromisoformat(moment))
    request = asked(cast, "Evening")
    approve(cast.priya, request)
    travel(datetime.fromisoformat("2026-10-16T12:00:00Z"))
    begun = datetime(2026, 9, 1, 3, tzinfo=UTC)
    load(tmp_path, bedrock("evening", 60.0, line_item_usage_start_date=begun))
    rule_for(cast.felix, workload_of(request), "evening")
    found = read(cast)
    assert subject(found, "Evening").first_cost == date(2026, 9, 1)
    assert share_of(estimates(found)[Measure.CONFIRMED]) == Share(Decimal(in_time), Decimal(1))
    assert [each.day for each in found.approvals] == [day]
