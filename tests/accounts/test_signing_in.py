"""Signing in and out, and passwords, through the pages."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, RoleGrant, User
from tests.cast import PASSWORD, Cast

LOGIN = "/accounts/login/"
NEW_PASSWORD = "quiet harbour lamp 7"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_were(
    cast: Cast, client: Client
) -> None:
    asked = client.get("/?band=weak").headers["Location"]
    assert asked == f"{LOGIN}?next=/%3Fband%3Dweak"
    typed = {"login": cast.felix.email, "password": PASSWORD, "next": "/?band=weak"}
    assert client.post(asked, typed).headers["Location"] == "/?band=weak"


def test_the_email_may_be_typed_in_any_case(cast: Cast, client: Client) -> None:
    assert sign_in(client, cast.felix.email.upper()) == 302


def test_a_wrong_password_says_no_more_than_an_unknown_person(cast: Cast, client: Client) -> None:
    def refused(email: str) -> str:
        page = client.post(LOGIN, {"login": email, "password": "wrong"}).content.decode()
        return re.sub(r'value="[^"]*"|X-CSRFToken[^}]*', "", page)

    assert refused(cast.felix.email) == refused("nobody@example.com")
    assert "_auth_user_id" not in client.session


def test_a_deactivated_person_cannot_sign_in(cast: Cast, client: Client) -> None:
    cast.felix.is_active = False
    cast.felix.save()
    sign_in(client, cast.felix.email)
    assert client.get("/").status_code == 302


def test_signing_out_needs_a_click_and_ends_the_session(cast: Cast, client: Client) -> None:
    client.force_login(cast.felix)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_a_changed_password_ends_the_other_sessions(cast: Cast, client: Client) -> None:
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(cast.felix)
    typed = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", typed).status_code == 302
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert sign_in(Client(), cast.felix.email, NEW_PASSWORD) == 302


def test_a_forgotten_password_is_chosen_anew_by_mail_and_only_once(
    cast: Cast, client: Client
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.felix.email})
    [message] = mail.outbox
    found = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", str(message.body))
    assert found
    form = client.get(found[1], follow=True)
    typed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(form.redirect_chain[-1][0], typed).status_code == 302
    assert sign_in(client, cast.felix.email, NEW_PASSWORD) == 302
    assert "no longer valid" in Client().get(found[1], follow=True).content.decode()


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert client.get("/accounts/signup/", follow=True).status_code == 404
    assert "sign up" not in client.get(LOGIN).content.decode().lower()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(
    cast: Cast, page: Page, axe: Callable[[Page], None], width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    for address in (LOGIN, "/accounts/password/reset/", "/accounts/password/reset/done/"):
        page.goto(address)
        axe(page)
    page.goto(LOGIN)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Please correct what is marked").wait_for()
    axe(page)


def test_a_person_signs_in_and_out_by_keyboard(cast: Cast, page: Page) -> None:
    page.goto("/")
    page.keyboard.type(cast.felix.email)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Value Board", exact=True).wait_for()
    page.locator("summary", has_text="Felix Example").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sign in").wait_for()


def test_who_is_switched_off_or_loses_a_role_is_out_at_the_next_request(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.felix)
    assert client.get("/spend/").status_code == 200
    RoleGrant.objects.filter(user=cast.felix).delete()
    assert client.get("/spend/").status_code == 403
    RoleGrant.objects.create(user=cast.felix, role=Role.EXECUTIVE)
    assert client.get("/spend/").status_code == 200
    User.objects.filter(pk=cast.felix.pk).update(is_active=False)
    assert client.get("/spend/").headers["Location"].startswith(LOGIN)


def test_a_person_read_with_their_roles_is_asked_for_none(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.ADMINISTRATOR)
    with django_assert_num_queries(2):
        felix = User.objects.with_roles().get(pk=cast.felix.pk)
        sam = User.objects.with_roles().get(pk=cast.sam.pk)
        assert felix.roles == {Role.FINANCE, Role.ADMINISTRATOR}
        assert sam.roles == frozenset()
