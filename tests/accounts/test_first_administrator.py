"""How the first person of an empty database comes in."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Role, User
from tests.cast import Cast


def test_the_first_administrator_can_sign_in(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSWORD", "a long first password")
    call_command("create_administrator", "Ada@Example.com", "Ada Example")
    assert User.objects.get().roles == {Role.ADMINISTRATOR}
    typed = {"login": "ada@example.com", "password": "a long first password"}
    assert client.post("/accounts/login/", typed).status_code == 302
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_weak_password_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("PASSWORD", password)
    with pytest.raises(CommandError, match=r"too short|too common"):
        call_command("create_administrator", "ada@example.com", "Ada Example")
    assert not User.objects.exists()


def test_there_is_no_second_first_administrator(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSWORD", "a long first password")
    with pytest.raises(CommandError, match="people already"):
        call_command("create_administrator", "eve@example.com", "Eve Example")
