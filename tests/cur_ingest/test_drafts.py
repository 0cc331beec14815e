"""Drafts: tried over past months without a trace, and published together or not at all."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    Since,
    add_signal,
    change_rule,
    draft_retirement,
    draft_rule,
    publish_draft,
    take_out,
)
from cur_ingest.bases import BASES
from cur_ingest.drafting import changes_of, draft_of, seen_of_rules
from cur_ingest.dry_run import DryRun, run_dry
from cur_ingest.models import (
    AttributionRun,
    DailyLine,
    DraftedRule,
    MonthTotal,
    RuleDraft,
    RuleVersion,
    SplitPart,
)
from records.clock import now
from spaces.models import Workload
from tests.business_cases.typed import fields_of
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import (
    BEDROCK,
    MARKET,
    UNTAGGED,
    Travel,
    by_tag,
    check_proof,
    load,
    rule,
)
from tests.cur_ingest.test_pages import as_user
from tests.cur_ingest.test_splits import GATEWAY, SHARED, fixed, in_proportion
from tests.spend import close_september
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db
ALL_DAYS = Since(date(2026, 9, 1), on_purpose=True)


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.fixture
def search(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Search"))


def drafted(cast: Cast, terms: RuleTerms, **more: Any) -> DraftedRule:
    revision = draft_of(cast.felix).revision
    return draft_rule(actor=cast.felix, revision=revision, terms=terms, **more)


def retired(cast: Cast, version: RuleVersion) -> None:
    revision = draft_of(cast.felix).revision
    draft_retirement(actor=cast.felix, revision=revision, rule=version.rule, seen=version.version)


def tried(cast: Cast) -> DryRun:
    return run_dry(changes_of(draft_of(cast.felix)), 3, now())


def publish(cast: Cast, seen: str = "", since: Since = ALL_DAYS) -> list[RuleVersion]:
    return publish_draft(
        actor=cast.felix,
        seen=seen or seen_of_rules(draft_of(cast.felix)),
        since=since,
        reason="Tried and agreed.",
    )


def moves(run: DryRun) -> dict[str, Decimal]:
    return {row.name: row.total.change.amount for row in run.rows}


def everything() -> list[Any]:
    """All that a dry run must leave alone."""
    lines = DailyLine.objects.order_by("pk").values_list(
        "spend_class", "workload", "rule_version", *BASES
    )
    counts = [model.objects.count() for model in (AttributionRun, MonthTotal, RuleVersion)]
    return [list(lines), list(SplitPart.objects.order_by("pk").values()), counts]


def test_a_dry_run_says_what_moves_and_writes_nothing(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    old = rule(cast, by_tag(chat))
    load(
        tmp_path,
        BEDROCK | {"line_item_unblended_cost": 4.0},
        SHARED | {"line_item_unblended_cost": 10.0},
        BEDROCK | UNTAGGED | {"line_item_unblended_cost": 1.0},
        MARKET | {"product": {"product_name": "Quietriver"}},
    )
    before = everything()
    drafted(cast, fixed((search, "60"), (chat, "40"), **GATEWAY))
    drafted(cast, by_tag(search), rule=old.rule, seen=1)
    drafted(cast, RuleTerms(9, search, service="quietriver"))
    run = tried(cast)
    assert moves(run) == {
        "Search": Decimal("11.5"),
        "Unclaimed AI spend": Decimal(-10),
        "Unclassified Marketplace": Decimal("-1.5"),
    }
    assert run.moved_in_all.amount == Decimal("11.5")
    assert (run.gains, run.loses) == (1, 0)
    assert {group.label for group in run.closes} == {"workload = gateway", "Quietriver"}
    assert run.opens == ()
    assert everything() == before


def test_a_dry_run_opens_gaps_and_shows_what_stays_shared(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    old = rule(cast, by_tag(chat))
    load(tmp_path, BEDROCK, SHARED)
    retired(cast, old)
    drafted(cast, in_proportion(search, **GATEWAY))
    run = tried(cast)
    # What opens and what closes of unclaimed spend are the same sum here.
    assert moves(run) == {"Chat": Decimal("-1.5"), "Shared, not yet split": Decimal("1.5")}
    assert [group.label for group in run.opens] == ["workload = chat"]
    assert [group.label for group in run.closes] == ["workload = gateway"]


def test_what_is_published_is_what_was_tried_in_every_month(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload, travel: Travel
) -> None:
    rule(cast, by_tag(chat))
    first = rule(cast, by_tag(search, "search"))
    load(
        tmp_path,
        BEDROCK | {"line_item_unblended_cost": 1.0},
        BEDROCK | {"resource_tags": {"user_workload": "search"}},
        SHARED | {"line_item_unblended_cost": 0.1},
    )
    drafted(cast, in_proportion(chat, search, **GATEWAY))
    drafted(cast, by_tag(search, "search*", region="*"), rule=first.rule, seen=1)
    run = tried(cast)
    expected = {row.name: row.total.after.amount for row in run.rows}
    made = publish(cast)
    assert [version.reason for version in made] == ["Tried and agreed."] * 2
    latest = MonthTotal.objects.filter(run=AttributionRun.objects.latest("version"))
    found = dict(latest.values_list("workload__name", "amortised"))
    assert {name: found.get(name, Decimal(0)) for name in ("Chat", "Search")} == {
        name: expected[name] for name in ("Chat", "Search")
    }
    assert expected["Unclaimed AI spend"] == 0
    check_proof()
    assert not RuleDraft.objects.exists()
    assert not DraftedRule.objects.exists()


def test_a_published_draft_leaves_past_days_unless_on_purpose(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    load(tmp_path, BEDROCK)
    drafted(cast, by_tag(chat))
    with pytest.raises(RefusedError, match="on purpose"):
        publish(cast, since=Since(date(2026, 9, 19)))
    assert DraftedRule.objects.count() == 1
    publish(cast, since=Since(date(2026, 9, 20)))
    assert not DailyLine.objects.filter(workload=chat).exists()
    assert RuleVersion.objects.get().effective_from == date(2026, 9, 20)


@pytest.mark.parametrize("what", ["rule", "other rule", "signal", "draft"])
def test_nothing_is_published_but_what_was_tried(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload, what: str
) -> None:
    load(tmp_path, BEDROCK)
    old = rule(cast, by_tag(chat))
    drafted(cast, by_tag(search), rule=old.rule, seen=1)
    seen = seen_of_rules(draft_of(cast.felix))
    acts: dict[str, Callable[[], object]] = {
        "rule": lambda: change_rule(
            actor=cast.felix, rule=old.rule, seen=1, terms=by_tag(chat, "x"), reason="Meanwhile."
        ),
        "other rule": lambda: rule(cast, RuleTerms(1, chat, account="1")),
        "signal": lambda: add_signal(
            actor=cast.felix,
            terms=SignalTerms("product_code", "x", is_ai=True, active=True),
            reason="Meanwhile.",
        ),
        "draft": lambda: drafted(cast, RuleTerms(1, chat, account="1")),
    }
    acts[what]()
    versions = RuleVersion.objects.count()
    with pytest.raises(StaleError):
        publish(cast, seen)
    if what == "rule":
        # Trying it again does not help: the change was drafted of a version that is no more.
        with pytest.raises(StaleError, match="Somebody changed this rule"):
            publish(cast)
    assert RuleVersion.objects.count() == versions
    assert DraftedRule.objects.filter(rule=old.rule).exists()


def test_a_draft_is_ones_own_and_two_tabs_do_not_overwrite(
    cast: Cast, chat: Workload, search: Workload
) -> None:
    first = drafted(cast, by_tag(chat))
    with pytest.raises(StaleError, match="another tab"):
        draft_rule(actor=cast.felix, revision=0, terms=by_tag(search))
    drafted(cast, by_tag(search), drafted=first.pk)
    (change,) = changes_of(draft_of(cast.felix))
    assert change.workload == search
    assert changes_of(draft_of(cast.priya)) == []
    take_out(actor=cast.felix, revision=2, drafted=change.pk)
    with pytest.raises(RefusedError, match="no longer in your draft"):
        take_out(actor=cast.felix, revision=3, drafted=change.pk)
    assert changes_of(draft_of(cast.felix)) == []
    with pytest.raises(StaleError, match="nothing in your draft"):
        publish(cast)


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia", "sam"])
def test_only_finance_drafts(client: Client, cast: Cast, chat: Workload, name: str) -> None:
    actor = getattr(cast, name)
    for act in (
        lambda: draft_rule(actor=actor, revision=0, terms=by_tag(chat)),
        lambda: take_out(actor=actor, revision=0, drafted=1),
        lambda: publish_draft(actor=actor, seen="", since=ALL_DAYS, reason="Mine."),
    ):
        with pytest.raises(PermissionDenied):
            act()
    as_user(client, actor)
    for address in ("", "new/", "run/", "run/export.csv"):
        assert client.get(f"/spend/rules/draft/{address}").status_code == 403


# --- pages ---


def test_drafted_tried_and_published_by_page(
    client: Client, cast: Cast, chat: Workload, search: Workload, tmp_path: Path
) -> None:
    load(tmp_path, BEDROCK, SHARED | {"line_item_unblended_cost": 10.0})
    old = rule(cast, by_tag(chat))
    as_user(client, cast.felix)
    assert client.get("/spend/rules/draft/run/").status_code == 302
    typed = fields_of(client.get("/spend/rules/draft/new/")) | {
        "split": "fixed",
        "share_1": str(chat.pk),
        "percent_1": "75",
        "share_2": str(search.pk),
        "percent_2": "25",
        "tag_key": "workload",
        "tag_value": "gateway",
    }
    assert client.post("/spend/rules/draft/new/", typed | {"percent_2": "24"}).status_code == 422
    assert client.post("/spend/rules/draft/new/", typed).status_code == 302
    again = client.post("/spend/rules/draft/new/", typed)
    assert again.status_code == 409
    assert "another tab" in again.content.decode()
    page = client.get("/spend/rules/draft/").content.decode()
    assert "Chat 75%, Search 25%" in page
    address = f"/spend/rules/draft/rules/{old.rule_id}/"
    fields = {"revision": "1", "seen": "1"}
    assert client.post(f"{address}retire/", fields).status_code == 302
    assert client.post(f"{address}retire/", fields).status_code == 409
    run = client.get("/spend/rules/draft/run/?months=6")
    assert moves(run.context["run"]) == {
        "Chat": Decimal("6.0"),
        "Search": Decimal("2.5"),
        "Unclaimed AI spend": Decimal("-8.5"),
    }
    rows = list(csv.DictReader(StringIO(_text(client, "/spend/rules/draft/run/export.csv"))))
    assert [(row["name"], row["now"], row["with the draft"], row["change"]) for row in rows] == [
        ("Chat", "1.5", "7.5", "6"),
        ("Search", "0", "2.5", "2.5"),
        ("Unclaimed AI spend", "10", "1.5", "-8.5"),
    ]
    body = fields_of(run) | {"reason": "One gateway for both."}
    late = client.post("/spend/rules/draft/run/", body | {"seen": "stale"})
    assert late.status_code == 409
    assert fields_of(late).items() >= {"reason": "One gateway for both."}.items()
    past = body | {"effective_from": "2026-09-01"}
    assert client.post("/spend/rules/draft/run/", past).status_code == 422
    assert RuleVersion.objects.count() == 1
    published = client.post("/spend/rules/draft/run/", past | {"on_purpose": "on"}, follow=True)
    assert "2 changes count from 1 Sep 2026 on" in published.content.decode()
    assert RuleVersion.objects.count() == 3
    check_proof()


def test_a_stale_change_is_marked_and_drafted_again(
    client: Client, cast: Cast, chat: Workload, search: Workload, tmp_path: Path
) -> None:
    load(tmp_path, BEDROCK)
    old = rule(cast, by_tag(chat))
    change = drafted(cast, by_tag(search), rule=old.rule, seen=1)
    change_rule(
        actor=cast.felix, rule=old.rule, seen=1, terms=by_tag(chat, "x"), reason="Meanwhile."
    )
    as_user(client, cast.felix)
    assert "the rule changed since" in client.get("/spend/rules/draft/").content.decode()
    run = client.get("/spend/rules/draft/run/")
    late = client.post("/spend/rules/draft/run/", fields_of(run) | {"reason": "So."})
    assert late.status_code == 409
    address = f"/spend/rules/draft/rules/{old.rule_id}/"
    again = fields_of(client.get(address)) | {"workload": str(search.pk)}
    assert again["tag_value"] == "x"
    assert client.post(address, again).status_code == 302
    assert not DraftedRule.objects.filter(pk=change.pk).exists()
    assert client.get(f"/spend/rules/draft/{change.pk}/").status_code == 404
    run = client.get("/spend/rules/draft/run/")
    assert (
        client.post("/spend/rules/draft/run/", fields_of(run) | {"reason": "So."}).status_code
        == 302
    )


def _text(client: Client, address: str) -> str:
    answer: Any = client.get(address)
    return b"".join(answer.streaming_content).decode()


def test_a_dry_run_of_a_closed_month_moves_what_the_draft_moves(
    cast: Cast, chat: Workload, search: Workload, travel: Travel, tmp_path: Path
) -> None:
    """Rules that changed since it was closed are not the draft's doing."""
    load(tmp_path, BEDROCK, BEDROCK | {"resource_tags": {"user_workload": "bot"}})
    old = rule(cast, by_tag(chat))
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    close_september(cast)
    change_rule(actor=cast.felix, rule=old.rule, seen=1, terms=by_tag(search), reason="Moved.")
    change = drafted(cast, by_tag(search, "nobody-has-it"))
    assert tried(cast).rows == ()
    assert tried(cast).moved_in_all.amount == 0
    drafted(cast, by_tag(search, "bot"), drafted=change.pk)
    amount = DailyLine.objects.get(tags__workload="bot").amortised
    assert moves(tried(cast)) == {"Search": amount, "Unclaimed AI spend": -amount}
