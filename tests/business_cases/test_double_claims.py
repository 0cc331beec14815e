"""Double claims through the front door: who sees what, on which pages, and what counts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.test import Client

from business_cases.actions import (
    merge_names,
    retract_case,
    revise_case,
    save_draft,
    submit_request,
    withdraw_request,
)
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.business_cases.claimed import (
    ARITHMETIC,
    OTHER_WAY,
    decide,
    oscars,
    page_of,
    read,
)
from tests.business_cases.typed import asked
from tests.cast import REVENUE, SAVING, TERMS, Cast, proposal, submitted
from tests.spend import load_months
from valueboard.lib.figure import ValueType

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
        assert letters.get_absolute_url() not in html
        for secret in ("Oscar&#x27;s", "secret pilot", "100%", "Support", "outside  COUNSEL"):
            assert secret not in html, (page, secret)
    assert client.get(page_of(letters)).status_code == 404


def test_whoever_reads_the_other_gets_a_link(client: Client, cast: Cast) -> None:
    request, letters = submitted(cast), oscars(cast)
    client.force_login(cast.priya)
    html = client.get(request.get_absolute_url()).content.decode()
    assert f'href="{letters.get_absolute_url()}"' in html
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
    assert ("over-claimed" in read(client, cast.felix, "/names/")) == ("5,050,000" in text)
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
    assert "over-claimed" not in read(client, cast.felix, "/names/")


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
        (cast.oscar, f"{other.get_absolute_url()}case/"),
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
