"""What stands on the decision pages beside the request: changes, spend, earlier declarations."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from approvals.actions import confirm_pending_estimate
from approvals.background import Background, Change
from business_cases.actions import (
    add_workload,
    revise_case,
    revise_estimate,
    submit_request,
)
from business_cases.models import BusinessRequest
from records.clock import today
from spaces.models import Workload
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.business_cases.claimed import words as read_words
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.figures.checking import Checked
from tests.spend import load_months, rule_for
from valueboard.lib.months import month_of
from valueboard.templatetags.figures import words


def text_of(answer: Any) -> str:
    return read_words(answer)


def opened(client: Client, user: User, address: str) -> tuple[str, Background]:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer), answer.context["background"]


def deciding(client: Client, user: User, request: BusinessRequest) -> tuple[str, Background]:
    return opened(client, user, f"/approvals/requests/{request.pk}/")


def lines(change: Change) -> dict[str, list[str]]:
    """What changed, by label: what each side says, and the band of a score."""
    return {
        line.label: [
            " ".join(filter(None, [words(c.figure) if c.figure else c.words, c.band]))
            for c in line.cells
        ]
        for part in change.comparison.parts
        for line in part.lines
        if line.changed
    }


def returned(cast: Cast, request: BusinessRequest) -> None:
    approve(cast.priya, request, outcome="returned", acknowledgement="", rationale="A pilot?")
    request.refresh_from_db()


# --- what changed ---------------------------------------------------------------------------------


def test_before_the_first_decision_everything_is_new(client: Client, cast: Cast) -> None:
    text, background = deciding(client, cast.priya, submitted(cast))
    assert background.changes == ()
    assert "It was neither approved nor returned before" in text


def test_what_changed_since_the_return_stands_field_by_field(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    returned(cast, request)
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=replace(
            proposal(cast),
            name="Clause check",
            purpose="Marks clauses.",
            space=cast.search,
            owner=cast.mona,
            estimate=replace(TERMS, monthly=Decimal(20000)),
            case=replace(SAVING, percent=Decimal(10), basis="200 contracts."),
        ),
        reason="A pilot.",
    )
    text, background = deciding(client, cast.priya, request)
    (change,) = background.changes
    assert "Since Priya Example returned it for changes on" in text
    found = lines(change)
    assert found["Name"] == ["Contract review", "Clause check"]
    assert found["Purpose"] == ["Reads contracts and marks risky clauses.", "Marks clauses."]
    assert found["Space"] == ["Commerce", "Search"]
    assert found["Product owner"] == ["Olivia Example", "Mona Example"]
    assert found["Monthly amount"] == ["$10,000.00", "$20,000.00"]
    assert found["Expected percentage"] == ["25%", "10%"]
    assert found["Declared annual opportunity"] == ["$1,150,000", "$460,000"]
    assert found["How it was reached"] == ["A pilot on 400 contracts.", "200 contracts."]
    assert found["This funding year"] == ["7.22× strong", "1.44× marginal"]
    assert found["Over the whole term"] == ["7.22× strong", "1.44× marginal"]
    # What did not change is not repeated.
    assert not {"Source", "Monthly growth", "Current annual amount"} & set(found)
    assert "Clause check" in text
    assert "“Contract review”" not in text


def test_nothing_changed_is_said(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    returned(cast, request)
    submit_request(
        actor=cast.olivia, request=request, seen=request.revision, proposal=proposal(cast)
    )
    text, background = deciding(client, cast.priya, request)
    assert [change.says for change in background.changes] == [False]
    assert "Nothing changed: name, purpose, Space, owner, estimate and case" in text


def test_more_funding_stands_beside_the_approval_and_the_return_after_it(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    month = month_of(today())
    larger = replace(TERMS, monthly=Decimal(15000), first=month, effective=month)
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=larger, reason="More.")
    case = replace(SAVING, percent=Decimal(30))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=case, reason="More.")
    more = BusinessRequest.objects.exclude(pk=request.pk).get()
    text, background = deciding(client, cast.priya, more)
    (change,) = background.changes
    assert "Since Priya Example approved it on" in text
    assert lines(change)["Monthly amount"] == ["$10,000.00", "$15,000.00"]
    assert lines(change)["Expected percentage"] == ["25%", "30%"]
    assert "Name" not in lines(change)

    returned(cast, more)
    client.force_login(cast.priya)
    _, background = deciding(client, cast.priya, more)
    assert [change.since.split(" on ")[0] for change in background.changes] == [
        "Priya Example approved it",
        "Priya Example returned it for changes",
    ]
    assert [change.says for change in background.changes] == [True, False]


def test_a_confirmation_is_an_approving_decision_of_an_estimate(client: Client, cast: Cast) -> None:
    workload = added(cast)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="As invoiced."
    )
    case = replace(SAVING, percent=Decimal(1))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=case, reason="Less.")
    text, background = opened(client, cast.priya, f"/approvals/workloads/{workload.slug}/")
    (change,) = background.changes
    assert "Since Priya Example confirmed its estimate on" in text
    assert lines(change)["This funding year"] == ["7.22× strong", "0.28× weak"]


def test_a_changed_value_type_stands_without_a_difference(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    returned(cast, request)
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=proposal(cast, case=REVENUE),
        reason="It is revenue.",
    )
    _, background = deciding(client, cast.priya, request)
    rows = {li.label: li for part in background.changes[0].comparison.parts for li in part.lines}
    ((_, difference),) = rows["Declared annual opportunity"].differences
    assert difference.word == "not compared"


# --- what was spent -------------------------------------------------------------------------------

Months = Mapping[date, Mapping[str, str]]
# December lies before the funding. By the estimate January costs 10,000, February 10,500.
BILL: Months = {
    date(2025, 12, 1): {"chat": "300"},
    date(2026, 1, 1): {"chat": "9000"},
    date(2026, 2, 1): {"chat": "12000"},
}


@pytest.fixture
def chat(cast: Cast, travel: Callable[[datetime], None], tmp_path: Path) -> Workload:
    """Olivia's chat: approved in December 2025, then on the bill up to 20 March 2026."""
    travel(datetime.fromisoformat("2025-12-05T12:00:00Z"))
    asked = submitted(cast, proposal(cast, name="Chat"))
    approve(cast.priya, asked)
    load_months(tmp_path, travel, BILL)
    rule_for(cast.felix, workload_of(asked), "chat")
    return workload_of(asked)


