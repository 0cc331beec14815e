"""The health endpoints, as an orchestrator meets them: not signed in."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from notices.models import Mail
from records.clock import now
from tests.cast import Cast, submitted
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


def ready(client: Client) -> list[str]:
    response = client.get(reverse("readyz"))
    assert response.status_code == 200  # a warning takes nothing out of service
    return response.content.decode().splitlines()


@pytest.mark.django_db
@pytest.mark.parametrize(("ago", "warned"), [(60, False), (130, True), (None, True)])
def test_a_missing_worker_is_a_warning(client: Client, ago: int | None, warned: bool) -> None:  # noqa: FBT001 - what is expected
    with connection.cursor() as cursor:
        if ago is not None:
            heard = "SELECT now() - make_interval(secs => %s)"
            cursor.execute(f"INSERT INTO procrastinate_workers (last_heartbeat) {heard}", [ago])
    line = "warning: no worker has said for 2 minutes that it lives"
    assert ready(client) == (["ready", line] if warned else ["ready"])


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "warned"), [(59, False), (61, True)])
def test_mail_that_waits_is_a_warning(
    cast: Cast,
    client: Client,
    minutes: int,
    warned: bool,  # noqa: FBT001 - what is expected
) -> None:
    submitted(cast)
    Mail.objects.update(written_at=now() - timedelta(minutes=minutes))
    assert any("a mail has waited since" in line for line in ready(client)) is warned
    Mail.objects.update(state="dropped")
    assert not any("a mail has waited" in line for line in ready(client))
