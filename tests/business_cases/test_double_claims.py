"""Double claims through the front door: who sees what, on which pages, and what counts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from business_cases.actions import (
    add_workload,
    merge_names,
    retract_case,
    revise_case,
    save_draft,
    submit_request,
    withdraw_request,
)
from business_cases.case import CaseTerms
from business_cases.models import AnchorMerge, BusinessRequest
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import asked
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.spend import load_months
from valueboard.lib.figure import ValueType

# Oscar's case beside Olivia's 25 % of $4,600,000: together 109.8 % of the larger amount.
WHOLE = replace(
    SAVING,
    anchor="outside  COUNSEL",
    current_amount=Decimal(3_900_000),
    percent=Decimal(100),
    source="Oscar's own ledger",
    basis="Oscar's secret pilot.",
)
ARITHMETIC = "$1,150,000 + $3,900,000 = $5,050,000 declared a year, of $4,600,000: 109.8%"
OTHER_WAY = "$3,900,000 + $1,150,000 = $5,050,000 declared a year, of $4,600,000: 109.8%"


def words(answer: Any) -> str:
    """The text of a page, without markup and with single spaces."""
    html = re.sub(r"</?data[^>]*>", "", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def read(client: Client, user: User, page: str) -> str:
    client.force_login(user)
    answer = client.get(page)
    assert answer.status_code == 200, page
    return words(answer)


def oscars(cast: Cast, case: CaseTerms | None = WHOLE, name: str = "Letters") -> Workload:
    """Add a workload to Support, which Olivia doesn't read."""
    wanted = proposal(cast, name=name, case=case, owner=cast.oscar, space=cast.support)
    return add_workload(actor=cast.oscar, proposal=wanted)


def decide(cast: Cast, request: BusinessRequest, outcome: str) -> None:
    request.refresh_from_db()
    approve(cast.priya, request, outcome=outcome, acknowledgement="")
    request.refresh_from_db()


def page_of(workload: Workload) -> str:
    return workload.get_absolute_url()


# --- who sees it ----------------------------------------------------------------------------------


def test_owners_approver_and_finance_see_the_arithmetic(client: Client, cast: Cast) -> None:
    request, letters = submitted(cast), oscars(cast)
    assert request.workload
    mine, request_page = page_of(request.workload), request.get_absolute_url()
    for user, page in (
        (cast.olivia, mine),
        (cast.olivia, request_page),
        (cast.priya, mine),
        (cast.priya, request_page),
        (cast.felix, mine),
        (cast.erin, request_page),
    ):
        assert ARITHMETIC in read(client, user, page), (user, page)
    for user in (cast.oscar, cast.felix, cast.priya):
        assert OTHER_WAY in read(client, user, page_of(letters)), user


def test_who_may_not_read_the_other_sees_name_owner_and_amount_and_nothing_else(
    client: Client, cast: Cast
) -> None:
    request, letters = submitted(cast), oscars(cast)
    assert request.workload
    client.force_login(cast.olivia)
    for page in (page_of(request.workload), request.get_absolute_url()):
        html = client.get(page).content.decode()
        text = re.sub(r"<[^>]+>", " ", html)
        assert "Letters" in text
        assert "Oscar Example" in text
        assert "$3,900,000" in text
        # No link; and neither source nor basis, percentage, Space or spelling, in no tooltip.
        assert page_of(letters) not in html
        for secret in ("Oscar&#x27;s", "secret pilot", "100%", "Support", "outside  COUNSEL"):
            assert secret not in html, (page, secret)
    assert client.get(page_of(letters)).status_code == 404


def test_whoever_reads_the_other_gets_a_link(client: Client, cast: Cast) -> None:
    request, letters = submitted(cast), oscars(cast)
    client.force_login(cast.priya)
    html = client.get(request.get_absolute_url()).content.decode()
    assert f'href="{page_of(letters)}"' in html
    assert "outside  COUNSEL" in html


