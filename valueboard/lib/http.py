"""Requests and responses of pages that HTMX asks for in part."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as `django_htmx.middleware.HtmxMiddleware` hands it on."""

    htmx: HtmxDetails


def render_page(
    request: HtmxRequest, template: str, partial: str, context: Mapping[str, object]
) -> HttpResponse:
    """Render a page, or only its partial where HTMX swaps it.

    Going back in history asks for the whole page, even when HTMX does the asking. Caches keep the
    two apart.
    """
    swaps = request.htmx and not request.htmx.history_restore_request
    response = render(request, f"{template}#{partial}" if swaps else template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
