"""Spaces and workloads are renamed, moved and handed over; who reads what is said before."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from accounts.models import User
from business_cases.actions import change_workload, withdraw_request
from business_cases.models import BusinessRequest, RequestState, RequestStep
from spaces.actions import change_space
from spaces.models import Membership, Placement, Space, Workload
from tests.approvals.pages import posted
from tests.approvals.test_deciding import workload_of
from tests.cast import Cast, added, proposal, submitted
from valueboard.lib.errors import RefusedError, StaleError


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def change(actor: User, workload: Workload, **changes: Any) -> Workload:
    workload = Workload.objects.get(pk=workload.pk)
    said: dict[str, Any] = {
        "seen": workload.seen,
        "name": workload.name,
        "purpose": workload.purpose,
        "space": workload.space,
        "owner": workload.owner,
        "reason": "Because.",
    }
    return change_workload(actor=actor, workload=workload, **(said | changes))


def test_a_move_says_who_gains_and_who_loses_before_it_is_done(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    typed = {
        "name": "Search",
        "parent": str(cast.support.pk),
        "reason": "Reorganised.",
        "seen": cast.search.seen,
    }
    answer = client.post("/spaces/search/edit/", typed)
    page = page_of(answer)
    assert answer.status_code == 200
    assert "Will read it: Oscar Example." in page
    assert "Will read it no more: Mona Example, Olivia Example." in page
    assert Space.objects.get(slug="search").parent == cast.commerce
    explained = answer.context["readers"].seen
    Membership.objects.create(space=cast.search, user=cast.mona, role="member")
    again = client.post("/spaces/search/edit/", typed | {"explained": explained})
    assert "no more: Olivia Example." in page_of(again)
    explained = again.context["readers"].seen
    done = client.post("/spaces/search/edit/", typed | {"explained": explained})
    assert done.status_code == 302
    assert Space.objects.get(slug="search").parent == cast.support
    for name, status in (("oscar", 200), ("mona", 200), ("olivia", 404), ("felix", 200)):
        client.force_login(getattr(cast, name))
        assert client.get("/spaces/search/").status_code == status, name


def test_a_space_never_lies_inside_itself(cast: Cast) -> None:
    for parent in (cast.commerce, cast.search):
        with pytest.raises(ValidationError, match="inside itself"):
            change_space(
                actor=cast.adam,
                space=cast.commerce,
                seen=cast.commerce.seen,
                name="Commerce",
                parent=parent,
            )


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_close_no_circle(cast: Cast) -> None:
    def move(space: Space, parent: Space) -> str:
        try:
            change_space(
                actor=User.objects.get(pk=cast.adam.pk),
                space=space,
                seen=space.seen,
                name=space.name,
                parent=parent,
                explained=explained[space.pk],
            )
        except (ValidationError, RefusedError) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return ""

    Membership.objects.all().delete()
    explained = {cast.commerce.pk: "", cast.support.pk: ""}
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(move, cast.commerce, cast.support),
            pool.submit(move, cast.support, cast.commerce),
        ]
        assert sorted(each.result() for each in both) == ["", "ValidationError"]


def test_a_name_in_use_is_said_beside_the_name(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    Space.objects.create(name="Checkout", slug="checkout", parent=cast.commerce)
    typed = {"name": "checkOUT", "parent": str(cast.commerce.pk), "seen": cast.search.seen}
    answer = client.post("/spaces/search/edit/", typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["A Space of this name exists there already."]
    assert 'value="checkOUT"' in answer.content.decode()


@pytest.mark.parametrize("name", ["priya", "felix", "erin", "olivia", "mona", "sam"])
def test_only_an_administrator_changes_spaces(client: Client, cast: Cast, name: str) -> None:
    client.force_login(getattr(cast, name))
    assert client.get("/spaces/search/edit/").status_code == 403
    with pytest.raises(PermissionDenied):
        change_space(
            actor=getattr(cast, name),
            space=cast.search,
            seen=cast.search.seen,
            name="Mine",
            parent=None,
        )


def test_an_administrator_finds_every_space_to_manage(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    page = client.get("/spaces/").content.decode()
    for slug in ("commerce", "search", "support"):
        assert f'href="/spaces/{slug}/edit/"' in page
    client.force_login(cast.felix)
    assert "/edit/" not in client.get("/spaces/").content.decode()


def test_a_workload_is_renamed_moved_and_handed_over(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    page = f"/workloads/{workload.slug}/"
    answer = client.post(
        f"{page}edit/",
        {
            "name": "Clause finder",
            "purpose": "Finds clauses.",
            "space": str(cast.search.pk),
            "owner": str(cast.mona.pk),
            "reason": "Mona follows.",
            "seen": workload.seen,
        },
    )
    assert (answer.status_code, answer["Location"]) == (302, page)
    placement = Placement.objects.get(workload=workload, version=2)
    assert (placement.name, placement.space, placement.owner, placement.recorded_by) == (
        "Clause finder",
        cast.search,
        cast.mona,
        cast.olivia,
    )
    shown = page_of(client.get(page))
    assert "Mona follows." in shown
    assert "Contract review</del>" in shown
    assert "What happened last" in shown


@pytest.mark.parametrize("name", ["priya", "felix", "erin", "adam", "mona", "oscar", "sam"])
def test_others_do_not_change_a_workload(client: Client, cast: Cast, name: str) -> None:
    workload = added(cast)
    client.force_login(getattr(cast, name))
    assert client.get(f"/workloads/{workload.slug}/edit/").status_code == 404
    with pytest.raises(PermissionDenied):
        change(getattr(cast, name), workload, name="Mine")


def test_a_workload_goes_only_where_one_may_add_and_to_who_belongs_there(cast: Cast) -> None:
    workload = added(cast)
    with pytest.raises(ValidationError, match="no product owner of this Space"):
        change(cast.olivia, workload, space=cast.support)
    with pytest.raises(ValidationError, match="does not belong"):
        change(cast.olivia, workload, owner=cast.sam)
    with pytest.raises(ValidationError, match="Say why"):
        change(cast.olivia, workload, name="Other", reason=" ")
    with pytest.raises(RefusedError, match="Nothing changed"):
        change(cast.olivia, workload)
    with pytest.raises(StaleError, match="Nothing was overwritten"):
        change(cast.olivia, workload, name="Other", seen="old")
    added(cast, proposal(cast, name="Taken"))
    with pytest.raises(ValidationError) as taken:
        change(cast.olivia, workload, name="taken")
    assert list(taken.value.error_dict) == ["name"]
    assert Placement.objects.filter(workload=workload).count() == 1


def test_a_decision_never_binds_a_name_that_the_approver_did_not_see(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    workload = workload_of(request)
    opened = posted(workload)
    change(cast.olivia, workload, name="Something else", owner=cast.mona)
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    assert client.post(address, opened).status_code == 409
    request.refresh_from_db()
    assert (request.name, request.state) == ("Something else", RequestState.SUBMITTED)
    assert RequestStep.objects.filter(request=request).count() == 2
    assert client.post(address, posted(workload)).status_code == 302


def test_a_deactivated_owner_leaves_workloads_that_are_named(client: Client, cast: Cast) -> None:
    added(cast)
    client.force_login(cast.adam)
    page = f"/people/{cast.olivia.pk}/"
    assert "Owns Contract review." in page_of(client.get(page))
    typed = {"name": "Olivia", "reason": "Left.", "seen": cast.olivia.seen}
    answer = client.post(page, typed, follow=True)
    assert "Without an owner now: Contract review." in page_of(answer)
    assert not User.objects.get(pk=cast.olivia.pk).is_active


def test_people_read_their_own_history_and_nobody_elses(client: Client, cast: Cast) -> None:
    client.force_login(cast.mona)
    page = page_of(client.get("/people/me/"))
    assert "Space Commerce added" in page
    assert client.get(f"/people/{cast.olivia.pk}/").status_code == 403
    assert BusinessRequest.objects.count() == 0


def test_the_history_names_no_space_that_its_reader_does_not_read(
    client: Client, cast: Cast
) -> None:
    Membership.objects.create(space=cast.search, user=cast.sam, role="member")
    workload = added(cast)
    change(cast.olivia, workload, space=cast.search)
    client.force_login(cast.sam)
    page = page_of(client.get(f"/workloads/{workload.slug}/"))
    assert "a Space that you don&#x27;t read" in page
    assert "Commerce" not in page
    client.force_login(cast.mona)
    assert "<del>Commerce</del>" in page_of(client.get(f"/workloads/{workload.slug}/"))


def test_an_author_who_left_the_space_reads_and_changes_their_request_no_more(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast, proposal(cast, owner=cast.mona))
    client.force_login(cast.olivia)
    assert client.get(f"/requests/{request.pk}/").status_code == 200
    Membership.objects.get(user=cast.olivia).delete()
    for page in ("", "edit/"):
        assert client.get(f"/requests/{request.pk}/{page}").status_code == 404
    with pytest.raises(PermissionDenied):
        withdraw_request(actor=cast.olivia, request=request, seen=request.revision)