def test_spend_stands_beside_the_estimate_over_the_closed_months(
    client: Client, cast: Cast, chat: Workload
) -> None:
    # 20 March: February is closed, March has no delivery yet.
    terms = replace(TERMS, monthly=Decimal(30000), effective=date(2026, 3, 1))
    revise_estimate(actor=cast.olivia, workload=chat, seen=1, terms=terms, reason="More.")
    more = BusinessRequest.objects.get(workload=chat, state="submitted")
    text, background = deciding(client, cast.priya, more)
    spend = background.spend
    assert spend
    assert spend.against
    against = spend.against
    assert against.months == (date(2026, 1, 1), date(2026, 2, 1))
    kinds = [f.kind.value for f in (against.planned, against.spent, against.difference)]
    assert kinds == ["projected", "actual", "derived"]
    assert "Estimate in force projected 2 closed months, Jan 2026 – Feb 2026 $20,500.00" in text
    assert "Spent in the same months actual 2 closed months, Jan 2026 – Feb 2026 $21,000.00" in text
    assert "Above or below derived +$500.00 +2.4% of the estimate" in text
    assert "Spent outside the funding actual closed months that no estimate funds $300.00" in text
    # 300, 9,000 and 12,000 of three closed months, scaled to a year.
    assert "Run-rate actual a year, from 3 closed months $85,200.00" in text
    assert "nothing of its value" in text


def test_without_spend_it_says_so(client: Client, cast: Cast) -> None:
    text, background = deciding(client, cast.priya, submitted(cast))
    assert background.spend is None
    assert "No spend is attributed to this workload." in text


def test_the_month_to_date_is_apart(
    client: Client,
    cast: Cast,
    chat: Workload,
    travel: Callable[[datetime], None],
    tmp_path: Path,
) -> None:
    march = date(2026, 3, 1)
    load_months(tmp_path, travel, {march: {"chat": "3100"}}, until=date(2026, 3, 25))
    terms = replace(TERMS, monthly=Decimal(30000), effective=date(2026, 4, 1))
    revise_estimate(actor=cast.olivia, workload=chat, seen=1, terms=terms, reason="More.")
    more = BusinessRequest.objects.get(workload=chat, state="submitted")
    text, background = deciding(client, cast.priya, more)
    assert background.spend
    assert background.spend.to_date
    assert 2000 < background.spend.to_date.amount < 3100
    assert "Month to date actual not scaled" in text
    # It is in no comparison and in no run-rate.
    assert background.spend.against
    assert background.spend.against.spent.amount == 21000
    assert "a year, from 3 closed months $85,200.00" in text


# --- what the owner declared before ---------------------------------------------------------------


