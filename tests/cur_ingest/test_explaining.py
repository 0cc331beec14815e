"""Why is this line here? The answer is made of the SQL that put it there."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cur_ingest.actions import RuleTerms, Since, add_rule, change_rule
from cur_ingest.attribution import attribute
from cur_ingest.explaining import Miss, explain
from cur_ingest.models import AttributionRun, DailyLine, Delivery, Rule, RuleVersion, SignalVersion
from cur_ingest.signals import globs
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import BEDROCK, MARKET, Travel, by_tag, load, rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


def of_account(account: str) -> DailyLine:
    return DailyLine.objects.get(account=account)


def test_the_rule_that_matched_and_why_others_did_not(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    load(tmp_path, BEDROCK, BEDROCK | {"line_item_usage_account_id": "7"})
    first = rule(cast, RuleTerms(1, chat, region="eu-*", account="7"))
    second = rule(cast, by_tag(chat))
    third = rule(cast, RuleTerms(200, chat, account="*"))
    late = add_rule(
        actor=cast.felix,
        terms=RuleTerms(2, chat, account="1"),
        reason="From now on.",
        since=Since(date(2026, 9, 20)),
    )
    found = explain(of_account("1"))
    assert (found.rule, found.agrees, found.spend_class) == (second, True, "ai")
    assert [(tried.version, tried.matches, tried.too_late) for tried in found.tried] == [
        (first, False, False),
        (late, False, False),
        (second, True, False),
        (third, True, True),
    ]
    assert found.tried[0].misses == (Miss("account", "7", "1"), Miss("region", "eu-*", ""))
    assert found.tried[1].misses == (Miss("day", "2026-09-20 or later", "2026-09-05"),)
    assert "AmazonBedrock" in {signal.pattern for signal in found.signals}


def test_what_no_rule_may_claim_says_so(tmp_path: Path, cast: Cast, chat: Workload) -> None:
    rule(cast, by_tag(chat))
    load(tmp_path, MARKET, {}, BEDROCK | {"line_item_line_item_type": "Tax"})
    market, server, tax = (explain(of_account(str(n))) for n in (1, 2, 3))
    assert (market.spend_class, market.signals) == ("unclassified", ())
    assert market.tried[0].misses[0].wanted == "one that it names, by more than * and ?"
    assert (server.spend_class, server.settles) == ("other", False)
    assert server.tried[0].misses == (Miss("kind of charge", "AI spend", "Other services"),)
    assert (tax.spend_class, tax.settles, tax.rule, tax.agrees) == ("tax", True, None, True)


@pytest.mark.parametrize("service", ["*", "?*", "??", "5hnn*, *"])
def test_a_pattern_of_wildcards_names_no_service(
    tmp_path: Path, cast: Cast, chat: Workload, client: Client, service: str
) -> None:
    """Or one star would make AI spend of every licence that was bought on the Marketplace."""
    rule(cast, RuleTerms(1, chat, service=service))
    load(tmp_path, MARKET, BEDROCK)
    market, model = (explain(of_account(str(n))) for n in (1, 2))
    assert (market.line.spend_class, market.rule, market.agrees) == ("unclassified", None, True)
    assert market.tried[0].misses[0] == Miss(
        "service",
        "one that it names, by more than * and ?",
        "a Marketplace product that no signal knows",
    )
    # AI spend needs no naming.
    assert (model.rule is None, model.agrees) == (service == "??", True)
    client.force_login(cast.felix)
    form = client.get("/spend/rules/new/").text
    assert "goes only to a rule that names it here, by more than * and ?." in form
    rule(cast, RuleTerms(2, chat, service="*5hnn*"))
    assert explain(of_account("1")).line.workload == chat


def test_a_line_of_a_closed_month_is_explained_by_the_rules_of_its_time(
    tmp_path: Path, cast: Cast, chat: Workload, travel: Travel
) -> None:
    first = rule(cast, by_tag(chat))
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    load(tmp_path, BEDROCK)
    change_rule(
        actor=cast.felix, rule=first.rule, seen=1, terms=by_tag(chat, "x"), reason="Renamed."
    )
    found = explain(of_account("1"))
    assert (found.rule, found.agrees) == (first, True)
    rule(cast, by_tag(chat, "other"), include_closed=True)
    assert explain(of_account("1")).rule is None


# --- generated ---

TEXTS = st.sampled_from(["", "a", "A1", "ab", "b_", "a%b", "ä"])
GLOBS = st.sampled_from(["", "", "a*", "?", "A?", "b_, a%b", "*", "?*", "a\nb_", r"a\*", "Ä", "ab"])
LINE_COLUMNS = ("payer", "account", "service", "product_name", "model", "region", "principal")
KINDS = st.sampled_from(
    [
        {"service_code": "AmazonBedrock"},
        {"billing_entity": "AWS Marketplace"},
        {},
        {"service_code": "AmazonBedrock", "charge_type": "Credit"},
    ]
)
LINES = st.builds(
    lambda columns, kind, tag, day: (
        {"charge_type": "Usage", **columns, **kind, "day": day}
        | ({"tags": {"team": tag}} if tag else {})
    ),
    st.fixed_dictionaries(dict.fromkeys(LINE_COLUMNS, TEXTS)),
    KINDS,
    TEXTS,
    st.dates(date(2026, 9, 1), date(2026, 9, 6)),
)
RULES = st.fixed_dictionaries(
    {
        **dict.fromkeys(("payer", "account", "service", "model", "region", "principal"), GLOBS),
        "tag_value": GLOBS,
        "priority": st.integers(1, 3),
        "since": st.dates(date(2026, 9, 1), date(2026, 9, 6)),
        "active": st.booleans(),
        "again": st.booleans(),
    }
)


def said(glob: str, text: str) -> bool:
    """What a glob says, written once more and otherwise."""
    parts = ({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob)
    # In PostgreSQL's C locale letters beyond ASCII have one case.
    return re.fullmatch("".join(parts), text, re.DOTALL | re.IGNORECASE | re.ASCII) is not None


def expected(line: DailyLine, recorded: list[RuleVersion]) -> RuleVersion | None:
    """Whose a line is by the words of docs/spend.md, without any SQL."""
    if line.charge_type == "Credit" or not (line.service_code or line.billing_entity):
        return None
    in_force: dict[int, RuleVersion] = {}
    for version in recorded:
        if version.effective_from <= line.day:
            in_force[version.rule_id] = version
    tried = sorted(
        (v for v in in_force.values() if v.active), key=lambda v: (v.priority, v.rule_id)
    )
    for version in tried:
        named = globs(version.service)
        if line.service_code != "AmazonBedrock" and not (
            named and all(set(glob) - set("*?") for glob in named)
        ):
            continue
        pairs = [
            (getattr(version, name), [getattr(line, name)])
            for name in ("payer", "account", "model", "region", "principal")
        ]
        pairs.append((version.service, [line.service, line.product_name]))
        if version.tag_key:
            pairs.append((version.tag_value, [line.tags["team"]] if "team" in line.tags else []))
        if all(
            any(said(glob, text) for glob in globs(wanted) for text in texts)
            for wanted, texts in pairs
            if wanted
        ):
            return version
    return None


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(LINES, min_size=1, max_size=8), rules=st.lists(RULES, max_size=5))
def test_sql_explanation_and_words_agree(
    real_delivery: Delivery,
    chat: Workload,
    lines: list[dict[str, Any]],
    rules: list[dict[str, Any]],
) -> None:
    with transaction.atomic():
        zero = dict.fromkeys(("unblended", "amortised", "net_unblended", "net_amortised"), 0)
        DailyLine.objects.bulk_create(
            DailyLine(
                delivery=real_delivery,
                export=real_delivery.export,
                period=real_delivery.period,
                currency="USD",
                source_rows=1,
                **zero,
                **columns,
            )
            for columns in lines
        )
        recorded: list[RuleVersion] = []
        heads: list[Rule] = []
        for given_rule in rules:
            conditions = {**given_rule}
            again, since = conditions.pop("again"), conditions.pop("since")
            tagged = bool(globs(conditions["tag_value"]))
            if not any(globs(v) for k, v in conditions.items() if isinstance(v, str)):
                conditions["account"] = "*"
            head = heads[-1] if again and heads else Rule.objects.create()
            heads.append(head)
            version = RuleVersion(
                rule=head,
                workload=chat,
                tag_key="team" if tagged else "",
                effective_from=since,
                reason="Generated.",
                **conditions,
            )
            version.save()
            recorded.append(version)
        cause = AttributionRun.Cause.RULES
        attribute(actor=None, delivery=real_delivery, cause=cause, reason="Generated.")
        for line in DailyLine.objects.filter(delivery=real_delivery):
            right = expected(line, recorded)
            assert line.rule_version_id == (right.pk if right else None), (line.pk, right)
            found = explain(line)
            assert found.agrees
            assert found.rule == right
        transaction.set_rollback(True)


@pytest.fixture
def real_delivery(tmp_path: Path) -> Delivery:
    """A delivery without cost, to put lines into."""
    load(tmp_path, {"line_item_unblended_cost": 0.0})
    for version in SignalVersion.objects.filter(active=True).exclude(pattern="AmazonBedrock"):
        SignalVersion(
            signal=version.signal,
            field=version.field,
            pattern=version.pattern,
            active=False,
            reason="Alone.",
        ).save()
    DailyLine.objects.all().delete()
    return Delivery.objects.get()
