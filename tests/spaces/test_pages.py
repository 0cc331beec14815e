"""Spaces and People through the front door."""

import pytest
from django.test import Client

from accounts.models import Role, User
from spaces.models import Membership, Space
from tests.cast import Cast, added, proposal


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", ["/spaces/", "/gaps/", "/maturity/", "/people/"])
def test_strangers_are_sent_to_sign_in(client: Client, cast: Cast, path: str) -> None:
    client.raise_request_exception = False  # a page that breaks on a stranger asks for no sign-in
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("priya", ["Commerce", "Search", "Support"]),
        ("erin", ["Commerce", "Search", "Support"]),
        ("olivia", ["Commerce", "Search"]),
        ("mona", ["Commerce", "Search"]),
        ("oscar", ["Support"]),
        ("adam", []),
        ("sam", []),
    ],
)
def test_people_see_their_spaces_only(
    client: Client, cast: Cast, name: str, seen: list[str]
) -> None:
    answer = signed_in(client, getattr(cast, name)).get("/spaces/")
    assert answer.status_code == 200
    assert [branch.space.name for branch in answer.context["tree"]] == seen
    for slug in ("commerce", "search", "support"):
        found = client.get(f"/spaces/{slug}/").status_code
        assert found == (200 if slug.capitalize() in seen else 404)


def test_the_tree_adds_up_what_lies_inside(client: Client, cast: Cast) -> None:
    added(cast)
    added(cast, proposal(cast, name="Re-ranking", space=cast.search))
    tree = signed_in(client, cast.olivia).get("/spaces/").context["tree"]
    assert [(b.space.name, b.depth, b.workloads) for b in tree] == [
        ("Commerce", 0, 2),
        ("Search", 1, 1),
    ]
    assert tree[0].totals.cost_saving.amount == 2 * tree[1].totals.cost_saving.amount


def test_only_owners_are_offered_to_add(client: Client, cast: Cast) -> None:
    assert "may_add" in signed_in(client, cast.mona).get("/spaces/commerce/").context
    assert not client.get("/spaces/commerce/").context["may_add"]
    assert signed_in(client, cast.olivia).get("/spaces/search/").context["may_add"]


@pytest.mark.parametrize("name", ["priya", "felix", "erin", "olivia", "sam"])
def test_people_are_for_administrators(client: Client, cast: Cast, name: str) -> None:
    assert signed_in(client, getattr(cast, name)).get("/people/").status_code == 403


def test_an_administrator_adds_a_person_with_role_and_space(client: Client, cast: Cast) -> None:
    signed_in(client, cast.adam)
    answer = client.post(
        "/people/new/",
        {
            "name": "Nadia Example",
            "email": "nadia@example.com",
            "password": "a long first password",
            "roles": ["finance"],
        },
    )
    nadia = User.objects.get(email="nadia@example.com")
    assert answer["Location"] == f"/people/{nadia.pk}/"
    assert nadia.roles == {Role.FINANCE}
    client.post(f"/people/{nadia.pk}/memberships/", {"space": cast.search.pk, "role": "member"})
    membership = Membership.objects.get(user=nadia)
    remove = f"/people/{nadia.pk}/memberships/{membership.pk}/remove/"
    assert client.post(remove, {"reason": " "}).status_code == 422
    assert Membership.objects.filter(user=nadia).exists()
    assert client.post(remove, {"reason": "Moved to Support."}).status_code == 302
    assert not Membership.objects.filter(user=nadia).exists()


def test_a_weak_password_is_refused_and_nothing_else_is_lost(client: Client, cast: Cast) -> None:
    answer = signed_in(client, cast.adam).post(
        "/people/new/", {"name": "Nadia", "email": "nadia@example.com", "password": "short"}
    )
    assert answer.status_code == 422
    assert b"nadia@example.com" in answer.content
    assert not User.objects.filter(email="nadia@example.com").exists()


def test_the_last_administrator_stays(client: Client, cast: Cast) -> None:
    answer = signed_in(client, cast.adam).post(
        f"/people/{cast.adam.pk}/",
        {
            "name": "Adam",
            "roles": [],
            "active": "on",
            "reason": "Done.",
            "seen": cast.adam.seen,
        },
    )
    assert answer.status_code == 422
    assert "must stay Administrator" in answer.content.decode()
    assert Role.ADMINISTRATOR in User.objects.get(pk=cast.adam.pk).roles


def test_a_space_name_is_taken_once_per_parent(client: Client, cast: Cast) -> None:
    signed_in(client, cast.adam)
    twice = client.post("/spaces/new/", {"name": "search", "parent": cast.commerce.pk})
    assert twice.status_code == 422
    assert client.post("/spaces/new/", {"name": "Search", "parent": ""}).status_code == 302
    assert Space.objects.filter(name__iexact="search").count() == 2


def test_a_deactivated_person_is_out_at_once(client: Client, cast: Cast) -> None:
    signed_in(client, cast.mona)
    assert client.get("/spaces/").status_code == 200
    User.objects.filter(pk=cast.mona.pk).update(is_active=False)
    assert client.get("/spaces/").status_code == 302


def test_a_space_of_any_name_has_a_page(client: Client, cast: Cast) -> None:
    """/spaces/new/ is where Spaces are made."""
    signed_in(client, cast.adam).post("/spaces/new/", {"name": "New", "parent": ""})
    made = Space.objects.get(name="New")
    page = signed_in(client, cast.priya).get(made.get_absolute_url())
    assert page.context["space"] == made
