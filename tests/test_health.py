"""The health endpoints, as an orchestrator meets them: not signed in."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from valueboard import health


def test_live_without_database(client: Client) -> None:
    response = client.get(reverse("livez"))
    assert (response.status_code, response.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_ready_as_the_application_role(client: Client) -> None:
    response = client.get(reverse("readyz"))
    assert response.status_code == 200
    assert response.content.startswith(b"ready\n")


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = frozenset({*health.wanted_migrations(), ("spaces", "9999_later")})
    monkeypatch.setattr(health, "wanted_migrations", lambda: later)
    response = client.get(reverse("readyz"))
    assert (response.status_code, response.content) == (503, b"migrations are missing\n")


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        message = "connection refused"
        raise OperationalError(message)

    connection.close()
    monkeypatch.setattr(connection, "connect", refuse)
    response = client.get(reverse("readyz"))
    assert (response.status_code, response.content) == (503, b"database does not answer\n")