def test_earlier_declarations_stand_with_what_became_of_them(
    client: Client, cast: Cast, chat: Workload
) -> None:
    case = replace(SAVING, percent=Decimal(5))
    revise_case(actor=cast.olivia, workload=chat, seen=1, case=case, reason="Less.")
    second = submitted(cast, proposal(cast, name="Second", case=REVENUE))
    returned(cast, second)
    text, background = deciding(client, cast.priya, submitted(cast))
    first, other = background.declarations
    assert (first.workload, first.state, first.decided) == (chat, "Claimed", "approved")
    assert first.opportunity
    assert words(first.opportunity) == "$230,000"
    assert (first.baseline.band, first.current.band) == ("strong", "marginal")
    assert first.baseline.prospect
    assert first.current.prospect
    assert words(first.baseline.prospect) == "7.22×"
    assert words(first.current.prospect) == "1.44×"
    assert first.is_revised
    assert first.against
    assert [words(f) for f in (first.against.planned, first.against.spent)] == [
        "$20,500.00",
        "$21,000.00",
    ]
    assert (other.state, other.against, other.decided) == ("Proposed", None, "returned")
    assert background.together
    together = background.together
    assert together.over
    assert together.over.difference.amount == 500
    assert (together.overs, together.under) == (1, None)
    assert "$500.00 over the estimates, in 1 of them" in text
    assert "What Olivia Example declared before" in text
    assert "$21,000.00 and $300.00 outside the funding" in text
    assert "revenue, not margin" in text
    # No claim about value follows from spend.
    assert "is not measured, and spend says nothing of it" in text


def test_what_was_over_and_what_was_under_are_never_netted(
    client: Client,
    cast: Cast,
    chat: Workload,
    travel: Callable[[datetime], None],
    tmp_path: Path,
) -> None:
    dear = added(cast, proposal(cast, name="Dear", estimate=replace(TERMS, monthly=Decimal(400))))
    confirm_pending_estimate(
        actor=cast.priya, workload=dear, seen=seen_of(dear), rationale="Plausible."
    )
    rule_for(cast.felix, dear, "dear")
    load_months(tmp_path, travel, {date(2026, 3, 1): {"chat": "12000", "dear": "1"}})
    text, background = deciding(client, cast.priya, submitted(cast))
    together = background.together
    assert together
    assert together.over
    assert together.under
    gaps = [d.against.difference.amount for d in background.declarations if d.against]
    assert together.over.difference.amount == sum(gap for gap in gaps if gap > 0) > 0
    assert together.under.difference.amount == sum(gap for gap in gaps if gap < 0) < 0
    assert f"{words(together.over.difference)} over the estimates, in 1 of them" in text
    assert (
        f"{words(together.under.difference).lstrip('−')} under the estimates, in 1 of them" in text
    )
    sums = (
        together.planned,
        together.spent,
        together.over.difference,
        together.under.difference,
    )
    addresses = [f"/figures/?{figure.made.query}" for figure in sums if figure.made]
    checked = Checked(client)
    said = [Decimal(checked.panel(address).result) for address in addresses]
    assert said == [figure.amount for figure in sums]
    checked.below(addresses)
    assert checked.wrong == []
    client.force_login(cast.oscar)
    assert {client.get(address).status_code for address in addresses} == {404}


def test_an_owner_without_another_workload_has_none(client: Client, cast: Cast) -> None:
    text, background = deciding(client, cast.priya, submitted(cast))
    assert background.declarations == ()
    assert background.together is None
    assert "Olivia Example owns no other workload" in text


def test_only_what_the_reader_reads_is_listed(client: Client, cast: Cast) -> None:
    add_workload(
        actor=cast.oscar,
        proposal=proposal(cast, name="In Support", owner=cast.olivia, space=cast.support),
    )
    added(cast, proposal(cast, name="In Search", space=cast.search))
    added(cast, proposal(cast, name="Monas", owner=cast.mona))
    request = submitted(cast)
    seen = {
        name: [
            d.workload.name for d in deciding(client, getattr(cast, name), request)[1].declarations
        ]
        for name in ("priya", "mona")
    }
    assert seen == {"priya": ["In Search", "In Support"], "mona": ["In Search"]}


# --- queries --------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow(client: Client, cast: Cast) -> None:
    request, workload = submitted(cast), added(cast, proposal(cast, name="Added"))
    client.force_login(cast.priya)
    pages = (f"/approvals/requests/{request.pk}/", f"/approvals/workloads/{workload.slug}/")

    def count() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
        return counts

    added(cast, proposal(cast, name="W0"))
    count()
    few = count()
    for number in range(1, 30):
        added(cast, proposal(cast, name=f"W{number}"))
    assert count() == few
    assert max(few) <= 64
