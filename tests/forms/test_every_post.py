"""Every form of the product, walked: it carries a key, and with the same key it counts once."""

import re
from collections.abc import Iterator
from inspect import getclosurevars
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.at_once import at_once
from tests.cast import Cast
from tests.forms.posts import POSTS, PREVIEWS, SIGN_IN

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
TIMES = 20
# Not an effect of a form: the key itself, who is signed in, and what is counted against guessing.
NO_EFFECT = {"idempotency_sentform", "django_session"}


def methods_of(view: Any) -> set[str]:
    """Return the methods that a view takes; POST for one that doesn't say."""
    while view is not None:
        said = getclosurevars(view).nonlocals.get("request_method_list")
        if said is not None:
            return set(said)
        if hasattr(view, "view_class"):
            return {name.upper() for name in ("get", "post") if hasattr(view.view_class, name)}
        view = getattr(view, "__wrapped__", None)
    return {"POST"}


def addresses(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry)
        else:
            yield entry


def test_every_post_is_listed() -> None:
    taking = {
        str(entry.name)
        for entry in addresses(get_resolver())
        if "POST" in methods_of(entry.callback)
    }
    assert taking == set(POSTS) | PREVIEWS | SIGN_IN


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_is_posted_carries_a_key_beside_its_token(path: Path) -> None:
    page = path.read_text()
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", page, re.DOTALL):
        assert "{% csrf_token %}" in form or "components/form.html" in form
    assert len(re.findall(r"{% csrf_token %}\s*{% idempotency_key %}", page)) == page.count(
        "{% csrf_token %}"
    )


def rows() -> dict[str, int]:
    """Count the rows of every table, in one query."""
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    counted = {table: table for table in sorted(tables - NO_EFFECT)}
    # Looks for gaps are asked for after the commit, which what is undone has not.
    counted["procrastinate_jobs"] = "procrastinate_jobs WHERE task_name <> 'gaps.look'"
    asked = ", ".join(f"(SELECT count(*) FROM {rows})" for rows in counted.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return dict(zip(counted, cursor.fetchone(), strict=True))


def tab(client: Client) -> Client:
    """Another tab of a browser."""
    another = Client()
    another.cookies = client.cookies
    return another


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", POSTS)
def test_the_same_key_twenty_times_at_once_has_one_effect(cast: Cast, name: str) -> None:
    post = POSTS[name](cast)
    before = rows()
    # Of one session, as the tabs of a browser are.
    clients = [post.client()]
    clients += [tab(clients[0]) for _ in range(TIMES - 1)]
    body = post.body(clients[0], key="k1")
    with transaction.atomic():
        # What it does once, undone again.
        assert clients[0].post(post.target, body).status_code == 302
        once = rows()
        transaction.set_rollback(True)
    assert rows() == before
    answers = at_once(*(lambda client=client: client.post(post.target, body) for client in clients))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == TIMES - 1
    assert rows() == once
    late = clients[0].post(post.target, body | {"anything": "else"})
    assert late.status_code == 409
    assert rows() == once
