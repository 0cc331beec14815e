"""A page reads the tree of Spaces and its reader's memberships once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from spaces.models import reading_once


class ReaderMiddleware:
    """Has `Reader.of` ask once a page; a form that is sent asks each time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what one request read, no other sees."""
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with reading_once():
            return self.get_response(request)
