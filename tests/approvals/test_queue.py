"""The queue of the Financial Admins through the front door."""

import re
from dataclasses import replace
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, RoleGrant
from approvals.actions import confirm_pending_estimate
from business_cases.actions import revise_estimate, send_to_approval
from records.clock import today
from tests.approvals.pages import text_of
from tests.approvals.test_deciding import approve, seen_of
from tests.cast import TERMS, Cast, added, proposal, submitted
from valueboard.lib.months import month_of


def test_the_queue_shows_what_waits_oldest_first(client: Client, cast: Cast) -> None:
    first = submitted(cast)
    second = added(cast, proposal(cast, name="Re-ranking", case=None, space=cast.search))
    client.force_login(cast.priya)
    answer = client.get("/approvals/")
    assert [(row.workload.name, row.url) for row, _ in answer.context["waiting"]] == [
        ("Contract review", f"/approvals/requests/{first.pk}/"),
        ("Re-ranking", f"/approvals/workloads/{second.slug}/"),
    ]
    page = text_of(answer)
    for said in ("$159,171.27", "7.22×", "Strong", "$1,150,000", "Unbacked", "Olivia", "Search"):
        assert said in page


def test_what_is_decided_leaves_the_queue_for_the_list_below(client: Client, cast: Cast) -> None:
    approve(cast.priya, submitted(cast))
    client.force_login(cast.priya)
    answer = client.get("/approvals/")
    assert answer.context["waiting"] == []
    page = text_of(answer)
    assert "Nothing waits for a decision" in page
    assert "Value reviewed and agreed" in page
    assert "The pilot convinced us." in page


def test_the_queue_says_what_somebody_else_must_decide(client: Client, cast: Cast) -> None:
    submitted(cast, proposal(cast, owner=cast.priya))
    client.force_login(cast.priya)
    answer = client.get("/approvals/")
    assert "You own this workload, so somebody else decides." in text_of(answer)


def test_an_estimate_whose_request_was_rejected_says_so_before_anybody_confirms_it(
    client: Client, cast: Cast
) -> None:
    """A rejection declines an estimate only where another is in force: the first one waits on."""
    workload = added(cast)
    request = send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    approve(cast.priya, request, outcome="rejected", acknowledgement="", rationale="Switch it off.")
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    client.force_login(cast.felix)
    said = re.compile(
        rf'<a href="/requests/{request.pk}/#conversation" ?>Business Request rejected</a> '
        rf"by Priya Example on {today():%-d %b %Y}"
    )
    confirm = f"/approvals/workloads/{workload.slug}/"
    for address in ("/approvals/", confirm):
        assert said.search(text_of(client.get(address))), address
    assert "Switch it off." in text_of(client.get(confirm))
    # A later estimate is another one, and says so; the rejection is not forgotten.
    this_month = month_of(today())
    later = replace(TERMS, monthly=Decimal(9000), effective=this_month)
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=later, reason="Less.")
    assert "; the estimate is a later one" in text_of(client.get(confirm))
    # Once it is confirmed knowingly there is nothing to say any more.
    confirm_pending_estimate(
        actor=cast.felix, workload=workload, seen=seen_of(workload), rationale="To compare."
    )
    again = replace(TERMS, monthly=Decimal(90000), effective=this_month)
    revise_estimate(actor=cast.olivia, workload=workload, seen=2, terms=again, reason="More.")
    assert "Business Request rejected" not in text_of(client.get("/approvals/"))


def test_an_estimate_that_nobody_rejected_says_nothing_of_it(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.priya)
    for address in ("/approvals/", f"/approvals/workloads/{workload.slug}/"):
        assert "rejected" not in text_of(client.get(address)).lower()


def test_the_queue_asks_the_database_as_often_for_many_as_for_one(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.priya)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/approvals/")
        return len(asked)

    submitted(cast)
    added(cast, proposal(cast, name="Added"))
    client.get("/approvals/")  # what a process asks once
    few = queries()
    for number in range(8):
        submitted(cast, proposal(cast, name=f"Request {number}"))
        added(cast, proposal(cast, name=f"Added {number}"))
    assert queries() == few
