"""A page lets go of what it showed."""

import gc
import weakref

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory


class Rows:
    """Something that a page shows."""


def test_nothing_of_a_page_stays_in_memory_once_it_is_rendered(rf: RequestFactory) -> None:
    request, rows = rf.get("/"), Rows()
    request.user = AnonymousUser()
    kept = weakref.ref(rows)
    gc.disable()  # which would find the circle some day
    try:
        assert render_to_string("503.html", {"path": "/", "rows": rows}, request)
        del rows
        assert kept() is None
    finally:
        gc.enable()
