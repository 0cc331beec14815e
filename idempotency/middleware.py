"""The same form sent twice, by two clicks or by a script that tries again: done once.

A POST by somebody who is signed in may carry a key, in the field `idempotency_key` or the header
`Idempotency-Key`. The middleware writes it down in the transaction in which the view does its work.
A second POST with the key waits there for the first one to end. If that was answered with a
redirect, the second gets the same one and does nothing; with another body or address it gets 409.
Any other answer leaves no key: 400 and above undo whatever was done on the way to them, so that
the same form can be sent again.
"""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import BadRequest
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from accounts.policy import actor_of
from idempotency.models import LONGEST_KEY, SentForm
from valueboard.lib.busy import busy_answer
from valueboard.lib.http import KEY_FIELD, UNTYPED, typed_again, wants_panel

REPLAYED = "Idempotent-Replayed"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class IdempotencyMiddleware:
    """Stands last, so that who sends what is known, and their CSRF token was checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, a form with a key in one transaction with its key."""
        if not _key_of(request):
            return self.get_response(request)
        try:
            with transaction.atomic():
                return self._answer(request)
        except OperationalError as error:
            # At the commit; what a view meets is answered where it meets it.
            if answer := busy_answer(request, error):
                return answer
            raise

    def process_view(
        self, request: HttpRequest, *_view: object, **_arguments: object
    ) -> HttpResponse | None:
        """Write the key down, and answer in the view's place if it is there already."""
        key = _key_of(request)
        if not key:
            return None
        try:
            return _note(request, key)
        except OperationalError as error:
            if answer := busy_answer(request, error):
                return answer
            raise

    def _answer(self, request: HttpRequest) -> HttpResponse:
        flashes = messages.get_messages(request)
        before = len(flashes)
        response = self.get_response(request)
        noted: SentForm | None = getattr(request, "sent_form", None)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True)
        elif noted is not None and isinstance(response, HttpResponseRedirect):
            # Said on the next page, and again by a replay: whichever answer the browser takes.
            said = list(flashes)[before:]
            if isinstance(flashes, BaseStorage):
                # Read here, not by the person.
                flashes.used = False
            noted.status, noted.location = response.status_code, response.url
            noted.flashes = [[flash.level, str(flash.message), flash.extra_tags] for flash in said]
            noted.save(update_fields=["status", "location", "flashes"])
        elif noted is not None:
            noted.delete()
        return response


def _key_of(request: HttpRequest) -> str:
    """Return the key of a form that counts once; '' for everything else."""
    if request.method != "POST" or not request.user.is_authenticated or wants_panel(request):
        return ""
    return request.headers.get("Idempotency-Key", "") or request.POST.get(KEY_FIELD, "")


def _note(request: HttpRequest, key: str) -> HttpResponse | None:
    """Write the key down; return the answer of a form that was sent before."""
    if len(key) > LONGEST_KEY or "\0" in key:
        message = f"An idempotency key has at most {LONGEST_KEY} characters, and no NUL."
        raise BadRequest(message)
    user, path, body = actor_of(request), request.get_full_path(), _digest_of(request)
    # ON CONFLICT DO NOTHING: waits here while another with the same key is at work.
    SentForm.objects.bulk_create(
        [SentForm(user=user, key=key, path=path, body=body)], ignore_conflicts=True
    )
    noted = SentForm.objects.filter(user=user, key=key).first()
    if noted is None:
        # It was there, and the worker forgot it between these two lines: once a week at most.
        return _note(request, key)
    if noted.status is None:
        # Nobody sees another's before it has an answer: this is the row just written.
        request.sent_form = noted  # type: ignore[attr-defined]
        return None
    if (noted.path, noted.body) == (path, body):
        return _replay(request, noted)
    context = {"location": noted.location, "typed": typed_again(request), "path": path}
    return render(request, "idempotency/sent_before.html", context, status=HTTPStatus.CONFLICT)


def _replay(request: HttpRequest, noted: SentForm) -> HttpResponse:
    """Return the first answer once more, with what it said."""
    for level, text, tags in noted.flashes:
        messages.add_message(request, level, text, tags)
    response = HttpResponseRedirect(noted.location)
    response.status_code = noted.status or response.status_code
    response[REPLAYED] = "true"
    return response


def _digest_of(request: HttpRequest) -> str:
    """Return what tells two bodies apart; made with the secret key, for there are passwords."""
    if request.content_type in FORMS:
        said = sorted((name, texts) for name, texts in request.POST.lists() if name not in UNTYPED)
        body = json.dumps(said).encode()
    else:
        body = request.body
    return salted_hmac("idempotency", body, algorithm="sha256").hexdigest()
