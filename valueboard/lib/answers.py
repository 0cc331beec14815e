"""What a form is told when an action refused it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from valueboard.lib.conflicts import Difference, differences
from valueboard.lib.errors import RefusedError, StaleError


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody saved before: why nothing was done, and both texts."""

    message: str
    differences: list[Difference]
    advice: str = "Save again to put your text in its place"


def add_errors(form: forms.BaseForm, wrong: ValidationError, beside: str | None) -> None:
    """Put what an action found wrong beside the fields it is about, or beside `beside`.

    None is on top, where it is said of the form as a whole.
    """
    for field, errors in getattr(wrong, "error_dict", {NON_FIELD_ERRORS: [wrong]}).items():
        form.add_error(field if field in form.fields else beside, errors)


def put_beside(form: forms.BaseForm, beside: str) -> None:
    """Move what is wrong with a form as a whole beside one of its fields.

    Django says on top what a constraint over several columns, or over an expression, found.
    """
    for error in form.errors.pop(NON_FIELD_ERRORS, forms.utils.ErrorList()).as_data():
        form.add_error(beside, error)


def refuse(
    form: forms.Form, wrong: ValidationError | RefusedError, *, beside: str | None = None
) -> HTTPStatus:
    """Put a refusal on the form, which keeps what was typed; return the status that says so."""
    if isinstance(wrong, ValidationError):
        add_errors(form, wrong, beside)
    else:
        form.add_error(None, str(wrong))
    stale = isinstance(wrong, StaleError)
    return HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY


def answer_to(
    form: forms.Form,
    wrong: ValidationError | RefusedError,
    *,
    beside: str,
    saved: Mapping[str, Any],
) -> tuple[HTTPStatus, Conflict | None]:
    """Return the status of a form that an action refused, and the conflict, if it was one.

    What was typed stays in the form; `saved` is what its fields would say by now.
    """
    if isinstance(wrong, StaleError):
        return HTTPStatus.CONFLICT, Conflict(str(wrong), differences(form, saved))
    return refuse(form, wrong, beside=beside), None
