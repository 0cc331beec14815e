"""The queue of the Financial Admins through the front door."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.approvals.pages import text_of
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, proposal, submitted


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
