"""Every form that is sent empty says so accessibly, light and dark, wide and narrow.

So do the pages that say that something went wrong.
"""

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from playwright.sync_api import Page

from accounts.models import User
from tests.browser import Axe
from tests.cast import Cast
from tests.forms.posts import POSTS
from tests.journeys.looking import look

MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
REFUSED = 422
SHARES = 3
# The body of the page around it is the same for all, and was looked at with every page.
PUT_IN = "main => { document.querySelector('main').outerHTML = main }"
# Nothing can be typed wrong there, or nothing needs to be typed.
WITHOUT = {
    "checklist-dismiss",
    "checkpoint-take",
    "inbox-read",
    "load-ask",
    "message-open",
    "message-read",
    "pack-new",
    "request-withdraw",
    "review-close",
    "review-workload",
    "rule-draft-change",
    "rule-draft-retire",
    "rule-drafted",
    "rule-drafted-remove",
    "settings-display",
    "undelivered-again",
    "view-delete",
    "workload-send",
}


def sent_empty(cast: Cast, name: str) -> str:
    """Send the form of an address with nothing typed; return the main part of the answer."""
    with transaction.atomic():
        post = POSTS[name](cast)
        client = post.client()
        body = post.body(client, key="k", typed=False) | dict.fromkeys(post.typed, "")
        answer = client.post(post.target, body)
        transaction.set_rollback(True)
    if answer.status_code != REFUSED:
        return ""
    found = MAIN.search(answer.content.decode())
    assert found, name
    return found.group()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("share", range(SHARES))
def test_every_form_full_of_errors(
    page: Page, sign_in: Callable[[User], None], axe: Axe, cast: Cast, share: int
) -> None:
    sign_in(cast.felix)
    page.goto("/settings/")
    silent = set()
    names = sorted(POSTS)[share::SHARES]
    for name in names:
        if main := sent_empty(cast, name):
            page.evaluate(PUT_IN, main)
            assert page.locator("main [aria-invalid=true], main .note.is-error").count(), name
            look(page, axe, within="main")
        else:
            silent.add(name)
    assert silent == WITHOUT & set(names)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_every_page_that_says_what_went_wrong(page: Page, axe: Axe, status: int) -> None:
    html = render_to_string(f"{status}.html")
    page.route("**/wrong/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/wrong/")
    look(page, axe)
