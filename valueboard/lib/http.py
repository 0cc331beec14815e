"""Requests and responses: pages that HTMX asks for in part, and what forms say and had shown."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

# What forms carry for the machinery; nobody typed it.
KEY_FIELD = "idempotency_key"
UNTYPED = frozenset({"csrfmiddlewaretoken", KEY_FIELD})
LENGTH_OF_SEEN = 16
MOST = 2**63 - 1


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


# --- what a form was made from --------------------------------------------------------------------


def seen_of(*values: object) -> str:
    """Return what a form says, in its field `seen`, of the values that its page showed.

    For rows without a counter of their own: a short digest, which the action takes of the same
    values again, under lock. Hand over sets as sorted lists.
    """
    said = json.dumps([None if value is None else str(value) for value in values])
    return hashlib.sha256(said.encode()).hexdigest()[:LENGTH_OF_SEEN]


def seen_in(request: HttpRequest, name: str = "seen") -> int:
    """Return the revision, version or id that a form was made from; 0, which is none, if it isn't.

    Longer numbers than the database has are none too, and Python reads none past 4,300 digits.
    """
    text = request.POST.get(name, "")
    number = int(text) if text.isdecimal() and len(text) <= len(str(MOST)) else 0
    return number if number <= MOST else 0


def digest_in(request: HttpRequest, name: str = "seen") -> str:
    """Return what a form says it had seen, where that is a digest of `seen_of`."""
    return request.POST.get(name, "")


# --- what was sent --------------------------------------------------------------------------------


def wants_panel(request: HttpRequest) -> bool:
    """Tell whether only figures are asked for: by HTMX while typing, or by *Recalculate*."""
    return "recalculate" in request.POST


@dataclass(frozen=True, slots=True)
class TypedField:
    """One field of a form that was sent, to be shown again, or sent again."""

    name: str
    text: str

    @property
    def label(self) -> str:
        """Return the name as words."""
        return self.name.replace("_", " ").capitalize()

    @property
    def is_secret(self) -> bool:
        """Tell whether it is never shown again: it is typed anew."""
        return "password" in self.name

    @property
    def is_shown(self) -> bool:
        """Tell whether a person typed it; what a page had seen is only sent along."""
        return bool(self.text.strip()) and not self.is_secret and "seen" not in self.name


def typed_again(request: HttpRequest) -> list[TypedField]:
    """Return what was sent, in its order, so that nothing that was typed is lost."""
    return [
        TypedField(name, str(text))
        for name, texts in request.POST.lists()
        if name not in UNTYPED
        for text in texts
    ]
