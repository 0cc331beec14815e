"""Markup, templates and formulas as names and reasons: shown as they were typed, nowhere run."""

from typing import Any

import pytest
from django.test import Client

from business_cases.models import BusinessRequest
from notices.models import Message
from tests.cast import Cast
from tests.forms.posts import POSTS
from tests.forms.test_fuzz import pages_of, read

pytestmark = pytest.mark.django_db
HOSTILE = '"><script>alert(7)</script><img src=x onerror=alert(7)>{{ 7|add:70 }}'
RAW = ("<script>alert(7)", "<img src=x", ">77<")
TEXTS = {
    "name", "purpose", "anchor", "period", "source", "basis", "reason", "rationale", "note",
    "text", "account", "pattern", "tag_value", "service", "into",
}  # fmt: skip


def harmless(page: str, where: str) -> None:
    for raw in RAW:
        assert raw not in page, (where, raw)


@pytest.mark.parametrize("name", POSTS)
def test_no_text_is_run_on_the_page_that_takes_it(cast: Cast, name: str) -> None:
    post = POSTS[name](cast)
    client = post.client()
    body = post.body(client)
    texts = [field for field in body if field in TEXTS]
    refused = client.post(post.target, body | dict.fromkeys(texts, HOSTILE) | {"space": "!"})
    harmless(refused.content.decode(), post.target)
    answer = client.post(post.target, body | dict.fromkeys(texts, HOSTILE), follow=True)
    harmless(answer.content.decode(), post.target)


def test_no_page_runs_what_somebody_typed(cast: Cast) -> None:
    """A request whose every text is hostile, decided, revised, and seen on every page."""
    post = POSTS["request-new"](cast)
    client = post.client()
    body: dict[str, Any] = post.body(client)
    hostile = {field: HOSTILE for field in body if field in TEXTS - {"reason"}}
    assert client.post(post.target, body | hostile).status_code == 302
    request = BusinessRequest.objects.get()
    assert request.workload
    for reader in ("priya", "felix", "olivia", "adam"):
        browser = Client()
        browser.force_login(getattr(cast, reader))
        for page in pages_of(cast, request, slug=request.workload.slug):
            harmless(read(browser.get(page)).decode(errors="replace"), page)
    assert Message.objects.exists()
