"""The daily lines behind a figure: exactly those that are asked for, and what they add up to."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from allocation_gaps.actions import look_for_gaps
from cur_ingest import line_queries
from cur_ingest.models import DailyLine, Delivery, Export, Part, RuleVersion, Signal, SignalVersion
from cur_ingest.unclaimed import unclaimed_groups_of
from tests.cast import Cast, added, proposal
from tests.clock import Travel
from tests.spend import bedrock, load, rule_for
from tests.standing import living

PAGE = "/spend/lines/"
MARKET = {
    "bill_billing_entity": "AWS Marketplace",
    "line_item_product_code": "3w7c1y9q5e2r8t4u6i0o1p3a5s",
    "line_item_unblended_cost": 8.0,
    "product": {"product_name": "Quietriver Insight Platform"},
}
ALICE = "arn:aws:iam::111122223333:user/alice"


def fifth(day: int) -> dict[str, Any]:
    return {"line_item_usage_start_date": datetime(2026, 9, day, 13, tzinfo=UTC)}


def spent(cast: Cast, _travel: Travel, folder: Path) -> Cast:
    """September 2026: every part of the proof but shared ones, some of it of other days."""
    workload = added(cast, proposal(cast, name="Review"))
    load(
        folder,
        bedrock("review", 1.25),
        bedrock("review", 2.5, **fifth(6)),
        bedrock("", 4.0, line_item_iam_principal=ALICE),
        bedrock("", 0.5, line_item_usage_account_id="444455556666"),
        bedrock("stray", 16.0),
        MARKET,
        {"line_item_unblended_cost": 32.0, "resource_tags": {}},
        *(
            {"line_item_line_item_type": kind, "line_item_unblended_cost": cost}
            for kind, cost in (("Tax", 64.0), ("Credit", -128.0), ("Refund", -256.0))
        ),
    )
    rule_for(cast.felix, workload, "review")
    return cast


spend = living("spend", spent)


def found(client: Client, query: str) -> tuple[Decimal, int]:
    """Return the total that the page shows (unblended), and how many lines it lists."""
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 200
    figures = {each.basis: each.amount.amount for each in response.context["figures"]}
    assert figures["unblended"] == sum(
        (row.line.unblended for row in response.context["rows"]), Decimal(0)
    )
    return figures["unblended"], len(response.context["rows"])


@pytest.mark.parametrize(
    ("query", "total", "count"),
    [
        ("", "-255.75", 10),
        ("month=2026-09", "-255.75", 10),
        ("month=all", "-255.75", 10),
        ("part=attributed", "3.75", 2),
        ("part=shared", "0", 0),
        ("part=unclaimed", "20.5", 3),
        ("part=unclassified", "8", 1),
        ("part=other", "32", 1),
        ("part=tax", "64", 1),
        ("part=credit", "-128", 1),
        ("part=refund", "-256", 1),
        ("part=commitment", "0", 0),
        ("workload=review", "3.75", 2),
        ("workload=review&day=2026-09-06", "2.5", 1),
        ("day=2026-09-06", "2.5", 1),
        ("service=AmazonBedrock", "24.25", 5),
        ("service=Quietriver+Insight+Platform", "8", 1),
        ("account=444455556666", "0.5", 1),
        ("since=2026-09", "-255.75", 10),
        ("since=2026-10", "0", 0),
        ("group=tag:workload%3Dstray", "16", 1),
        (f"group=principal:{ALICE}", "4", 1),
        ("group=account:444455556666", "0.5", 1),
        ("group=product:Quietriver+Insight+Platform", "8", 1),
        ("group=nonsense", "0", 0),
    ],
)
def test_a_filter_shows_its_lines_and_adds_up_exactly_them(
    client: Client, spend: Cast, query: str, total: str, count: int
) -> None:
    client.force_login(spend.felix)
    assert found(client, query) == (Decimal(total), count)


def test_the_parts_of_the_page_are_those_of_the_proof(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    proof = client.get("/spend/").context["month"].proofs
    for each in proof:
        for part in Part:
            response = client.get(f"{PAGE}?part={part.value}")
            figures = {f.basis: f.amount.amount for f in response.context["figures"]}
            assert figures[each.basis] == each.of(part).amount


def test_export_rule_and_delivery_are_asked_for_by_number(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    delivery, rule = Delivery.objects.get(), RuleVersion.objects.get()
    assert found(client, f"export={delivery.export_id}")[1] == 10
    assert found(client, f"delivery={delivery.pk}")[1] == 10
    assert found(client, f"rule={rule.pk}") == (Decimal("3.75"), 2)


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13",
        "month=2001-01",
        "since=September",
        "day=yesterday",
        "part=free",
        "workload=nobody",
        "export=99999",
        "delivery=0",
        f"export={2**70}",
    ],
)
def test_a_filter_that_means_nothing_shows_no_lines(
    client: Client, spend: Cast, query: str
) -> None:
    client.force_login(spend.felix)
    for path in (PAGE, f"{PAGE}export.csv", f"{PAGE}export.xlsx"):
        response = client.get(f"{path}?{query}")
        assert response.status_code == 422
        assert "Please correct what is marked" in response.content.decode()


def deliver_again(*rows: dict[str, Any]) -> None:
    """Load another delivery in place of the one that stands."""
    load(Path(Export.objects.get().location), *rows, execution="e-2")


def test_lines_of_a_replaced_delivery_are_not_shown(client: Client, spend: Cast) -> None:
    deliver_again(bedrock("review", 7.0))
    client.force_login(spend.felix)
    assert found(client, "") == (Decimal(7), 1)


@pytest.mark.parametrize("place", ["x", "1_2026-09-31_1", f"1_2026-09-05_{2**80}", "1__1"])
def test_a_place_that_is_none_shows_the_first_page(client: Client, spend: Cast, place: str) -> None:
    client.force_login(spend.felix)
    assert found(client, f"after={place}")[1] == 10


def test_pages_follow_each_other_both_ways_and_lose_nothing(
    client: Client, spend: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_queries, "A_PAGE", 4)
    client.force_login(spend.felix)
    seen: list[list[int]] = []
    query = ""
    while True:
        page = client.get(f"{PAGE}?{query}").context["page"]
        seen.append([line.pk for line in page.lines])
        if page.after is None:
            break
        query = f"after={page.after}"
    assert [len(each) for each in seen] == [4, 4, 2]
    in_order = DailyLine.objects.order_by("day", "pk").values_list("pk", flat=True)
    assert [pk for each in seen for pk in each] == list(in_order)
    back = client.get(f"{PAGE}?before={page.before}").context["page"]
    assert [line.pk for line in back.lines] == seen[1]
    first = client.get(f"{PAGE}?before={back.before}").context["page"]
    assert ([line.pk for line in first.lines], first.before) == (seen[0], None)


def test_a_page_asks_the_same_number_of_queries_however_many_lines(
    client: Client, spend: Cast
) -> None:
    client.force_login(spend.felix)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(path)
            assert response.status_code == 200
            b"".join(response)  # streamed or not
        return len(asked)

    paths = (f"{PAGE}?part=attributed", f"{PAGE}export.csv", f"{PAGE}export.xlsx")
    few = [queries(path) for path in paths]
    more = [bedrock("review", 1.0, line_item_usage_account_id=f"{n:012}") for n in range(90)]
    deliver_again(*more)
    assert [queries(path) for path in paths] == few
    assert max(few) < 20


@pytest.mark.parametrize("path", ["", "export.csv", "export.xlsx", "{line}/"])
def test_only_who_reads_the_spend_page_reads_its_lines(
    client: Client, spend: Cast, path: str
) -> None:
    path = PAGE + path.format(line=DailyLine.objects.values_list("pk", flat=True)[0])
    for person, status in (
        (spend.felix, 200),
        (spend.priya, 200),
        (spend.erin, 200),
        (spend.olivia, 403),
        (spend.adam, 403),
        (spend.sam, 403),
    ):
        client.force_login(person)
        response = client.get(path)
        b"".join(response)  # to its end, which closes it
        assert response.status_code == status
    client.logout()
    assert client.get(path).status_code == 302


def test_a_line_says_which_signal_and_rule_put_it_where_it_is(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    rule = RuleVersion.objects.get()
    line = DailyLine.objects.get(unblended=Decimal("2.5"))
    text = " ".join(client.get(f"{PAGE}{line.pk}/").content.decode().split())
    for said in (
        "Product code AmazonBedrock",
        "Delivered with the product.",
        f'href="/spend/rules/{rule.rule_id}/"',
        "Tagged so.",
        "execution e-1",
        "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet",
        "NovaLite",
        "1 of its 10 rows",
        "matches",
    ):
        assert said in text, said


def test_a_line_says_which_rules_were_tried_and_what_they_miss(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    line = DailyLine.objects.get(unblended=Decimal(16))
    text = strip_tags(client.get(f"{PAGE}{line.pk}/").content.decode())
    assert "is workload = stray, not workload = review" in " ".join(text.split())


def links_of(page: str) -> list[str]:
    found = re.findall(r'href="(/spend/lines/[^"]*group=[^"]*)"', page)
    return [html.unescape(link) for link in found]


def test_groups_of_unclaimed_spend_lead_to_exactly_their_lines(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    page = client.get("/spend/")
    groups = [*page.context["unclaimed"], *page.context["unclassified"]]
    links = links_of(page.content.decode())
    assert len(groups) == len(links) == 4
    for group, link in zip(groups, links, strict=True):
        found = client.get(link).context["figures"][0].amount.amount
        assert (group.label, found) == (group.label, group.amount)


def test_gaps_of_unclaimed_spend_lead_to_their_lines(
    client: Client, spend: Cast, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    look_for_gaps()
    client.force_login(spend.felix)
    gaps = re.findall(
        r'href="(/gaps/[0-9]+/)"', client.get("/gaps/?kind=unclaimed").content.decode()
    )
    links = [each for gap in gaps for each in links_of(client.get(gap).content.decode())]
    totals = [client.get(link).context["figures"][0].amount.amount for link in links]
    assert sorted(totals) == [Decimal("0.5"), Decimal(4), Decimal(8), Decimal(16)]


def test_parts_and_workloads_of_the_spend_page_lead_to_their_lines(
    client: Client, spend: Cast
) -> None:
    client.force_login(spend.felix)
    text = html.unescape(client.get("/spend/").content.decode())
    for query in ("part=tax", "part=attributed", "workload=review"):
        assert f'href="{PAGE}?month=2026-09&{query}"' in text


def test_a_line_that_nothing_claims_says_so(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    said = {
        Part.UNCLASSIFIED: "sold through AWS Marketplace, and no signal knows it",
        Part.UNCLAIMED: "No rule in force gives it to a workload",
        Part.TAX: "settle the whole bill",
        Part.OTHER: "No signal knows it.",
    }
    for part, words in said.items():
        line = DailyLine.objects.of_part(part)[0]
        text = " ".join(client.get(f"{PAGE}{line.pk}/").content.decode().split())
        assert words in text, part


def test_a_signal_made_later_is_no_reason(client: Client, spend: Cast) -> None:
    """The page says what decided, not what would decide now."""
    line = DailyLine.objects.of_part(Part.OTHER)[0]
    SignalVersion.objects.create(
        signal=Signal.objects.create(),
        field="product_code",
        pattern="AmazonEC2",
        reason="Later.",
        recorded_by=spend.felix,
    )
    client.force_login(spend.felix)
    assert "Later." not in client.get(f"{PAGE}{line.pk}/").content.decode()


def test_a_line_that_is_gone_is_not_found(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    assert client.get(f"{PAGE}{2**62}/").status_code == 404


def test_the_month_of_a_line_is_its_billing_period(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    assert {row.line.period for row in client.get(PAGE).context["rows"]} == {date(2026, 9, 1)}


@pytest.mark.parametrize("tag", ["chat ", " chat", "a, b", "any*", " "])
def test_a_group_is_shown_and_claimed_by_its_tag_as_it_is(
    client: Client, cast: Cast, tmp_path: Path, tag: str
) -> None:
    load(tmp_path, bedrock(tag, 5.0), bedrock("chat", 3.0), bedrock("anybody", 1.0))
    client.force_login(cast.felix)
    page = client.get("/spend/?month=2026-09").content.decode()
    groups = {group.key: group for group in unclaimed_groups_of(date(2026, 9, 1), "unblended")}
    group = groups[f"tag:workload={tag}"]
    (link,) = (link for link in links_of(page) if link.endswith(quote(group.key, "")))
    assert found(client, link.partition("?")[2]) == (group.amount, 1)
    workload = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, workload, group.terms["tag_value"])
    assert DailyLine.objects.get(workload=workload).unblended == 5
