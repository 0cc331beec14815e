"""The rule form: splits, first days, lists; and the pages that say what rules say and said."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cur_ingest.actions import RuleTerms, Since, add_rule, change_rule, retire_rule
from cur_ingest.models import DailyLine, MonthTotal, RuleVersion
from cur_ingest.splitting import Share
from spaces.models import Workload
from tests.business_cases.typed import fields_of
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import BEDROCK, Travel, by_tag, load, rule
from tests.cur_ingest.test_pages import BACK, as_user
from tests.cur_ingest.test_splits import fixed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.fixture
def search(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Search"))


def test_a_split_is_made_and_changed_through_the_form(
    client: Client, cast: Cast, chat: Workload, search: Workload, tmp_path: Path
) -> None:
    load(tmp_path, BEDROCK)
    as_user(client, cast.felix)
    typed = {
        "split": "fixed",
        "share_1": str(chat.pk),
        "percent_1": "33.3",
        "share_3": str(search.pk),
        "percent_3": "66.7",
        "account": "1,\n2",
        "priority": "5",
        "reason": "One gateway.",
        **BACK,
    }
    assert client.post("/spend/rules/new/", typed).status_code == 302
    version = RuleVersion.objects.get()
    assert version.targets == (
        Share(chat.pk, Decimal("33.3")),
        Share(search.pk, Decimal("66.7")),
    )
    run = MonthTotal.objects.latest("pk").run
    assert MonthTotal.objects.get(run=run, workload=chat).amortised == Decimal("0.4995")
    address = f"/spend/rules/{version.rule_id}/"
    again = fields_of(client.get(address))
    assert (again["percent_2"], again["share_2"]) == ("66.70000000", str(search.pk)) or (
        Decimal(again["percent_2"]) == Decimal("66.7")
    )
    assert again["account"] == "1,\n2"
    changed = again | {"split": "proportional", "reason": "By use."}
    assert client.post(address, changed).status_code == 302
    latest = RuleVersion.objects.latest("version")
    assert latest.targets == (Share(chat.pk), Share(search.pk))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"percent_2": "66"}, "add up to 99.3, not to 100"),
        ({"percent_2": ""}, "percentage above 0"),
        ({"share_2": ""}, "add up to 33.3"),
        ({"share_1": "", "share_2": ""}, "Name the workloads"),
        ({"split": ""}, "Choose the workload"),
        ({"split": "half"}, "Select a valid choice"),
        ({"percent_1": "33.333333333"}, "no more than 8 decimal"),
        ({"effective_from": "2026-09-19"}, "Past days keep the rules of their time"),
        ({"effective_from": "soon"}, "Enter a valid date"),
        ({"account": " , "}, "at least one condition"),
    ],
)
def test_what_makes_no_whole_is_sent_back(  # noqa: PLR0917 - fixtures
    client: Client,
    cast: Cast,
    chat: Workload,
    search: Workload,
    typed: dict[str, str],
    said: str,
) -> None:
    whole = {
        "split": "fixed",
        "share_1": str(chat.pk),
        "percent_1": "33.3",
        "share_2": str(search.pk),
        "percent_2": "66.7",
        "account": "1",
        "priority": "5",
        "reason": "One gateway.",
    }
    answer = as_user(client, cast.felix).post("/spend/rules/new/", whole | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not RuleVersion.objects.exists()


def test_a_rule_from_today_leaves_the_days_before(
    client: Client, cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    on_the_day = {"line_item_usage_start_date": datetime(2026, 9, 20, 1, tzinfo=UTC)}
    load(tmp_path, BEDROCK, BEDROCK | on_the_day)
    as_user(client, cast.felix)
    begin = fields_of(client.get("/spend/rules/new/"))
    assert begin["effective_from"] == "2026-09-20"
    typed = begin | {"workload": str(chat.pk), "account": "*", "reason": "From now on."}
    answer = client.post("/spend/rules/new/", typed, follow=True)
    said = "The rule counts from 20 Sep 2026 on; spend of days before stays where it is."
    assert said in answer.content.decode()
    assert [line.account for line in DailyLine.objects.filter(workload=chat)] == ["2"]
    assert RuleVersion.objects.get().effective_from == date(2026, 9, 20)


def test_rules_are_listed_by_what_counts_today_and_said_in_words(
    client: Client, cast: Cast, chat: Workload, search: Workload
) -> None:
    one = rule(cast, by_tag(chat, region="eu-*, us-*"))
    rule(cast, fixed((chat, "60"), (search, "40"), account="7"))
    change_rule(
        actor=cast.felix,
        rule=one.rule,
        seen=1,
        terms=by_tag(search),
        reason="It moves in October.",
        since=Since(date(2026, 10, 1)),
    )
    add_rule(
        actor=cast.felix,
        terms=RuleTerms(3, search, account="8"),
        reason="Next month.",
        since=Since(date(2026, 10, 1)),
    )
    over = rule(cast, by_tag(chat, "old"))
    retire_rule(actor=cast.felix, rule=over.rule, seen=1, reason="Over.")
    answer = as_user(client, cast.erin).get("/spend/rules/")
    groups = {
        group.key: [listed.version.account or listed.version.tag_value for listed in group.rules]
        for group in answer.context["groups"]
    }
    assert groups == {"one": ["chat"], "shared": ["7"], "coming": ["8"], "retired": ["old"]}
    page = " ".join(answer.content.decode().split())
    assert "region is <code >eu-*, us-*</code>" in page
    assert "Chat 60%" in page
    assert "from 1 Oct 2026 on v2" in page
    assert "New rule" not in page


def test_the_history_says_who_when_why_and_what_changed(
    client: Client, cast: Cast, chat: Workload, search: Workload
) -> None:
    first = rule(cast, by_tag(chat))
    terms = fixed((chat, "60"), (search, "40"), account="7")
    change_rule(actor=cast.felix, rule=first.rule, seen=1, terms=terms, reason="Two use it.")
    retire_rule(actor=cast.felix, rule=first.rule, seen=2, reason="Over.")
    address = f"/spend/rules/{first.rule_id}/history/"
    answer = as_user(client, cast.erin).get(address)
    versions = [
        (version.version, [(c.label, c.before, c.after) for c in changed])
        for version, _, changed in answer.context["history"]
    ]
    assert versions == [
        (3, [("In use", "yes", "no, retired")]),
        (
            2,
            [
                ("Tag workload", "chat", ""),
                ("Goes to", "Chat", "Chat 60%, Search 40%"),
                ("Priority", "100", "50"),
                ("Account", "", "7"),
            ],
        ),
        (1, []),
    ]
    for text in ("Felix Example", "Two use it.", "the beginning", "20 Sep 2026"):
        assert text in answer.content.decode()
    for name in ("olivia", "adam", "sam"):
        assert as_user(client, getattr(cast, name)).get(address).status_code == 403
    assert as_user(client, cast.erin).get("/spend/rules/99999/history/").status_code == 404


def test_a_rule_that_changed_meanwhile_is_not_retired_unread(
    client: Client, cast: Cast, chat: Workload
) -> None:
    made = rule(cast, by_tag(chat))
    as_user(client, cast.felix)
    address = f"/spend/rules/{made.rule_id}/retire/"
    typed = fields_of(client.get(address)) | {"reason": "Over."}
    terms = by_tag(chat, "renamed")
    change_rule(actor=cast.felix, rule=made.rule, seen=1, terms=terms, reason="Renamed.")
    late = client.post(address, typed)
    assert late.status_code == 409
    # The page is about the rule as it is now, and its form is made from that.
    assert "renamed" in late.content.decode()
    assert client.post(address, fields_of(late)).status_code == 302
    assert not RuleVersion.objects.latest("pk").active


def test_queries_do_not_grow_with_rules_and_workloads(client: Client, cast: Cast) -> None:
    as_user(client, cast.felix)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def more(number: int) -> None:
        for each in range(number):
            workload = added(cast, proposal(cast, name=f"W{number}-{each}"))
            rule(cast, fixed((workload, "100"), account=f"{each}"))

    more(1)
    pages = ("/spend/rules/", "/spend/rules/new/")
    before = [queries(page) for page in pages]
    more(4)
    assert [queries(page) for page in pages] == before
