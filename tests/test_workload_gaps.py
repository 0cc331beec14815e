"""Open gaps on a workload's page: what is missing, who asked, and what to do about it."""

from django.test import Client

from allocation_gaps.actions import (
    look_for_gaps,
    recall_request,
    request_from_owner,
    stop_from_gap,
)
from allocation_gaps.reports import open_of_workload
from business_cases.actions import revise_case
from tests.cast import SAVING, Cast, added, proposal
from tests.test_workload_page import text_of


def test_open_gaps_stand_on_the_overview_with_what_to_do(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast, case=None))
    look_for_gaps()
    page = f"/workloads/{workload.slug}/"

    def overview(name: str) -> str:
        client.force_login(getattr(cast, name))
        return text_of(client.get(page))

    (gap,) = open_of_workload(workload)
    assert "1 open Allocation Gap " in overview("felix")
    assert f'href="/gaps/{gap.pk}/">See to it' in overview("felix")
    assert f'href="{page}case/" >Answer with the business case' in overview("olivia")
    assert "See to it" not in overview("mona")
    assert "Answer with" not in overview("mona")
    request_from_owner(actor=cast.felix, opening=gap, seen=0, rationale="For the review.")
    asked = overview("olivia")
    assert "Actioned" in asked
    assert f"{cast.felix.name} asked for the business case by" in asked
    (taken_back,) = open_of_workload(workload)
    recall_request(actor=cast.felix, opening=taken_back, seen=1, rationale="Too early.")
    assert "Recalled" in overview("felix")
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="Asked for.")
    look_for_gaps()
    assert "open Allocation Gap" not in overview("felix")


def test_a_stopped_workload_says_so_and_its_gaps_are_no_question_any_more(
    client: Client, cast: Cast
) -> None:
    workload = added(cast, proposal(cast, case=None))
    look_for_gaps()
    workload.refresh_from_db()
    stop_from_gap(actor=cast.olivia, workload=workload, seen=workload.seen, reason="No need.")
    client.force_login(cast.olivia)
    page = text_of(client.get(f"/workloads/{workload.slug}/"))
    heading = page[page.index("<h1") : page.index("</h1>")]
    assert "Stopped" in heading
    assert "Proposed" not in heading
    assert "Actioned" in page, "stopping answers it; the next look resolves it"
    assert "Answer with" not in page
