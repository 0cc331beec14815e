"""Spend, rules and signals through the front door."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cur_ingest.actions import (
    SignalTerms,
    add_rule,
    add_signal,
    change_rule,
    change_signal,
    retire_rule,
)
from cur_ingest.bases import BASES
from cur_ingest.models import DailyLine, Part, RuleVersion, SignalVersion
from spaces.models import Workload
from tests.business_cases.typed import fields_of
from tests.cast import Cast, added, proposal
from tests.cur_ingest.deliveries import deliver
from tests.cur_ingest.test_attribution import BEDROCK, MARKET, UNTAGGED, by_tag, load, rule
from tests.cur_ingest.test_loading import load_cur

pytestmark = pytest.mark.django_db
PAGES = ["/spend/", "/spend/rules/", "/spend/signals/", "/spend/export.csv"]
FORMS = ["/spend/rules/new/", "/spend/signals/new/"]
# A change that counts for days before today too.
BACK = {"effective_from": "2026-09-01", "on_purpose": "on"}


@pytest.fixture(autouse=True)
def _september(travel: Callable[[datetime], None]) -> None:
    """The delivered month is the current one, so it is open."""
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


def as_user(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
def test_who_reads_and_who_changes(client: Client, cast: Cast, tmp_path: Path, path: str) -> None:
    load(tmp_path, BEDROCK)
    assert client.get(path).status_code == 302
    readers = {"priya", "felix", "erin"} if path in PAGES else {"felix"}
    for name in ("priya", "felix", "erin", "adam", "olivia", "mona", "sam"):
        answer = as_user(client, getattr(cast, name)).get(path)
        assert answer.status_code == (200 if name in readers else 403), name


def test_nothing_loaded_says_what_to_do(client: Client, cast: Cast) -> None:
    answer = as_user(client, cast.felix).get("/spend/").content.decode()
    assert "Actual spend comes from cost exports of AWS." in answer
    assert 'href="/spend/deliveries/"' in answer
    assert client.get("/spend/export.csv").status_code == 404


def test_the_month_is_shown_with_its_proof(
    client: Client, cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    rule(cast, by_tag(chat))
    load(
        tmp_path,
        BEDROCK | {"line_item_unblended_cost": 1234567890.12},
        BEDROCK | UNTAGGED | {"line_item_iam_principal": "arn:aws:iam::1:user/alice"},
        BEDROCK | {"resource_tags": {"user_workload": "nobodys"}},
        MARKET | {"product": {"product_name": "Quietriver"}, "line_item_unblended_cost": 0.25},
        {"line_item_unblended_cost": 0.0000000001},
        BEDROCK | {"line_item_line_item_type": "Tax"},
    )
    answer = as_user(client, cast.erin).get("/spend/")
    month = answer.context["month"]
    for proof in month.proofs:
        assert proof.holds
        assert {each.part: each.amount.amount for each in proof.parts} == dict.fromkeys(Part, 0) | {
            Part.ATTRIBUTED: Decimal("1234567890.12"),
            Part.UNCLAIMED: Decimal(3),
            Part.UNCLASSIFIED: Decimal("0.25"),
            Part.OTHER: Decimal("0.0000000001"),
            Part.TAX: Decimal("1.5"),
        }
        assert proof.delivered.amount == Decimal("1234567894.8700000001")
    page = answer.content.decode()
    # Shown to the cent; the last digit stays with it.
    assert "Exactly $1,234,567,894.8700000001." in page
    assert ">$1,234,567,894.87<" in page
    assert ">$0.00<" in page
    assert "Cost basis: amortised" in " ".join(page.split())
    assert [row.workload for row in month.workloads] == [chat]
    assert {group.key for group in answer.context["unclaimed"]} == {
        "tag:workload=nobodys",
        "principal:arn:aws:iam::1:user/alice",
    }
    assert [group.label for group in answer.context["unclassified"]] == ["Quietriver"]
    assert "Make a rule" not in page
    assert "Make a rule" in as_user(client, cast.felix).get("/spend/").content.decode()


def test_a_month_is_chosen_by_address_and_swapped_by_htmx(
    client: Client, cast: Cast, real_data: Path
) -> None:
    load_cur(real_data / "workshop")
    as_user(client, cast.felix)
    answer = client.get("/spend/?month=2018-10")
    assert answer.context["month"].shown.total.amount == Decimal("4195.9571093179")
    assert "$4,064.4831315379" in answer.content.decode()
    part = client.get("/spend/?month=2018-11", headers={"HX-Request": "true"})
    assert b"$3,632.5598464968" in part.content
    assert b"<html" not in part.content
    assert client.get("/spend/?month=2018-12").status_code == 404
    assert client.get("/spend/?month=x").status_code == 404


def test_csv_has_every_amount_to_the_last_digit_and_no_formulas(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    sly = added(cast, proposal(cast, name='=HYPERLINK("x")'))
    rule(cast, by_tag(sly))
    load(tmp_path, BEDROCK | {"line_item_unblended_cost": 10.0000000001}, MARKET)
    answer = as_user(client, cast.felix).get("/spend/export.csv?month=2026-09")
    assert answer["Content-Disposition"] == 'attachment; filename="spend-2026-09.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    first = rows[0]
    assert (first["name"], first["kind"], first["amount"]) == (
        '\'=HYPERLINK("x")',
        "actual",
        "10.0000000001",
    )
    for export in ("", "ai"):
        proof = {
            (row["basis"], row["name"]): row["amount"]
            for row in rows
            if (row["what"], row["export"]) == ("proof", export)
        }
        assert proof["amortised", "Sum of the parts"] == "11.5000000001"
        assert proof["amortised", "Total of the deliveries"] == "11.5000000001"
        assert len(proof) == len(BASES) * (len(Part) + 2)


def test_queries_do_not_grow_with_workloads(client: Client, cast: Cast, tmp_path: Path) -> None:
    as_user(client, cast.felix)

    def queries(folder: str, count: int) -> int:
        rows = []
        for number in range(count):
            workload = added(cast, proposal(cast, name=f"{folder} {number}"))
            rule(cast, by_tag(workload, f"{folder}-{number}"))
            tag = {"user_workload": f"{folder}-{number}"}
            rows.append(BEDROCK | {"resource_tags": tag})
        load(tmp_path / folder, *rows, *rows)
        client.get("/spend/")  # what is kept for a while is asked for now
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/spend/").status_code == 200
        return len(captured)

    assert queries("a", 2) == queries("b", 12)


# --- rules ---


def test_finance_makes_a_rule_out_of_unclaimed_spend(
    client: Client, cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    load(tmp_path, BEDROCK, BEDROCK | UNTAGGED)
    answer = as_user(client, cast.felix).get("/spend/")
    group = answer.context["unclaimed"][0]
    form = client.get(f"/spend/rules/new/?{group.query}").context["form"]
    typed = {name: form.initial[name] for name in ("account", "service", "tag_key", "tag_value")}
    answer = client.post(
        "/spend/rules/new/",
        typed | {"workload": chat.pk, "priority": 100, "reason": "Its own."} | BACK,
        follow=True,
    )
    assert (
        b"spend of days before stays where it is. Open months were attributed anew."
        in answer.content
    )
    assert DailyLine.objects.filter(workload=chat).count() == 1
    version = RuleVersion.objects.get()
    assert (version.recorded_by, version.reason) == (cast.felix, "Its own.")


def test_a_rule_of_a_principal_begins_with_it_and_claims_no_other(
    client: Client, cast: Cast, chat: Workload, tmp_path: Path
) -> None:
    def by(name: str) -> dict[str, object]:
        return BEDROCK | UNTAGGED | {"line_item_iam_principal": f"arn:aws:iam::1:user/{name}"}

    load(tmp_path, by("al,ice"), by("bob"), BEDROCK | UNTAGGED)
    groups = as_user(client, cast.felix).get("/spend/").context["unclaimed"]
    group = next(group for group in groups if group.label == "user/al,ice")
    # A comma would make two of it.
    assert dict(group.terms) == {"principal": "arn:aws:iam::1:user/al?ice"}
    start = f"/spend/rules/new/?{group.query}"
    made = fields_of(client.get(start)) | {"workload": str(chat.pk), "reason": "Hers."} | BACK
    assert client.post(start, made).status_code == 302
    mine = DailyLine.objects.filter(workload=chat)
    assert [line.principal for line in mine] == ["arn:aws:iam::1:user/al,ice"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "at least one condition"),
        ({"tag_key": "team"}, "needs key and value"),
        ({"tag_value": "blue"}, "needs key and value"),
        ({"account": "1", "reason": ""}, "required"),
        ({"account": "1", "priority": "0"}, "greater than or equal to 1"),
    ],
)
def test_incomplete_rules_are_sent_back(
    client: Client, cast: Cast, chat: Workload, typed: dict[str, str], said: str
) -> None:
    full = {"workload": chat.pk, "priority": "100", "reason": "A reason."}
    answer = as_user(client, cast.felix).post("/spend/rules/new/", full | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not RuleVersion.objects.exists()


def test_a_rule_is_changed_and_retired_with_a_reason(
    client: Client, cast: Cast, chat: Workload
) -> None:
    first = rule(cast, by_tag(chat))
    address = f"/spend/rules/{first.rule_id}/"
    as_user(client, cast.felix)
    typed = {"workload": chat.pk, "account": "7", "priority": 5, "reason": "Moved.", "seen": 1}
    assert client.post(address, typed).status_code == 302
    for seen in ("1", "9" * 5000, "²"):
        answer = client.post(address, typed | {"account": "8", "seen": seen})
        assert answer.status_code == 409
        assert b"Somebody changed this rule meanwhile" in answer.content
        # Both texts: what is saved now, and what was typed, still in the form.
        assert (
            fields_of(answer).items() >= {"account": "8", "seen": "2", "reason": "Moved."}.items()
        )
        page = " ".join(answer.content.decode().split())
        assert re.search(r'"Saved">\s*7\s*</td>\s*<td data-label="Yours">\s*8\s*</td>', page)
    gone = client.post(f"{address}retire/", {"reason": "Over, I say.", "seen": 1})
    assert gone.status_code == 409
    assert fields_of(gone).items() >= {"reason": "Over, I say.", "seen": "2"}.items()
    assert client.post(f"{address}retire/", {"reason": "Over.", "seen": 2}).status_code == 302
    answer = client.get("/spend/rules/")
    groups = {group.key: group.rules for group in answer.context["groups"]}
    assert [rule.version.account for rule in groups["retired"]] == ["7"]
    assert client.post(address, typed | {"seen": 3}).status_code == 302
    groups = {g.key: g.rules for g in client.get("/spend/rules/").context["groups"]}
    assert [rule.version.version for rule in groups["one"]] == [4]
    assert client.get("/spend/rules/999999/").status_code == 404


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia", "sam"])
def test_only_finance_changes_rules_and_signals(
    client: Client, cast: Cast, chat: Workload, name: str
) -> None:
    first = rule(cast, by_tag(chat))
    signal = SignalVersion.objects.earliest("pk")
    as_user(client, getattr(cast, name))
    typed = {"workload": chat.pk, "account": "7", "priority": 5, "reason": "Mine.", "seen": 1}
    for address in (
        "/spend/rules/new/",
        f"/spend/rules/{first.rule_id}/",
        f"/spend/rules/{first.rule_id}/retire/",
        "/spend/signals/new/",
        f"/spend/signals/{signal.signal_id}/",
    ):
        assert client.post(address, typed).status_code == 403
    assert RuleVersion.objects.count() == 1


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia", "sam"])
def test_actions_on_rules_and_signals_refuse_others_themselves(
    cast: Cast, chat: Workload, name: str
) -> None:
    """Whoever calls them: a page to come may forget to ask."""
    actor, why = getattr(cast, name), "Mine."
    made, terms = rule(cast, by_tag(chat)).rule, by_tag(chat)
    signal = SignalVersion.objects.earliest("pk")
    on = SignalTerms(signal.field, signal.pattern, is_ai=True, active=True)
    for act in (
        lambda: add_rule(actor=actor, terms=terms, reason=why),
        lambda: change_rule(actor=actor, rule=made, seen=1, terms=terms, reason=why),
        lambda: retire_rule(actor=actor, rule=made, seen=1, reason=why),
        lambda: add_signal(actor=actor, terms=on, reason=why),
        lambda: change_signal(actor=actor, signal=signal.signal, seen=1, terms=on, reason=why),
    ):
        with pytest.raises(PermissionDenied, match="Only Finance"):
            act()


def test_a_refused_page_says_why(client: Client, cast: Cast) -> None:
    answer = as_user(client, cast.erin).get("/spend/rules/new/")
    assert answer.status_code == 403
    assert "This page is for the role Finance." in answer.content.decode()


def test_a_tag_that_looks_like_ours_already_keeps_its_name(
    client: Client, cast: Cast, chat: Workload
) -> None:
    """AWS writes the tag `user_name` as `user_user_name`; only AWS's prefix is dropped, once."""
    as_user(client, cast.felix)
    typed = {"workload": chat.pk, "tag_value": "x", "priority": 5, "reason": "Why."}
    client.post("/spend/rules/new/", typed | {"tag_key": "user_user_name"})
    version = RuleVersion.objects.get()
    assert version.tag_key == "user_name"
    address = f"/spend/rules/{version.rule_id}/"
    kept = fields_of(client.get(address)) | {"priority": "7", "reason": "Later."}
    assert client.post(address, kept).status_code == 302
    assert RuleVersion.objects.latest("version").tag_key == "user_name"
    # So does one that spend is grouped by, where a rule is made of it.
    start = "/spend/rules/new/?tag_key=user_name&tag_value=x"
    made = fields_of(client.get(start)) | {"workload": str(chat.pk), "reason": "It is its."}
    assert client.post(start, made).status_code == 302
    assert RuleVersion.objects.latest("pk").tag_key == "user_name"


