"""What is downloaded is what was asked for: every line, whole amounts, and who asked when."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from cur_ingest.actions import RuleTerms, add_rule
from cur_ingest.models import DailyLine, Delivery
from cur_ingest.splitting import Share
from cur_ingest.views import lines as views
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.clock import Travel
from tests.lib.test_sheets import cells_of
from tests.spend import bedrock, load, rule_for
from tests.standing import living

PAGE = "/spend/lines/"


def spent(cast: Cast, _travel: Travel, folder: Path) -> Cast:
    workload = added(cast, proposal(cast, name="=Review"))
    load(
        folder,
        bedrock("review", 0.1, pricing_unit="1K tokens", line_item_usage_amount=12.5),
        bedrock(
            "review",
            12345678.9012,
            line_item_resource_id="@evil",
            line_item_usage_start_date=datetime(2026, 9, 6, tzinfo=UTC),
        ),
        bedrock("", 3.0, line_item_usage_account_id="444455556666"),
    )
    rule_for(cast.felix, workload, "review")
    return cast


spend = living("spend", spent)


def read_csv(client: Client, query: str) -> list[dict[str, str]]:
    response = client.get(f"{PAGE}export.csv?{query}")
    assert response.streaming
    text = b"".join(response).decode()
    return list(csv.DictReader(text.splitlines()))


def test_csv_holds_every_line_of_the_filter_to_the_last_digit(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    rows = read_csv(client, "workload=review")
    assert [row["unblended"] for row in rows] == ["0.1", "12345678.9012"]
    assert len(read_csv(client, "")) == 3
    first, second = rows
    assert (first["workload"], second["resource"]) == ("'=Review", "'@evil")
    assert (first["model"], first["token kind"], first["part"]) == (
        "NovaLite",
        "input",
        "Attributed to workloads",
    )
    assert (first["usage amount"], first["pricing unit"]) == ("12.5", "1K tokens")
    assert first["tags"] == '{"workload": "review"}'


def test_a_workbook_says_what_it_is_of(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    response = client.get(f"{PAGE}export.xlsx?part=attributed&service=AmazonBedrock")
    book = b"".join(response)
    assert 'filename="spend-lines.xlsx"' in response["Content-Disposition"]
    head, *rows = cells_of(book)
    names = [text for _, text in head]
    place = names.index("unblended")
    # Empty cells are not written, so that a row's cells are found from its end.
    amounts = [row[place - len(names)] for row in rows]
    assert [(kind, Decimal(text)) for kind, text in amounts] == [
        ("n", Decimal("0.1")),
        ("n", Decimal("12345678.9012")),
    ]
    about = {row[0][1]: row[1:] for row in cells_of(book, 2)}
    delivery = Delivery.objects.get()
    assert about["exported by"] == [("inlineStr", "Felix Example")]
    ((_, moment),) = about["exported at"]
    at = datetime.fromisoformat(moment.replace(" UTC", "Z"))
    assert now() - timedelta(hours=1) < at <= now()
    assert about["filter: Part of the proof"][0][1] == "Attributed to workloads"
    assert about["filter: Service"][0][1] == "AmazonBedrock"
    assert about["lines"] == [("n", "2")]
    assert about["delivery id"] == [("n", str(delivery.pk))]
    total = next(row for label, row in about.items() if label.startswith("total unblended"))
    assert (total[0][0], Decimal(total[0][1])) == ("n", Decimal("12345679.0012"))
    assert total[1] == ("inlineStr", "12345679.0012")


def test_more_lines_than_a_workbook_takes_are_refused_with_a_way_out(
    client: Client, spend: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_IN_A_WORKBOOK", 2)
    client.force_login(spend.felix)
    assert "export.xlsx" not in client.get(PAGE).content.decode()
    response = client.get(f"{PAGE}export.xlsx")
    assert response.status_code == 413
    assert f"{PAGE}export.csv?" in response.content.decode()
    assert "export.xlsx?workload=review" in client.get(f"{PAGE}?workload=review").content.decode()


def test_downloads_keep_the_filters_of_the_page(client: Client, spend: Cast) -> None:
    client.force_login(spend.felix)
    text = client.get(f"{PAGE}?account=444455556666&part=&after=x").content.decode()
    assert f'{PAGE}export.csv?account=444455556666"' in text


def test_a_total_has_all_its_digits(client: Client, spend: Cast) -> None:
    """Python alone would round a sum of these to 28 digits."""
    parts = ("123456789012.000000000000000000000001", "0.000000000000000000000002")
    for line, amount in zip(DailyLine.objects.order_by("pk"), parts, strict=False):
        DailyLine.objects.filter(pk=line.pk).update(unblended=Decimal(amount))
    DailyLine.objects.exclude(unblended__in=[Decimal(p) for p in parts]).delete()
    client.force_login(spend.felix)
    response = client.get(f"{PAGE}export.xlsx")
    book = b"".join(response)
    exact = [row[2][1] for row in cells_of(book, 2) if row[0][1].startswith("total unblended")]
    assert exact == ["123456789012.000000000000000000000003"]
    page = client.get(f"{PAGE}?service=AmazonBedrock").content.decode()
    assert "123,456,789,012.000000000000000000000003" in page


def test_the_file_of_a_workload_adds_up_to_its_figure(client: Client, spend: Cast) -> None:
    """With its parts of lines that a rule splits, each of which leads to these lines."""
    review, other = Workload.objects.get(), added(spend, proposal(spend, name="Other"))
    shares = (Share(review.pk, Decimal("33.3")), Share(other.pk, Decimal("66.7")))
    terms = RuleTerms(5, account="444455556666", split="fixed", shares=shares)
    add_rule(actor=spend.felix, terms=terms, reason="Shared.", include_closed=True)
    client.force_login(spend.felix)
    (shown,) = (w for w in client.get("/spend/").context["month"].workloads if w.workload == review)
    rows = read_csv(client, "month=2026-09&workload=review")
    assert [row["row"] for row in rows] == ["line", "line", "part of split lines"]
    assert sum(Decimal(row["amortised"]) for row in rows) == shown.amount.amount
    part = rows[-1]
    assert (part["workload"], part["part"]) == ("'=Review", "Attributed to workloads")
    # The lines that were split come to its parts.
    split = client.get(part["address"])
    assert [row.line.account for row in split.context["rows"]] == ["444455556666"]
    every = [*rows, *read_csv(client, "month=2026-09&workload=other")]
    parts = [Decimal(row["amortised"]) for row in every if row["row"] == "part of split lines"]
    assert sum(parts) == split.context["figures"][0].amount.amount == 3
    # A line's address says why it is where it is.
    assert "Tagged so." in client.get(rows[0]["address"]).content.decode()
    about = {
        row[0][1]: row[2][1]
        for row in cells_of(b"".join(client.get(f"{PAGE}export.xlsx?workload=review")), 2)
        if len(row) > 2
    }
    assert about["total amortised, commitments spread over the usage they cover"] == str(
        shown.amount.amount.normalize()
    )
    assert about["of that, parts of split lines, amortised"] == "0.999"
    # Without the workload as a filter the split lines themselves are in the file.
    assert {row["row"] for row in read_csv(client, "part=attributed")} == {"line"}
