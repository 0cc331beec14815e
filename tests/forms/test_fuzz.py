"""Whatever is sent to a form or stands in an address: an answer, never an error page."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from business_cases.models import BusinessRequest
from tests.cast import Cast, submitted
from tests.forms.posts import POSTS, SIGN_IN
from tests.forms.test_every_post import addresses, methods_of
from tests.soak import SOAK

NASTY = [
    "", " ", "\t\n", "\0", "a\0b", "x" * 1_000_000, "1" * 5000, "9" * 19, "-1", "0", "1e999", "NaN",
    "Infinity", "²", "٣", "1.2.3", "--5", "2026-13", "0000-00", "9999-12", "99999-01", "2026-٣",
    "None", "null", "[]", "{}", "on", "=1+1", "<script>alert(1)</script>", "{{ 7|add:7 }}", "%00",
    "\u202egnp", "é\u0301", "\ud7ff\ue000", "🦄" * 70, "a\r\nBcc: b@example.com", "2147483648",
    "9223372036854775808", "1,200.50,3", "$", "%", "../../etc/passwd", "'; DROP TABLE x; --",
]  # fmt: skip
# Each broke something once, or nearly.
SAMPLE = ["\0", "1" * 5000, "²", "-1", "9223372036854775808", "NaN", "2026-13", "[]"]
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
VALUES = TEXTS | st.lists(TEXTS, max_size=3)
EXAMPLES = 300 if SOAK else 4
# What a page writes and the machinery reads.
HIDDEN = {"seen", "seen_estimate", "seen_case", "request_seen", "newest", "mail"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSTS)
def test_no_form_breaks(cast: Cast, name: str) -> None:
    """At what is nasty in every field, at a NUL in one, and at anything."""
    post = POSTS[name](cast)
    client = post.client()
    good = post.body(client)

    def answered(body: dict[str, Any]) -> int:
        with transaction.atomic():
            status = client.post(post.target, body).status_code
            transaction.set_rollback(True)
        assert status < 500, body
        return status

    for text in NASTY if SOAK else SAMPLE:
        nasty = text[:50_000]
        answered(dict.fromkeys(good, nasty))
        if hidden := HIDDEN & {*good}:
            answered(good | dict.fromkeys(hidden, nasty))
    # No keyboard makes one: it is refused beside the field, or left out.
    for field in post.typed:
        assert answered(good | {field: "a\0b"}) in {302, 409, 422}

    fields = st.sampled_from([*good, "idempotency_key", "unknown", "id", "state", "__class__"])

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.dictionaries(fields, VALUES, max_size=6), st.sets(st.sampled_from([*good, "x"])))
    def send(changes: dict[str, Any], missing: set[str]) -> None:
        answered({name: value for name, value in good.items() if name not in missing} | changes)

    send()


# Every page that is opened, with the names that any of them reads from its address.
ASKED = (
    "page", "state", "kind", "month", "as_of", "space", "type", "band", "sort", "order", "q",
    "account", "service", "tag_key", "tag_value", "unread", "compare", "lens", "view", "next",
    "months", "since", "day", "part", "workload", "export", "rule", "group", "delivery",
    "principal",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["priya", "adam", "olivia"])
def test_no_page_breaks_at_what_stands_in_its_address(cast: Cast, role: str) -> None:
    asked = submitted(cast)
    client = Client()
    client.force_login(getattr(cast, role))
    texts = NASTY if SOAK else SAMPLE
    for page in pages_of(cast, asked):
        for query in ({}, *(dict.fromkeys(ASKED, text[:5000]) for text in texts)):
            answer = client.get(page, query)
            read(answer)
            assert answer.status_code < 500, (page, query)
            # Refused before anything of the address was read; the soak doesn't trust in that.
            if answer.status_code == HTTPStatus.FORBIDDEN and not SOAK:
                break


def read(answer: Any) -> bytes:
    """Read an answer to its end, one that comes in a stream too."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def pages_of(cast: Cast, asked: BusinessRequest, slug: str = "contract-review") -> list[str]:
    """Return the address of every page that is opened, of things that are there."""
    there: dict[str, object] = {
        "pk": asked.pk,
        "slug": slug,
        "kind": "unbacked",
        "key": 1,
    }
    found = []
    for entry in addresses(get_resolver()):
        names = set(entry.pattern.converters)
        if "GET" not in methods_of(entry.callback) or entry.name in SIGN_IN:
            continue
        with suppress(NoReverseMatch):
            found.append(reverse(str(entry.name), kwargs={n: there.get(n, 1) for n in names}))
    assert len(found) > 20
    return found
