"""Confirming an estimate through the front door."""

from typing import Any

import pytest
from django.test import Client

from approvals.models import Decision
from approvals.reports import Seen
from business_cases.actions import change_workload
from business_cases.reports import standing_of
from records.clock import now
from spaces.models import Workload
from tests.approvals.pages import lower, posted, text_of
from tests.approvals.test_deciding import seen_of, workload_of
from tests.cast import Cast, added, submitted
from tests.forms.pages import form_to

TRAVEL = "2026-01-10T12:00:00Z"


def test_the_estimate_of_an_added_workload_is_confirmed(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.priya)
    address = f"/approvals/workloads/{workload.slug}/"
    assert "It was added in its Space without a request" in text_of(client.get(address))
    assert client.post(address, posted(workload))["Location"] == "/approvals/"
    assert standing_of(workload.pk, now()).in_force is not None
    assert Decision.objects.get().outcome == "confirmed"
    again = client.post(address, posted(workload))
    assert again.status_code == 409
    assert "Priya Example decided on this on" in text_of(again)
    assert "Priya Example decided on this on" in text_of(client.get(address))


def test_a_revision_between_page_and_click_stops_a_confirmation(client: Client, cast: Cast) -> None:
    workload = added(cast)
    data = posted(workload)
    lower(cast, workload)
    client.force_login(cast.priya)
    answer = client.post(f"/approvals/workloads/{workload.slug}/", data)
    assert answer.status_code == 409
    assert "2.88×" in text_of(answer)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("field", ["name", "purpose", "space", "owner"])
def test_an_edit_of_the_workload_between_page_and_click_stops_a_confirmation(
    client: Client, cast: Cast, field: str
) -> None:
    workload = added(cast)
    data = posted(workload)
    said: dict[str, Any] = {
        "name": workload.name,
        "purpose": workload.purpose,
        "space": workload.space,
        "owner": workload.owner,
    }
    other: dict[str, Any] = {
        "name": "Other",
        "purpose": "Other.",
        "space": cast.search,
        "owner": cast.mona,
    }
    change_workload(
        actor=cast.olivia,
        workload=workload,
        seen=workload.seen,
        reason="A correction.",
        **(said | {field: other[field]}),
    )
    client.force_login(cast.priya)
    address = f"/approvals/workloads/{workload.slug}/"
    answer = client.post(address, data)
    assert answer.status_code == 409
    assert "was changed after you opened this page" in text_of(answer)
    assert str(other[field]) in text_of(answer)
    assert data["rationale"] in text_of(answer)
    assert not Decision.objects.exists()
    # Read again, it is confirmed: the page carries what it shows now.
    again = form_to(answer, address, here=address)
    assert again["workload_seen"] == [Workload.objects.get(pk=workload.pk).seen]


def test_a_confirmation_needs_a_rationale(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.priya)
    answer = client.post(f"/approvals/workloads/{workload.slug}/", posted(workload, rationale=" "))
    assert answer.status_code == 422


def test_a_proposed_workload_has_no_estimate_to_confirm(client: Client, cast: Cast) -> None:
    workload = workload_of(submitted(cast))
    client.force_login(cast.priya)
    assert client.get(f"/approvals/workloads/{workload.slug}/").status_code == 404


def test_seen_is_found_again_among_what_is_recorded(cast: Cast) -> None:
    workload = workload_of(submitted(cast))
    seen = seen_of(workload)
    lower(cast, workload)
    standing = standing_of(workload.pk, now())
    assert Seen.of(seen.within(standing)) == seen
    assert Seen("", "x").within(standing).cases == ()