# --- signals ---


def test_a_signal_is_switched_on_through_its_page(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    load(tmp_path, {"line_item_product_code": "AmazonQ"})
    version = SignalVersion.objects.get(pattern="AmazonQ")
    address = f"/spend/signals/{version.signal_id}/"
    page = as_user(client, cast.felix).get("/spend/signals/").content.decode()
    assert "Not confirmed in real data" in page
    typed = {
        "field": "product_code",
        "pattern": "AmazonQ",
        "is_ai": "1",
        "active": "on",
        "reason": "On our bill.",
        "seen": 1,
        **BACK,
    }
    assert client.post(address, typed).status_code == 302
    assert DailyLine.objects.get().spend_class == "ai"
    late = client.post(address, typed | {"pattern": "AmazonQ*"})
    assert late.status_code == 409
    assert fields_of(late).items() >= {"pattern": "AmazonQ*", "seen": "2"}.items()


def test_every_signal_of_the_start_names_its_reason(client: Client, cast: Cast) -> None:
    on, off = as_user(client, cast.erin).get("/spend/signals/").context["groups"]
    codes = {version.pattern for version in on[1]}
    assert {"AmazonBedrock", "AmazonBedrockService", "AmazonSageMaker", "Kiro"} <= codes
    assert {"AmazonES", "AmazonQ", "comprehend"} <= {version.pattern for version in off[1]}
    assert all(version.note for version in on[1] + off[1])


def test_a_delivery_of_two_exports_adds_up(client: Client, cast: Cast, tmp_path: Path) -> None:
    load_cur(deliver(tmp_path / "one", [BEDROCK]))
    load_cur(deliver(tmp_path / "two", [BEDROCK, {}]))
    month = as_user(client, cast.felix).get("/spend/").context["month"]
    assert len(month.exports) == 2
    assert all(each.holds for each in (*month.proofs, *month.exports))
    assert [each.proofs[0].total.amount for each in month.exports] == [Decimal("1.5"), Decimal(3)]
    assert month.shown.total.amount == Decimal("4.5")
