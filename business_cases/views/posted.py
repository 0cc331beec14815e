"""What the forms of these pages post."""

from http import HTTPStatus

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from valueboard.lib.errors import RefusedError, StaleError


def posted(request: HttpRequest) -> dict[str, str] | None:
    """Return what was posted, None for a page that is only opened.

    A NUL, which no keyboard makes and PostgreSQL does not store, is left out.
    """
    if request.method != "POST":
        return None
    return {name: str(text).replace("\0", "") for name, text in request.POST.items()}


def refuse(form: forms.Form, refused: RefusedError | ValidationError) -> HTTPStatus:
    """Put a refusal on the form, which keeps what was typed; return the status that says so."""
    if isinstance(refused, ValidationError):
        for field, errors in refused.message_dict.items():
            for error in errors:
                form.add_error(field if field in form.fields else None, error)
    else:
        form.add_error(None, str(refused))
    stale = isinstance(refused, StaleError)
    return HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY
