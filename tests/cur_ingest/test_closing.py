"""Closing a month: it stays as it was until somebody takes a later delivery over, on purpose."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test import Client

from cur_ingest.actions import (
    RuleTerms,
    add_rule,
    close_month,
    load_deliveries,
    reopen_month,
    take_over,
)
from cur_ingest.bases import BASES
from cur_ingest.closing import month_states
from cur_ingest.models import (
    AttributionRun,
    ClosedTotal,
    DailyLine,
    Delivery,
    MonthClosing,
    Part,
    RuleVersion,
    SignalVersion,
)
from cur_ingest.proof import read_month
from cur_ingest.reports import seen_of_month, waiting_runs
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.spend import bedrock, close_september, closed_periods, load, rule_for
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)
CLOSE, REOPEN = "/spend/2026-09/close/", "/spend/2026-09/reopen/"
TAX = {"line_item_line_item_type": "Tax"}
RECORDS = r'<section[^>]*aria-labelledby="chain".*?</section>'


@pytest.fixture(autouse=True)
def _october(travel: Callable[[datetime], None]) -> None:
    """The delivered month is over, and by the rule not closed yet."""
    travel(datetime(2026, 10, 3, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    return chat


def seen(period: date = SEPTEMBER) -> str:
    return seen_of_month(month_states(now())[period], now())


def restate(folder: Path, *rows: dict[str, object], execution: str = "e-2") -> AttributionRun:
    """Load a later delivery into a closed month; return the run that waits."""
    load(folder, *rows, execution=execution)
    return waiting_runs(now()).get()


def as_user(cast: Cast, name: str = "felix") -> Client:
    client = Client()
    client.force_login(getattr(cast, name))
    return client


def shown(cast: Cast, chat: Workload) -> list[str]:
    """What pages show of spend: without times, tokens, and how many records there are by now."""
    client = as_user(cast)
    pages = ["/", "/spend/export.csv", chat.get_absolute_url(), "/gaps/", "/maturity/"]
    texts = [client.get(page).content.decode() for page in pages]
    assert "$10" in texts[2]
    return [re.sub(rf"(?s){RECORDS}|<[^>]+>|\d\d:\d\d", " ", text) for text in texts]


def test_closing_records_every_total_and_what_it_comes_from(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10.5), bedrock("", 3.25), bedrock("", 2) | TAX)
    closing = close_september(cast)
    assert (closing.version, closing.cause, closing.recorded_by) == (1, "closed", cast.felix)
    assert closing.reason == "The books are closed."
    assert closing.rules == [RuleVersion.objects.get().pk]
    active = SignalVersion.objects.filter(active=True).values_list("pk", flat=True)
    assert closing.signals == sorted(active)
    totals = ClosedTotal.objects.filter(closing=closing)
    assert {t.run.delivery for t in totals} == {Delivery.objects.get()}
    for basis in BASES:
        amounts = {t.part: t.amount for t in totals if t.basis == basis}
        assert amounts == dict.fromkeys(Part.values, Decimal(0)) | {
            "attributed": Decimal("10.5"),
            "unclaimed": Decimal("3.25"),
            "tax": Decimal(2),
        }


def test_closed_by_finance_is_closed_at_once_and_the_rule_ends_there(
    cast: Cast, chat: Workload, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    load(tmp_path, bedrock("chat", 10))
    assert closed_periods(now()) == []
    close_september(cast)
    assert closed_periods(now()) == [SEPTEMBER]
    assert month_states(now())[SEPTEMBER].words == "closed by finance"
    before = datetime(2026, 10, 3, 11, tzinfo=UTC)
    assert closed_periods(before) == []
    reopen_month(actor=cast.felix, period=SEPTEMBER, seen=seen(), reason="An invoice is missing.")
    # The organisation closes months itself now: no rule closes this one.
    travel(datetime(2026, 12, 24, 12, tzinfo=UTC))
    assert closed_periods(now()) == []
    close_september(cast)
    assert closed_periods(now()) == [SEPTEMBER]
    assert [c.version for c in month_states(now())[SEPTEMBER].closings] == [3, 2, 1]


def test_what_the_rule_had_closed_stays_closed(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    load(tmp_path / "one", bedrock("", 1))
    travel(datetime(2026, 10, 16, 12, tzinfo=UTC))
    assert month_states(now())[SEPTEMBER].words == "closed by rule"
    from_august = tmp_path / "two"
    load(from_august, bedrock("", 1))
    assert month_states(now())[SEPTEMBER].words == "closed by rule"
    page = as_user(cast).get("/spend/").content.decode()
    assert "closed by rule" in page
    close_september(cast)
    assert closed_periods(now()) == [SEPTEMBER]


def test_a_month_that_is_not_over_is_not_closed(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 9, 30, 23, 59, tzinfo=UTC))
    load(tmp_path, bedrock("", 1))
    with pytest.raises(RefusedError, match="not over"):
        close_september(cast)
    assert CLOSE not in as_user(cast).get("/spend/").content.decode()
    travel(datetime(2026, 10, 1, 0, 1, tzinfo=UTC))
    assert close_september(cast).version == 1


def test_after_closing_a_restatement_changes_nothing_until_it_is_taken_over(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    other = added(cast, proposal(cast, name="Other"))
    load(tmp_path, bedrock("chat", 10), bedrock("", 3))
    close_september(cast)
    before = shown(cast, chat)
    figures = read_month(SEPTEMBER, now()).proofs
    lines = set(DailyLine.objects.counting().values_list("pk", flat=True))
    run = restate(tmp_path, bedrock("chat", 12.5), bedrock("", 3), bedrock("", 1) | TAX)
    assert shown(cast, chat) == before
    assert read_month(SEPTEMBER, now()).proofs == figures
    assert set(DailyLine.objects.counting().values_list("pk", flat=True)) == lines
    page = as_user(cast, "erin").get("/spend/").content.decode()
    assert "adjustment waiting" in page
    detail = as_user(cast, "erin").get(f"/spend/adjustments/{run.pk}/")
    adjustment = detail.context["adjustment"]
    assert adjustment.differs
    for basis in BASES:
        parts = {line.label: line.changes[basis].difference.amount for line in adjustment.parts}
        assert parts["Attributed to workloads"] == Decimal("2.5")
        assert parts["Tax"] == 1
        assert parts["Unclaimed AI spend"] == 0
        (workload,) = adjustment.workloads
        assert workload.workload == chat
        change = workload.changes[basis]
        assert (change.closed.amount, change.delivered.amount) == (10, Decimal("12.5"))
        assert adjustment.total.changes[basis].difference.amount == Decimal("3.5")
    # Changed rules leave it alone too.
    terms = RuleTerms(priority=1, workload=other, tag_key="workload", tag_value="chat")
    add_rule(actor=cast.felix, terms=terms, reason="It is another's now.")
    assert shown(cast, chat)[1:3] == before[1:3]
    answer = as_user(cast).post(f"/spend/adjustments/{run.pk}/", {"reason": "AWS corrected it."})
    assert answer.status_code == 302
    month = read_month(SEPTEMBER, now())
    assert month.shown.of(Part.ATTRIBUTED).amount == Decimal("12.5")
    assert not month.adjustments
    assert [c.cause for c in month.state.closings] == ["taken_over", "closed"]
    latest = month.state.closings[0]
    assert (latest.reason, latest.recorded_by) == ("AWS corrected it.", cast.felix)
    total = ClosedTotal.objects.get(closing=latest, part=Part.ATTRIBUTED, basis="unblended")
    assert total.amount == Decimal("12.5")
    assert total.run.cause == "taken_over"
    # What was closed is under the rules that it was closed with.
    assert latest.rules == month.state.closings[1].rules
    assert set(DailyLine.objects.values_list("delivery__version", flat=True)) == {2}
    assert shown(cast, chat) != before
    # What was known before stays as it was.
    assert read_month(SEPTEMBER, run.recorded_at).shown.of(Part.ATTRIBUTED).amount == 10


def test_a_workload_is_not_claimed_by_what_only_waits(cast: Cast, tmp_path: Path) -> None:
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    load(tmp_path, bedrock("", 3))
    close_september(cast)
    Workload.objects.filter(pk=chat.pk).update(state="proposed")
    restate(tmp_path, bedrock("chat", 3), bedrock("", 3))
    chat.refresh_from_db()
    assert chat.state == "proposed"


def test_an_adjustment_is_told_in_the_chosen_basis_and_opens_in_every_one(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    run = restate(tmp_path, bedrock("chat", 12))
    page = as_user(cast).get(f"/spend/adjustments/{run.pk}/").content.decode()
    first, folded = page.split('<details class="fold">')
    assert "Amortised cost." in first
    assert 'data-label="Basis"' not in first
    for basis in ("Amortised", "Unblended", "Net amortised", "Net unblended"):
        # The part, the workload, and the whole delivery.
        assert folded.count(f'data-label="Basis">{basis}<') == 3


def test_a_later_delivery_takes_the_place_of_the_one_that_waits(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    first = restate(tmp_path, bedrock("chat", 12))
    second = restate(tmp_path, bedrock("chat", 11), execution="e-3")
    assert set(DailyLine.objects.values_list("delivery__version", flat=True)) == {1, 3}
    with pytest.raises(StaleError):
        take_over(actor=cast.felix, run=first, reason="Late.")
    late = as_user(cast).post(f"/spend/adjustments/{first.pk}/", {"reason": "Late & typed."})
    assert late.status_code == 409
    assert "Late &amp; typed." in late.content.decode()
    take_over(actor=cast.felix, run=second, reason="The last one.")
    assert DailyLine.objects.aggregate(u=Sum("unblended"))["u"] == 11


def test_deliveries_say_what_came_after_its_month_was_closed(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    run = restate(tmp_path, bedrock("chat", 12))
    page = as_user(cast).get("/spend/deliveries/").content.decode()
    assert "kept beside it" in page
    assert f"/spend/adjustments/{run.pk}/" in page
    administrators = as_user(cast, "adam").get("/spend/deliveries/").content.decode()
    assert "kept beside it" in administrators
    assert "/spend/adjustments/" not in administrators
    take_over(actor=cast.felix, run=run, reason="Late usage.")
    assert "kept beside it" not in as_user(cast).get("/spend/deliveries/").content.decode()


def test_a_delivery_that_agrees_says_so(cast: Cast, chat: Workload, tmp_path: Path) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    run = restate(tmp_path, bedrock("chat", 4), bedrock("chat", 6))
    page = as_user(cast).get(f"/spend/adjustments/{run.pk}/").content.decode()
    assert "There is nothing to take over" in page
    month = as_user(cast).get("/spend/").content.decode()
    assert "it agrees with what was closed" in month


def test_what_waits_is_under_the_rules_of_the_closed_month(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    other = added(cast, proposal(cast, name="Other"))
    terms = RuleTerms(priority=1, workload=other, tag_key="workload", tag_value="chat")
    add_rule(actor=cast.felix, terms=terms, reason="It is another's now.")
    run = restate(tmp_path, bedrock("chat", 12))
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    assert [line.workload for line in adjustment.workloads] == [chat]
    take_over(actor=cast.felix, run=run, reason="AWS corrected it.")
    assert [row.workload for row in read_month(SEPTEMBER, now()).workloads] == [chat]
    again = restate(tmp_path, bedrock("chat", 13), execution="e-3")
    assert again.ruled_at == run.ruled_at
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    assert [line.workload for line in adjustment.workloads] == [chat]


def test_nobody_closes_a_month_that_they_did_not_see(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    old = seen()
    load(tmp_path, bedrock("chat", 11), execution="e-2")
    answer = as_user(cast).post(CLOSE, {"reason": "Done & dusted.", "seen": old})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Done &amp; dusted." in page
    assert f'value="{seen()}"' in page
    assert not MonthClosing.objects.exists()
    answer = as_user(cast).post(CLOSE, {"reason": "Done.", "seen": seen()})
    assert answer.status_code == 302
    assert as_user(cast).post(CLOSE, {"reason": "Done.", "seen": seen()}).status_code == 422
    assert as_user(cast).post(CLOSE, {"reason": "", "seen": seen()}).status_code == 422


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia", "sam"])
def test_only_finance_closes_opens_and_takes_over(cast: Cast, tmp_path: Path, name: str) -> None:
    load(tmp_path, bedrock("", 10))
    close_september(cast)
    run = restate(tmp_path, bedrock("", 12))
    actor = getattr(cast, name)
    client = as_user(cast, name)
    for address in (CLOSE, REOPEN, f"/spend/adjustments/{run.pk}/"):
        body = {"reason": "Mine.", "seen": seen()}
        assert client.post(address, body).status_code == 403
    acts: list[Callable[[], MonthClosing]] = [
        lambda: close_month(actor=actor, period=SEPTEMBER, seen=seen(), reason="Mine."),
        lambda: reopen_month(actor=actor, period=SEPTEMBER, seen=seen(), reason="Mine."),
        lambda: take_over(actor=actor, run=run, reason="Mine."),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert MonthClosing.objects.count() == 1


def test_addresses_of_months_that_are_not_there(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("", 10))
    client = as_user(cast)
    for address in ("/spend/2026-08/close/", "/spend/x/close/", "/spend/adjustments/99/"):
        assert client.get(address).status_code == 404


def test_a_new_export_in_a_closed_month_waits_too(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path / "one", bedrock("chat", 10))
    close_september(cast)
    run = restate(tmp_path / "two", bedrock("chat", 5))
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    assert adjustment.closed is None
    assert adjustment.total.changes["unblended"].difference.amount == 5
    assert read_month(SEPTEMBER, now()).shown.total.amount == 10
    take_over(actor=cast.felix, run=run, reason="It is ours.")
    assert read_month(SEPTEMBER, now()).shown.total.amount == 15


def test_loading_the_same_again_is_no_adjustment(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    (again,) = load_deliveries(actor=None, location=str(tmp_path))
    assert again.outcome == "unchanged"
    assert not waiting_runs(now()).exists()


def test_the_database_keeps_a_run_out_of_a_closed_month_that_its_closing_does_not_name(
    cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    run = restate(tmp_path, bedrock("chat", 11))
    take_over(actor=cast.felix, run=run, reason="AWS is right.")
    connection.check_constraints()

    @transaction.atomic
    def by_hand(cause: str) -> None:
        AttributionRun.objects.create(
            export=run.export, period=SEPTEMBER, delivery=run.delivery, cause=cause, reason="So."
        )
        connection.check_constraints()

    for cause in AttributionRun.Cause.values:
        with pytest.raises(IntegrityError, match="its closing does not name this run"):
            by_hand(cause)
    # Opened, it is a month like any other.
    reopen_month(actor=cast.felix, period=SEPTEMBER, seen=seen(), reason="Once more.")
    by_hand("rules")
