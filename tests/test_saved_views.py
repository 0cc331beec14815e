"""Saved views of the board: whose they are, who finds them, and what they open."""

import re

import pytest
from django.test import Client

from accounts.models import User
from positions.actions import ViewTerms, change_view, delete_view, save_view
from positions.models import SavedView
from spaces.models import Membership, Space
from tests.cast import Cast
from tests.forms.pages import form_to
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db


def listed(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get("/views/").content.decode()


def saved(cast: Cast, name: str = "Weak ones", space: Space | None = None) -> SavedView:
    return save_view(actor=cast.felix, query="band=weak", terms=ViewTerms(name, space))


def test_a_view_is_saved_from_the_board_s_address_and_opens_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.felix)
    page = client.get("/views/save/?space=commerce&band=weak&type=")
    typed = form_to(page, "/views/save/", here="/views/save/?space=commerce&band=weak&type=")
    answer = client.post("/views/save/", typed | {"name": ["Weak in Commerce"]})
    assert answer.status_code == 302
    assert "band=weak" in answer.headers["Location"]
    assert "space=commerce" in answer.headers["Location"]
    assert client.get(answer.headers["Location"]).status_code == 200
    assert "Weak in Commerce" in listed(client, cast.felix)


def test_a_private_view_is_for_its_owner_alone(cast: Cast, client: Client) -> None:
    view = saved(cast)
    for other in (cast.priya, cast.erin, cast.mona, cast.sam):
        assert "Weak ones" not in listed(client, other)
        assert client.get(f"/views/{view.pk}/edit/").status_code == 404
        assert client.post(f"/views/{view.pk}/delete/").status_code in {404, 409}
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_shared_view_is_found_by_whoever_reads_the_space(cast: Cast, client: Client) -> None:
    view = saved(cast, space=cast.commerce)
    for reader in (cast.mona, cast.olivia, cast.erin):
        assert "Weak ones" in listed(client, reader)
        assert client.get(f"/views/{view.pk}/edit/").status_code == 404
    for stranger in (cast.oscar, cast.sam, cast.adam):
        assert "Weak ones" not in listed(client, stranger)


def test_no_address_tells_of_a_space_that_one_does_not_read(cast: Cast, client: Client) -> None:
    for name in ("space", "smaller"):
        save_view(
            actor=cast.felix,
            query=f"{name}={cast.commerce.slug}&band=weak",
            terms=ViewTerms(f"By {name}", cast.search),
        )
    Membership.objects.create(space=cast.search, user=cast.sam, role=Membership.Role.MEMBER)
    assert "/?space=commerce&amp;band=weak" in listed(client, cast.olivia)
    page = listed(client, cast.sam)
    assert page.count("/?band=weak") == 4  # two links, and two to copy
    assert "Space: not one that you read" in page
    assert "commerce" not in page.lower()


def test_nobody_shares_with_a_space_that_they_do_not_read(cast: Cast, client: Client) -> None:
    with pytest.raises(RefusedError):
        save_view(actor=cast.mona, query="", terms=ViewTerms("Mine", cast.support))
    client.force_login(cast.mona)
    typed = form_to(client.get("/views/save/"), "/views/save/", here="/views/save/")
    answer = client.post(
        "/views/save/", typed | {"name": ["Mine"], "space": [str(cast.support.pk)]}
    )
    assert answer.status_code == 422
    assert not SavedView.objects.exists()


def test_one_view_at_most_opens_by_itself(cast: Cast) -> None:
    first = save_view(actor=cast.felix, query="", terms=ViewTerms("One", is_default=True))
    save_view(actor=cast.felix, query="", terms=ViewTerms("Two", is_default=True))
    save_view(actor=cast.erin, query="", terms=ViewTerms("Hers", is_default=True))
    first.refresh_from_db()
    assert not first.is_default
    assert SavedView.objects.filter(is_default=True).count() == 2


def test_the_view_that_opens_by_itself_is_left_by_every_link(cast: Cast, client: Client) -> None:
    save_view(actor=cast.felix, query="band=weak", terms=ViewTerms("Weak", is_default=True))
    whole = save_view(actor=cast.felix, query="", terms=ViewTerms("All of it"))
    client.force_login(cast.felix)
    page = client.get("/", follow=True).content.decode()
    without = re.search(r'href="(/\?[^"]*)"><span aria-hidden="true"\s*>×', page)
    assert without
    everything = client.get(without[1])
    assert everything.status_code == 200
    copied = re.search(r'data-copy="(/\?[^"]*)"', everything.content.decode())
    assert copied
    inside = client.get("/?space=commerce").content.decode()
    above = re.search(r'<a[^>]* href="([^"]*)"[^>]*>All Spaces</a>', inside)
    assert above
    for link in (copied[1], above[1], str(whole.get_absolute_url())):
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert "Left out of what was asked for" not in answer.content.decode()


def test_a_name_is_taken_once_and_said_beside_the_field(cast: Cast, client: Client) -> None:
    saved(cast)
    client.force_login(cast.felix)
    typed = form_to(client.get("/views/save/"), "/views/save/", here="/views/save/")
    answer = client.post("/views/save/", typed | {"name": ["weak ones"]})
    assert answer.status_code == 422
    assert "You have a view of this name already." in answer.content.decode()


def test_of_two_tabs_the_slower_is_told(cast: Cast) -> None:
    view = saved(cast)
    seen = view.seen
    change_view(actor=cast.felix, view=view, seen=seen, terms=ViewTerms("The weak"))
    with pytest.raises(StaleError):
        change_view(actor=cast.felix, view=view, seen=seen, terms=ViewTerms("Weakest"))
    delete_view(actor=cast.felix, view=view)
    with pytest.raises(StaleError):
        delete_view(actor=cast.felix, view=view)


def test_a_view_that_another_took_the_place_of_does_not_take_it_back(
    cast: Cast, client: Client
) -> None:
    """The form was opened while the board opened with it."""
    view = save_view(actor=cast.felix, query="", terms=ViewTerms("One", is_default=True))
    address = f"/views/{view.pk}/edit/"
    client.force_login(cast.felix)
    typed = form_to(client.get(address), address, here=address)
    assert typed["is_default"] == ["on"]
    other = save_view(actor=cast.felix, query="", terms=ViewTerms("Two", is_default=True))
    assert client.post(address, typed | {"name": ["First"]}).status_code == 409
    assert list(SavedView.objects.filter(is_default=True)) == [other]


def test_the_actions_themselves_change_nobody_else_s_view(cast: Cast) -> None:
    view = saved(cast, space=cast.commerce)
    with pytest.raises(StaleError):
        change_view(actor=cast.erin, view=view, seen=view.seen, terms=ViewTerms("Hers"))
    with pytest.raises(StaleError):
        delete_view(actor=cast.erin, view=view)
    view.refresh_from_db()
    assert view.name == "Weak ones"


def test_the_list_says_in_words_what_each_view_filters(client: Client, cast: Cast) -> None:
    wanted = f"space=commerce&band=weak&owner={cast.olivia.pk}&lens=actual&columns=owner"
    save_view(actor=cast.felix, query=wanted, terms=ViewTerms("Mixed", cast.commerce))
    save_view(actor=cast.felix, query="", terms=ViewTerms("All of it", None))
    page = " ".join(listed(client, cast.felix).split())
    assert "Space: Commerce · Owner: Olivia Example · Band: Weak" in page
    assert "Lens: Against actual spend ·" in page
    assert "columns of its own" in page
    assert "Every workload" in page
    # Who does not read everybody's workloads is told nobody's name by an id.
    assert "Olivia Example" not in listed(client, cast.mona)
