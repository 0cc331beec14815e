"""Every figure leads to how it is made, and computes again from what its panel lists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.test import Client

from business_cases.actions import retract_case, revise_case, revise_estimate
from positions.query import COLUMNS as ALL_COLUMNS
from spaces.models import Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.figures.checking import panel_at, wrong_on
from tests.figures.pages import read
from tests.figures.panels import Panel, read_panel
from tests.spend import bedrock, load, load_months, rule_for
from tests.standing import living

Travel = Callable[[datetime], None]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00Z")


def live(cast: Cast, travel: Travel, folder: Path) -> Workload:
    """A workload that was approved, revised twice, spent, and waits with another estimate."""
    travel(at("2026-01-10"))
    asked = proposal(cast, estimate=replace(TERMS, growth=Decimal("1.5"), months=18))
    request = submitted(cast, asked)
    approve(cast.priya, request)
    workload = workload_of(request)
    rule_for(cast.felix, workload, "legal")
    months = {date(2026, m, 1): {"legal": f"{9000 + 517 * m}.33", "other": "3"} for m in (6, 7, 8)}
    load_months(folder / "bills", travel, months)
    travel(at("2026-09-20") + timedelta(hours=1))
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        case=replace(SAVING, percent=Decimal("12.5")),
        reason="The pilot was smaller.",
    )
    revise_estimate(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        terms=replace(asked.estimate, monthly=Decimal("10400.55"), effective=date(2026, 10, 1)),
        reason="Prices rose.",
    )
    revise_estimate(
        actor=cast.olivia,
        workload=workload,
        seen=2,
        terms=replace(asked.estimate, monthly=Decimal(20000), effective=date(2026, 11, 1)),
        reason="Twice the volume.",
    )
    load(folder / "september", bedrock("legal", 812.1234), bedrock("other", 5.0))
    return workload


lived = living("lived", live)


@pytest.mark.parametrize("name", ["felix", "olivia", "priya"])
def test_every_figure_of_the_workload_page_can_be_computed_again(
    client: Client, cast: Cast, lived: Workload, name: str
) -> None:
    client.force_login(getattr(cast, name))
    page = lived.get_absolute_url()
    assert wrong_on(client, page, least=30) == []
    assert wrong_on(client, f"{page}?part=timeline", least=10) == []
    assert wrong_on(client, f"{page}?part=days", least=10) == []


@pytest.mark.parametrize("day", ["2026-01-10", "2026-07-20", "2026-09-20"])
def test_so_can_every_figure_of_a_past_day(
    client: Client, cast: Cast, lived: Workload, travel: Travel, day: str
) -> None:
    travel(at("2027-12-20"))
    client.force_login(cast.felix)
    assert wrong_on(client, f"{lived.get_absolute_url()}?as_of={day}", least=15) == []


def test_so_can_those_of_a_case_that_changed_its_kind_or_was_retracted(
    client: Client, cast: Cast, lived: Workload
) -> None:
    client.force_login(cast.felix)
    changed = replace(REVENUE, direction="grow")
    revise_case(actor=cast.olivia, workload=lived, seen=2, case=changed, reason="Sold.")
    assert wrong_on(client, lived.get_absolute_url(), least=30) == []
    retract_case(actor=cast.olivia, workload=lived, seen=3, reason="Counted twice.")
    assert wrong_on(client, lived.get_absolute_url(), least=30) == []


def test_so_can_those_of_an_ended_funding_and_of_a_workload_that_was_only_added(
    client: Client, cast: Cast, lived: Workload, travel: Travel
) -> None:
    client.force_login(cast.felix)
    case = replace(SAVING, anchor="Translators")
    only = added(cast, proposal(cast, name="Only added", case=case))
    assert wrong_on(client, only.get_absolute_url()) == []
    travel(at("2027-12-20"))
    assert wrong_on(client, lived.get_absolute_url(), least=30) == []


# By name: the bounds of the legend lead to Thresholds, and the map repeats the rows of the table.
BY_NAME = ("bound", "treemap")
COLUMNS = ",".join(ALL_COLUMNS)


@pytest.mark.parametrize(
    "asked",
    [
        f"columns={COLUMNS}",
        f"columns={COLUMNS}&lens=actual",
        f"columns={COLUMNS}&as_of=2026-08-20",
        "compare=2026-06-20",
        "as_of=2026-09-25&compare=2026-01-05&type=cost_saving",
        "space=search",
    ],
)
def test_so_can_every_figure_of_the_board(
    client: Client, cast: Cast, lived: Workload, travel: Travel, asked: str
) -> None:
    unbacked = added(cast, proposal(cast, name="Unbacked", case=None, space=cast.search))
    added(cast, proposal(cast, name="Revenue", case=REVENUE))
    rule_for(cast.felix, unbacked, "other")
    travel(at("2026-10-21"))
    retract_case(actor=cast.olivia, workload=lived, seen=2, reason="Counted twice.")
    client.force_login(cast.felix)
    assert wrong_on(client, f"/?{asked}", exempt=BY_NAME, least=12) == []


def test_a_bare_amount_is_caught(client: Client, cast: Cast, lived: Workload) -> None:
    client.force_login(cast.felix)
    html = client.get(lived.get_absolute_url()).content.decode()
    assert read(html).bare == []
    for planted in ("$1", "<b>86.7</b> it is 12 %", "7.22×", "<data class='figure'>$3.10</data>"):
        assert read(html.replace("</main>", f"<p>{planted}</p></main>")).bare, planted
    typed = "<p data-typed>We saved $1 of 5%.</p></main>"
    assert read(html.replace("</main>", typed)).bare == []


def test_a_panel_with_a_wrong_input_is_caught(client: Client, cast: Cast, lived: Workload) -> None:
    client.force_login(cast.felix)
    page = client.get(f"/figures/?what=prospect&of=w:{lived.slug}").content.decode()
    text = " ".join(page.split())

    def agrees(panel: Panel) -> bool:
        return panel.computed() == Fraction(panel.result)

    assert agrees(read_panel(text))
    for was, planted in (('"f" value="12"', '"f" value="11"'), ("575000.00", "475000.00")):
        assert was in text
        assert not agrees(read_panel(text.replace(was, planted)))


def test_the_panel_of_a_score_is_exact(client: Client, cast: Cast, lived: Workload) -> None:
    """METHOD 5: from the figures as shown, so that anyone can recompute it."""
    client.force_login(cast.olivia)
    panel = panel_at(client, f"/figures/?what=prospect&of=w:{lived.slug}:e1:c1")
    assert panel.formula == "prospect@1"
    assert panel.single["O"] == "1150000.00"
    assert panel.text == "8.81×"
    page = client.get(f"/figures/?what=prospect&of=w:{lived.slug}:e1:c1").content.decode()
    for said in ("How is this figure made?", "Strong Prospect", "rounded down", "Case v1"):
        assert said in " ".join(page.split()) or said == "Case v1"


def test_a_link_that_was_sent_says_what_its_sender_saw(
    client: Client, cast: Cast, lived: Workload, travel: Travel
) -> None:
    client.force_login(cast.felix)
    answer = client.get(f"/figures/?what=opportunity&of=w:{lived.slug}")
    assert "$575,000" in answer.content.decode()
    link = answer.context["link"]
    travel(at("2026-11-02"))
    retract_case(actor=cast.olivia, workload=lived, seen=2, reason="Counted twice.")
    assert client.get(f"/figures/?what=opportunity&of=w:{lived.slug}").status_code == 404
    sent = client.get(link)
    assert "$575,000" in sent.content.decode()
    assert sent.context["link"].split("?")[1].count("known_at=") == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("felix", 200), ("olivia", 200), ("mona", 200), ("adam", 404), ("oscar", 404), ("sam", 404)],
)
def test_whoever_does_not_read_a_workload_reads_no_figure_of_it(
    client: Client, cast: Cast, lived: Workload, name: str, status: int
) -> None:
    client.force_login(getattr(cast, name))
    answer = client.get(f"/figures/?what=projected&of=w:{lived.slug}")
    assert answer.status_code == status
    assert (lived.name in answer.content.decode()) is (status == 200)


def test_single_lines_are_for_those_who_read_everything(
    client: Client, cast: Cast, lived: Workload
) -> None:
    address = f"/figures/?what=day_actual&of=w:{lived.slug}:2026-09-15"
    client.force_login(cast.felix)
    first = panel_at(client, f"/figures/?what=month_actual&of=w:{lived.slug}:2026-09").rows["days"]
    address = f"/figures/?what=day_actual&of=w:{lived.slug}:{first[0]['day']}"
    assert panel_at(client, address).rows["lines"]
    client.force_login(cast.olivia)
    assert "lines" not in panel_at(client, address).rows
    assert "/spend/" not in client.get(address).content.decode().split('<section class="made"')[1]


@pytest.mark.parametrize(
    "address",
    [
        "what=projected&of=w:nothing-of-the-kind",
        "what=nothing&of=w:contract-review",
        "what=projected&of=x:contract-review",
        "what=projected&of=",
        "what=projected&of=w:contract-review:e9",
        "what=projected&of=w:contract-review:y7",
        "what=opportunity&of=w:contract-review:c0",
        "what=opportunity&of=w:contract-review:zzz",
        "what=month_projected&of=w:contract-review",
        "what=month_actual&of=w:contract-review:2026-13",
        "what=change&of=w:contract-review",
        "what=change&of=w:contract-review:change:e1~e1",
        "what=change&of=w:contract-review:prospect:e1~e9",
        "what=tokens_actual&of=w:contract-review:2026-09:k0123456789ab",
        "what=day_limit&of=w:contract-review:2026-05-02",
        "what=projected&of=w:contract-review&as_of=2025-12-31",
        "what=projected%00&of=w:contract-review",
    ],
)
def test_what_there_is_not_to_explain_is_not_found(
    client: Client, cast: Cast, lived: Workload, address: str
) -> None:
    client.force_login(cast.felix)
    assert client.get(f"/figures/?{address}").status_code == 404


@pytest.mark.parametrize("moment", ["as_of=tomorrow", "as_of=2099-01-01", "known_at=2026"])
def test_a_moment_that_cannot_be_read_is_said(
    client: Client, cast: Cast, lived: Workload, moment: str
) -> None:
    client.force_login(cast.felix)
    address = f"/figures/?what=projected&of=w:{lived.slug}&{moment}"
    assert client.get(address).status_code == 400
