"""What a rule looks at: every condition, as a glob or a list of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cur_ingest.actions import RuleTerms, add_rule
from cur_ingest.models import DailyLine
from cur_ingest.signals import globs
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import BEDROCK, Travel, check_proof, load, owners, rule

pytestmark = pytest.mark.django_db

PROFILE = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"
ALICE = "arn:aws:iam::1:user/alice"
NOVA = "USE1-NovaLite-input-tokens"
HAIKU = "USE1-Claude3Haiku-output-tokens"


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.mark.parametrize(
    ("name", "column", "value", "other", "condition"),
    [
        ("payer", "bill_payer_account_id", "111", "222", "11?"),
        ("account", "line_item_usage_account_id", "333", "444", "33*"),
        ("service", "line_item_product_code", "AmazonBedrock", "Kiro", "*bedrock"),
        ("usage_type", "line_item_usage_type", NOVA, HAIKU, "*novalite*"),
        ("region", "product_region_code", "us-east-1", "eu-west-1", "US-*"),
        ("resource", "line_item_resource_id", PROFILE, "arn:x", "*inference-profile/a1*"),
        ("principal", "line_item_iam_principal", ALICE, "arn:aws:iam::1:user/bob", "*user/alice"),
        ("model", "line_item_usage_type", NOVA, HAIKU, "NovaLite"),
    ],
)
def test_each_condition_takes_what_it_names_and_nothing_else(  # noqa: PLR0917 - a table
    tmp_path: Path,
    cast: Cast,
    chat: Workload,
    name: str,
    column: str,
    value: str,
    other: str,
    condition: str,
) -> None:
    fields: dict[str, Any] = {"line_item_usage_account_id": "1"}
    load(tmp_path, BEDROCK | fields | {column: value}, BEDROCK | fields | {column: other})
    mine = DailyLine.objects.filter(workload=chat)

    def of(text: str) -> RuleTerms:
        terms: dict[str, Any] = {name: text}
        return RuleTerms(9, chat, **terms)

    given = rule(cast, of(condition))
    assert mine.count() == 1
    # A list takes any of its globs.
    second = "claude3haiku" if name == "model" else other
    rule(cast, of(f"nothing,\n {second} \n"))
    assert mine.count() == 2
    assert mine.filter(rule_version=given).count() == 1
    check_proof()


def test_a_list_stands_one_a_line_or_with_commas_and_is_kept_as_given(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    assert globs("a, b\nc,,\n , d e") == ["a", "b", "c", "d e"]
    load(tmp_path, *[BEDROCK] * 5)
    version = rule(cast, RuleTerms(1, chat, account="1, 3\n5"))
    assert version.account == "1, 3\n5"
    assert set(owners()) == {"1", "3", "5"}


def test_all_conditions_of_a_rule_have_to_hold(tmp_path: Path, cast: Cast, chat: Workload) -> None:
    load(
        tmp_path,
        BEDROCK | {"product_region_code": "us-east-1"},
        BEDROCK | {"product_region_code": "eu-west-1"},
    )
    rule(cast, RuleTerms(1, chat, region="us-*", account="2"))
    assert owners() == {}
    rule(cast, RuleTerms(1, chat, region="eu-*", account="2"))
    assert set(owners()) == {"2"}


@pytest.mark.parametrize("nothing", [",", " \n, ", ""])
def test_a_list_of_nothing_is_no_condition(cast: Cast, chat: Workload, nothing: str) -> None:
    with pytest.raises(ValidationError):
        add_rule(actor=cast.felix, terms=RuleTerms(1, chat, account=nothing), reason="All?")