def test_members_of_the_space_who_answer_for_nothing_do_not_see_it(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    oscars(cast)
    assert request.workload
    for page in (page_of(request.workload), request.get_absolute_url()):
        text = read(client, cast.mona, page)
        assert "Letters" not in text
        assert "Oscar" not in text


# --- what counts ----------------------------------------------------------------------------------


def seen_by_oscar(client: Client, cast: Cast, letters: Workload) -> bool:
    text = read(client, cast.oscar, page_of(letters))
    assert ("above 100%" in read(client, cast.felix, "/names/")) == ("5,050,000" in text)
    return "5,050,000" in text


def test_drafts_returned_withdrawn_rejected_and_retracted_cases_do_not_count(
    client: Client, cast: Cast
) -> None:
    letters = oscars(cast)
    draft = save_draft(
        actor=cast.olivia, request=None, seen=0, typed=asked(cast), space=cast.commerce
    )
    assert not seen_by_oscar(client, cast, letters)
    submit_request(actor=cast.olivia, request=draft, seen=draft.revision, proposal=proposal(cast))
    assert seen_by_oscar(client, cast, letters)
    decide(cast, draft, "returned")
    assert not seen_by_oscar(client, cast, letters)
    submit_request(actor=cast.olivia, request=draft, seen=draft.revision, proposal=proposal(cast))
    draft.refresh_from_db()
    assert seen_by_oscar(client, cast, letters)
    withdraw_request(actor=cast.olivia, request=draft, seen=draft.revision)
    assert not seen_by_oscar(client, cast, letters)

    rejected = submitted(cast, proposal(cast, name="Second"))
    assert seen_by_oscar(client, cast, letters)
    decide(cast, rejected, "rejected")
    assert not seen_by_oscar(client, cast, letters)

    claimed = submitted(cast, proposal(cast, name="Third"))
    approve(cast.priya, claimed)
    assert seen_by_oscar(client, cast, letters)
    assert claimed.workload
    retract_case(actor=cast.olivia, workload=claimed.workload, seen=1, reason="Nothing in it.")
    assert not seen_by_oscar(client, cast, letters)
    revise_case(actor=cast.olivia, workload=claimed.workload, seen=2, case=SAVING, reason="It is.")
    assert seen_by_oscar(client, cast, letters)


def test_ended_workloads_do_not_count(
    client: Client, cast: Cast, travel: Callable[[datetime], None], tmp_path: Path
) -> None:
    travel(datetime.fromisoformat("2026-01-05T12:00:00Z"))
    short = submitted(cast, proposal(cast, estimate=replace(TERMS, months=1)))
    approve(cast.priya, short)
    letters = oscars(cast)
    months = {date(2026, month, 1): {"other": "5"} for month in (1, 2)}
    load_months(tmp_path, travel, months)
    assert seen_by_oscar(client, cast, letters)
    load_months(tmp_path, travel, {date(2026, 3, 1): {"other": "5"}})
    assert not seen_by_oscar(client, cast, letters)
    assert short.workload
    assert "Letters" not in read(client, cast.olivia, page_of(short.workload))


def test_savings_and_revenue_on_one_name_are_two(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    oscars(cast, replace(REVENUE, anchor="Outside counsel", percent=Decimal(1000)))
    assert "Letters" not in read(client, cast.priya, request.get_absolute_url())


def test_one_hundred_percent_is_not_more_than_there_is(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    oscars(cast, replace(SAVING, percent=Decimal(75)))
    text = read(client, cast.priya, request.get_absolute_url())
    assert "= $4,600,000 declared a year, of $4,600,000: 100.0%" in text
    assert "more than there is" not in text
    assert "above 100%" not in read(client, cast.felix, "/names/")


# --- while typing ---------------------------------------------------------------------------------


def typed(cast: Cast, **changes: str) -> dict[str, Any]:
    return asked(cast, **changes)


@pytest.mark.parametrize("script", [True, False])
def test_the_form_shows_what_would_be(client: Client, cast: Cast, *, script: bool) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    page, extra = ("/requests/panel/", {}) if script else ("/requests/new/", {"recalculate": "1"})
    answer = client.post(page, typed(cast) | extra)
    assert ARITHMETIC in words(answer)
    assert ARITHMETIC not in words(client.post(page, typed(cast, anchor="Fleet") | extra))
    # The name alone shows who is there, before any amount is typed.
    named = words(client.post(page, typed(cast, current_amount="", percent="") | extra))
    assert "Letters" in named
    assert "$3,900,000 = $3,900,000 declared a year, of $3,900,000: 100.0%" in named


def test_submitting_is_never_blocked(client: Client, cast: Cast) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    assert client.post("/requests/new/", typed(cast)).status_code == 302
    request = BusinessRequest.objects.get()
    assert ARITHMETIC in words(client.get(request.get_absolute_url()))


def test_a_draft_shows_its_author_what_would_be(client: Client, cast: Cast) -> None:
    oscars(cast)
    client.force_login(cast.olivia)
    client.post("/requests/new/", typed(cast, draft="1"))
    page = BusinessRequest.objects.get().get_absolute_url()
    assert ARITHMETIC in words(client.get(page))


@pytest.mark.parametrize("script", [True, False])
def test_a_revision_counts_its_own_case_once(client: Client, cast: Cast, *, script: bool) -> None:
    workload = added(cast)
    oscars(cast)
    client.force_login(cast.olivia)
    page = f"{page_of(workload)}case/"
    assert ARITHMETIC in words(client.get(page))
    new = {name: text for name, text in typed(cast, percent="10").items() if name != "seen"}
    headers = {"HX-Request": "true"} if script else {}
    answer = client.post(page, new | {"recalculate": "1", "seen": "1"}, headers=headers)
    assert "$460,000 + $3,900,000 = $4,360,000 declared a year, of $4,600,000: 94.7%" in words(
        answer
    )


def test_a_returned_request_is_no_other_claimant_than_its_own_form(
    client: Client, cast: Cast
) -> None:
    """Its workload may be claimed by its spend, so that its recorded case counts."""
    request = submitted(cast)
    decide(cast, request, "returned")
    assert request.workload
    Workload.objects.filter(pk=request.workload.pk).update(state="claimed")
    oscars(cast)
    client.force_login(cast.olivia)
    for page in (f"/requests/{request.pk}/panel/", f"/requests/{request.pk}/edit/"):
        answer = client.post(page, typed(cast) | {"recalculate": "1", "seen_case": "1"})
        assert ARITHMETIC in words(answer), page
    client.force_login(cast.oscar)
    assert client.post(f"/requests/{request.pk}/panel/", typed(cast)).status_code == 404


def test_the_field_offers_every_name_and_marks_what_it_is_of(client: Client, cast: Cast) -> None:
    oscars(cast)
    added(cast, proposal(cast, name="Shop", case=REVENUE))
    client.force_login(cast.olivia)
    html = client.get("/requests/new/").content.decode()
    assert 'list="known-names"' in html
    options = re.findall(r'<option\s+value="([^"]+)"\s+data-kind="([^"]+)"', html)
    assert options == [("outside  COUNSEL", "cost_saving"), ("Web shop", "revenue_driving")]
    shop = Workload.objects.get(name="Shop")
    for page in ("/spaces/commerce/add-workload/", f"{page_of(shop)}case/"):
        assert 'data-kind="cost_saving"' in client.get(page).content.decode(), page


def test_a_name_of_somebodys_draft_is_not_offered(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    client.post("/requests/new/", typed(cast, draft="1", anchor="Secret vendor"))
    client.force_login(cast.oscar)
    assert "Secret vendor" not in client.get("/requests/new/").content.decode()


def test_a_near_duplicate_is_hinted_at_and_blocks_nothing(client: Client, cast: Cast) -> None:
    added(cast)
    client.force_login(cast.olivia)
    text = typed(cast, anchor="Outside councel", name="Another")
    assert "Cases draw on “Outside counsel” already" in words(client.post("/requests/panel/", text))
    assert client.post("/requests/new/", text).status_code == 302


# --- merges ---------------------------------------------------------------------------------------


def test_a_merge_brings_two_spellings_together_and_taking_it_back_parts_them(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    oscars(cast, replace(WHOLE, anchor="Law firms"))
    page = request.get_absolute_url()
    assert "Law firms" not in read(client, cast.priya, page)

    client.force_login(cast.felix)
    address = "/names/merge/?type=cost_saving&name=law%20firms"
    assert "“Law firms”" in words(client.get(address))
    said = {"into": "OUTSIDE counsel", "reason": "The same firms.", "seen": "0"}
    assert client.post(address, said).status_code == 302
    text = read(client, cast.priya, page)
    assert ARITHMETIC in text
    assert "as “Law firms”" in text

    mine = read(client, cast.oscar, page_of(Workload.objects.get(name="Letters")))
    assert "“Law firms” is merged into “Outside counsel”, by Felix Example" in mine
    assert "The same firms." in mine

    client.force_login(cast.felix)
    undo = "/names/undo/?type=cost_saving&name=Law%20firms"
    assert "Law firms" in words(client.get(undo))
    answer = client.post(
        undo, {"reason": "They are two.", "seen": AnchorMerge.objects.get().version}
    )
    assert answer.status_code == 302
    assert "as “Law firms”" not in read(client, cast.priya, page)
    assert "stands for itself again" in read(client, cast.felix, "/names/")


def test_a_refused_merge_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    added(cast)
    oscars(cast, replace(WHOLE, anchor="Law firms"))
    client.force_login(cast.felix)
    address = "/names/merge/?type=cost_saving&name=Law%20firms"
    answer = client.post(address, {"into": "Nobody", "reason": "Because <b>.", "seen": "0"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'value="Nobody"' in html
    assert "Because &lt;b&gt;." in html
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason="One.",
    )
    stale = client.post(address, {"into": "Outside counsel", "reason": "Mine.", "seen": "0"})
    assert stale.status_code == 409
    assert "Felix Example merged it into" in words(stale)
    assert "Mine." in stale.content.decode()


@pytest.mark.parametrize("query", ["", "?type=cost_saving", "?type=x&name=y", "?name=y"])
def test_a_name_that_nobody_uses_has_no_page(client: Client, cast: Cast, query: str) -> None:
    client.force_login(cast.felix)
    for page in ("/names/merge/", "/names/undo/"):
        assert client.get(f"{page}{query}").status_code == 404
        assert client.post(f"{page}{query}").status_code == 404


def test_who_reads_the_list_and_who_merges(client: Client, cast: Cast) -> None:
    added(cast)
    merge = "/names/merge/?type=cost_saving&name=Outside%20counsel"
    reads = {"felix": (200, 200), "priya": (200, 403), "erin": (200, 403), "adam": (403, 403)}
    for name, expected in reads.items() | {("olivia", (403, 403)), ("sam", (403, 403))}:
        client.force_login(getattr(cast, name))
        assert (client.get("/names/").status_code, client.get(merge).status_code) == expected, name


def test_the_list_has_the_most_over_claimed_first(client: Client, cast: Cast) -> None:
    for number, (anchor, percent) in enumerate(
        [("Alpha", 60), ("Alpha", 60), ("Beta", 99), ("Gamma", 80), ("Gamma", 80), ("Delta", 1)]
    ):
        case = replace(SAVING, anchor=anchor, percent=Decimal(percent))
        added(cast, proposal(cast, name=f"W{number}", case=case))
    idle = added(cast, proposal(cast, name="W9", case=replace(SAVING, anchor="Idle")))
    retract_case(actor=cast.olivia, workload=idle, seen=1, reason="No.")
    added(cast, proposal(cast, name="Shop", case=REVENUE))
    client.force_login(cast.felix)
    costs, streams = client.get("/names/").context["kinds"]
    assert [row.claims.name for row in costs.claimed] == ["Gamma", "Alpha", "Beta", "Delta"]
    assert [row.claims.name for row in costs.idle] == ["Idle"]
    assert costs.over == 2
    assert [row.claims.name for row in streams.claimed] == ["Web shop"]


# --- HTML -----------------------------------------------------------------------------------------

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 }}'


def test_html_in_names_is_harmless_everywhere(client: Client, cast: Cast) -> None:
    case = replace(SAVING, anchor=EVIL, percent=Decimal(90))
    request = submitted(cast, proposal(cast, name="One", case=case))
    other = oscars(cast, replace(case, anchor=EVIL.upper()))
    oscars(cast, replace(case, anchor="Plain"), name="Plain")
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Plain",
        into=EVIL,
        seen=0,
        reason=EVIL,
    )
    assert request.workload
    pages = [
        (cast.olivia, "/requests/new/"),
        (cast.olivia, page_of(request.workload)),
        (cast.olivia, request.get_absolute_url()),
        (cast.oscar, page_of(other)),
        (cast.oscar, page_of(Workload.objects.get(name="Plain"))),
        (cast.oscar, f"{page_of(other)}case/"),
        (cast.felix, "/names/"),
        (cast.felix, "/names/undo/?type=cost_saving&name=plain"),
        (cast.priya, f"/approvals/requests/{request.pk}/"),
    ]
    for user, page in pages:
        client.force_login(user)
        answer = client.get(page)
        assert answer.status_code == 200, page
        html = answer.content.decode().lower()
        assert "<script>alert" not in html, page
        assert "<img src=x" not in html, page
    client.force_login(cast.olivia)
    panel = client.post("/requests/panel/", asked(cast, anchor=EVIL)).content.decode()
    assert "&lt;script&gt;" in panel
    assert "<script>" not in panel
