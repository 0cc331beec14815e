"""The same form sent twice: one effect, the same answer; another form under the key is told so."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.test import Client
from psycopg import errors

from idempotency import tasks
from idempotency.models import SentForm
from spaces.models import Space
from tests.cast import PASSWORD, Cast
from tests.database import TestDatabase, url
from valueboard.lib import busy

NEW = "/spaces/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def adam(client: Client, cast: Cast) -> Client:
    client.force_login(cast.adam)
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_every_rendering_of_a_form_has_a_key_of_its_own(adam: Client) -> None:
    keys = [
        key
        for _ in range(2)
        for key in re.findall(
            r'name="csrfmiddlewaretoken"[^>]*>\s*<input\s[^>]*name="idempotency_key"'
            r'\s+value="([\w-]{32})"',
            adam.get(NEW).content.decode(),
        )
    ]
    # The form to sign out and the form itself, twice each.
    assert len(keys) == len(set(keys)) == 4


def test_the_second_gets_the_first_ones_answer_and_does_nothing(adam: Client) -> None:
    body = {"name": "Legal", "idempotency_key": "k1"}
    first = adam.post(NEW, body | {"csrfmiddlewaretoken": "a"})
    second = adam.post(NEW, body | {"csrfmiddlewaretoken": "b"})
    for answer in (first, second):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/people/")
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Space.objects.filter(name="Legal").count() == 1
    said = [str(message) for message in get_messages(second.wsgi_request)]
    assert said[-1] == "Legal was created. Add its people next."


def test_what_was_said_is_shown_once_whichever_answer_the_browser_takes(adam: Client) -> None:
    body = {"name": "Legal", "idempotency_key": "k1"}
    adam.post(NEW, body)
    cookie = adam.cookies["messages"].value
    # The second was sent before the first was answered, so without what the first said.
    del adam.cookies["messages"]
    adam.post(NEW, body)
    assert adam.cookies["messages"].value == cookie


def test_scripts_may_send_the_key_as_a_header(adam: Client) -> None:
    for _ in range(2):
        answer = adam.post(NEW, {"name": "Legal"}, headers={"Idempotency-Key": "script-1"})
        assert answer.status_code == 302
    assert Space.objects.filter(name="Legal").count() == 1


def test_without_a_key_nothing_is_kept(adam: Client) -> None:
    adam.post(NEW, {"name": "Legal"})
    assert not SentForm.objects.exists()


def test_another_text_under_the_key_is_told_so_and_kept(adam: Client) -> None:
    adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    told = adam.post(NEW, {"name": "Claims <b>", "idempotency_key": "k1"})
    page = text_of(told)
    assert told.status_code == 409
    assert "This form was sent before" in page
    assert 'href="/people/"' in page
    assert "<dd>Claims &lt;b&gt;</dd>" in page
    assert not Space.objects.filter(name__startswith="Claims").exists()
    # It can be sent as new, by the form on the page, which has a key of its own.
    form = page[page.index(f'action="{NEW}"') :]
    assert '<input type="hidden" name="name" value="Claims &lt;b&gt;">' in form
    key = re.search(r'name="idempotency_key"\s+value="([^"]+)"', form)
    assert key
    again = adam.post(NEW, {"name": "Claims <b>", "idempotency_key": key[1]})
    assert again.status_code == 302
    assert Space.objects.filter(name="Claims <b>").exists()


def test_another_address_under_the_key_is_told_so(adam: Client) -> None:
    adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    other = {"name": "Legal", "idempotency_key": "k1"}
    assert adam.post("/people/new/", other).status_code == 409


def test_passwords_are_neither_kept_nor_shown_again(adam: Client) -> None:
    adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    person = {"name": "Nina", "email": "nina@example.com", "password": PASSWORD}
    page = text_of(adam.post("/people/new/", person | {"idempotency_key": "k1"}))
    assert PASSWORD not in page
    assert 'type="password" id="again_password" name="password"' in page
    adam.post("/people/new/", person | {"idempotency_key": "k2"})
    kept = SentForm.objects.get(key="k2")
    assert PASSWORD not in str(vars(kept))
    assert len(kept.body) == 64


def test_a_key_belongs_to_its_user(adam: Client, cast: Cast) -> None:
    adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    adam.force_login(cast.olivia)
    assert adam.post(NEW, {"name": "Other", "idempotency_key": "k1"}).status_code == 403
    adam.logout()
    assert adam.post(NEW, {"name": "Other", "idempotency_key": "k1"}).status_code == 401
    assert SentForm.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 256, "nul\0"])
def test_a_key_that_is_none_is_refused(adam: Client, key: str) -> None:
    answer = adam.post(NEW, {"name": "Legal", "idempotency_key": key})
    assert answer.status_code == 400
    assert "This can&#x27;t be read" in text_of(answer) or "This can't be read" in text_of(answer)
    assert not Space.objects.filter(name="Legal").exists()


def test_a_refused_form_keeps_no_key_and_can_be_mended(adam: Client) -> None:
    refused = adam.post(NEW, {"name": " ", "idempotency_key": "k1"})
    assert refused.status_code == 422
    assert not SentForm.objects.exists()
    assert adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"}).status_code == 302


def test_the_live_panel_uses_no_key_up(client: Client, cast: Cast) -> None:
    client.force_login(cast.olivia)
    for path in ("/requests/panel/", "/requests/new/"):
        data = {"idempotency_key": "k1", "recalculate": "1", "name": "Contracts"}
        assert client.post(path, data).status_code == 200
    assert not SentForm.objects.exists()
    drafted = client.post("/requests/new/", {"idempotency_key": "k1", "draft": "1", "name": "A"})
    assert drafted.status_code == 302
    # What is still typed afterwards, in a page that is left, asks in vain but is answered.
    late = client.post("/requests/panel/", {"idempotency_key": "k1", "recalculate": "1"})
    assert late.status_code == 200


def test_an_answer_that_is_no_redirect_keeps_no_key(adam: Client) -> None:
    """Allauth's form for passwords answers 200 where something is wrong with it."""
    new = {"password1": "a new and long one", "password2": "a new and long one"}
    body = new | {"oldpassword": "not this one", "idempotency_key": "k1"}
    address = "/accounts/password/change/"
    assert adam.post(address, body).status_code == 200
    assert not SentForm.objects.exists()
    assert adam.post(address, body | {"oldpassword": PASSWORD}).status_code == 302
    # The second click of two: without the key it would name the old password as wrong.
    again = adam.post(address, body | {"oldpassword": PASSWORD})
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_fault_undoes_all_that_was_done_on_the_way(
    adam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    adam.raise_request_exception = False

    def fail(*_args: object, **_words: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("valueboard.views.spaces.redirect", fail)
    answer = adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    assert answer.status_code == 500
    assert not Space.objects.filter(name="Legal").exists()
    assert not SentForm.objects.exists()


def test_keys_are_forgotten_after_a_week_not_before(cast: Cast) -> None:
    for key in ("new", "old"):
        SentForm.objects.create(user=cast.adam, key=key, path="/", body="", status=302)
    SentForm.objects.update(sent_at=F("sent_at") - tasks.KEPT + timedelta(minutes=1))
    SentForm.objects.filter(key="old").update(sent_at=F("sent_at") - timedelta(minutes=2))
    assert timedelta(days=1) <= tasks.KEPT
    tasks.forget(timestamp=0)
    assert [kept.key for kept in SentForm.objects.all()] == ["new"]


# --- the database is busy -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cause",
    [
        errors.LockNotAvailable,
        errors.DeadlockDetected,
        errors.SerializationFailure,
        errors.QueryCanceled,
    ],
)
@pytest.mark.parametrize("key", ["", "k1"])
def test_a_busy_database_is_a_page_that_says_to_try_again(
    adam: Client, monkeypatch: pytest.MonkeyPatch, cause: type[Exception], key: str
) -> None:
    def wait_in_vain(**_words: object) -> None:
        raise OperationalError from cause("canceled")

    monkeypatch.setattr("valueboard.views.spaces.create_space", wait_in_vain)
    answer = adam.post(NEW, {"name": "Legal", "idempotency_key": key})
    page = text_of(answer)
    assert answer.status_code == 503
    assert "Try again in a moment" in page
    assert '<input type="hidden" name="name" value="Legal">' in page
    assert answer.headers["Retry-After"]
    assert not SentForm.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_meanwhile_loses_nothing_that_was_typed(
    adam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends while the view writes; the next one finds nothing of it."""

    def end_connection(**_words: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr("valueboard.views.spaces.create_space", end_connection)
    answer = adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
    page = text_of(answer)
    assert answer.status_code == 503
    assert "The database does not answer" in page
    assert '<input type="hidden" name="name" value="Legal">' in page
    monkeypatch.undo()
    connection.close()
    assert adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"}).status_code == 302
    assert Space.objects.filter(name="Legal").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_database_every_page_says_what_to_do(
    adam: Client, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Nor is it known whose form it is: what another site had sent is nothing to send again."""
    adam.raise_request_exception = False
    connection.close()

    def refuse(_connection: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", refuse)
    answer = getattr(adam, method)(NEW, {"name": "Legal", "idempotency_key": "k1"})
    monkeypatch.undo()
    page = text_of(answer)
    assert answer.status_code == 503
    assert "The database does not answer" in page
    assert 'value="Legal"' not in page
    assert ("let your browser send what you typed" in page) == (method == "post")


def test_another_fault_of_the_database_stays_one(
    adam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    adam.raise_request_exception = False

    def fail(**_words: object) -> None:
        raise OperationalError from errors.DiskFull("full")

    monkeypatch.setattr("valueboard.views.spaces.create_space", fail)
    assert adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"}).status_code == 500


@pytest.mark.django_db(transaction=True)
def test_a_form_whose_twin_does_not_end_is_told_to_try_again(
    adam: Client, cast: Cast, owner_cursor: Any
) -> None:
    """The key is held by a transaction of another connection that stays open."""
    with owner_cursor.connection.transaction(), connection.cursor() as cursor:
        owner_cursor.execute(
            "INSERT INTO idempotency_sentform (user_id, key, path, body, location, flashes) "
            "VALUES (%s, 'k1', '', '', '', '[]')",
            [cast.adam.pk],
        )
        cursor.execute("SET lock_timeout = '50ms'")
        answer = adam.post(NEW, {"name": "Legal", "idempotency_key": "k1"})
        assert answer.status_code == 503
        assert not Space.objects.filter(name="Legal").exists()
    connection.close()


def test_pages_wait_no_longer_than_the_limits_say(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections

    options: dict[str, str] = {"options": "-c lock_timeout=1s"}
    monkeypatch.setitem(connections.databases["default"], "OPTIONS", options)
    busy.limit_waiting()
    # What DATABASE_URL says stands last, and so counts.
    assert options["options"].endswith("-c lock_timeout=1s")
    fresh: Any = connections.create_connection("default")
    try:
        with fresh.cursor() as cursor:
            for name, limit in (busy.LIMITS | {"lock_timeout": "1s"}).items():
                cursor.execute(f"SHOW {name}")
                shown = cursor.fetchone()[0].replace("1min", "60s")
                assert shown == limit
    finally:
        fresh.close()


@pytest.mark.django_db(transaction=True)
def test_what_serves_pages_has_the_limits(test_database: TestDatabase) -> None:
    show = "import valueboard.wsgi; from django.db import connection as c; k = c.cursor(); "
    show += "k.execute('SHOW lock_timeout'); print(k.fetchone()[0])"
    named = os.environ | {"DATABASE_URL": url("DATABASE_URL", test_database.name)}
    done = subprocess.run([sys.executable, "-c", show], env=named, capture_output=True, check=True)
    assert done.stdout.split()[-1] == b"10s"
