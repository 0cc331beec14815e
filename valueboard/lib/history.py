"""What mutable rows were before: kept by django-simple-history, with who and why.

A convenience, and no evidence: the tables that keep it are as ordinary as those that they follow,
and `queryset.update` goes past them. What must be provable is a frozen record. So that no change
goes unsigned, rows with a history are written by `keep` and `drop` alone; a test looks for others.

Who stands in the row by the action that changed it, and not by a middleware: workers and commands
have no request, and an action knows its actor.
"""

from typing import Any, Protocol

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from simple_history.models import HistoricalRecords

from valueboard.lib.clock import DatabaseNow

NO_REASON = "No reason given."
# Of rows that were there before their history began; migrations write it, with nobody's name.
AS_FOUND = "As found when history began."


class Person(Protocol):
    """Somebody who changes a row; who that is, a higher layer says."""

    pk: int


class History(HistoricalRecords):  # type: ignore[misc]  # it has no types
    """The history of a model: a row whenever a field changed that is not left out.

    Its time is the database's. What signing in or a new password saves is no change.
    """

    def __init__(self, *, leaving_out: tuple[str, ...] = ()) -> None:
        """Follow every field but those in `leaving_out`."""
        super().__init__(
            excluded_fields=list(leaving_out),
            history_id_field=models.BigAutoField(),
            history_change_reason_field=models.TextField(null=True),
        )

    def create_historical_record(
        self, instance: models.Model, history_type: str, using: str | None = None
    ) -> None:
        """Write the row, if anything changed; a signature is for one change."""
        if history_type != "~" or self._changed(instance):
            instance._history_date = DatabaseNow()  # type: ignore[attr-defined]  # noqa: SLF001 - documented
            super().create_historical_record(instance, history_type, using)
        for signed in ("_history_user", "_change_reason"):
            instance.__dict__.pop(signed, None)

    def _changed(self, instance: models.Model) -> bool:
        fields = [field.attname for field in self.fields_included(instance)]
        rows = getattr(instance, self.manager_name).order_by("-history_id")
        latest = rows.values(*fields).first()
        return bool(latest != {field: getattr(instance, field) for field in fields})


def keep(row: models.Model, *, actor: Person | None, reason: str, beside: str = "") -> None:
    """Save a row with a history, signed; `actor` is None for what the system did by itself.

    Raise `ValidationError` for what it refuses; what concerns no single field stands beside the
    field `beside`. Of two who take one name at once, the second is told so, too.
    """
    _check(row, beside)
    _sign(row, actor, reason)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as taken:
        _check(row, beside)
        message = "Somebody saved the same at this moment. Try again."
        raise ValidationError({beside or NON_FIELD_ERRORS: message}) from taken


def drop(row: models.Model, *, actor: Person | None, reason: str) -> None:
    """Delete a row with a history, signed."""
    _sign(row, actor, reason)
    row.delete()


def required(reason: str, message: str) -> str:
    """Return a reason without blanks around it; raise `ValidationError` if nothing is left."""
    if not reason.strip():
        raise ValidationError({"reason": message})
    return reason.strip()


def _sign(row: Any, actor: Person | None, reason: str) -> None:
    row._history_user = actor  # noqa: SLF001 - as django-simple-history documents
    row._change_reason = reason.strip() or NO_REASON  # noqa: SLF001 - as above


def _check(row: models.Model, beside: str) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        if not beside or NON_FIELD_ERRORS not in wrong.error_dict:
            raise
        errors = dict(wrong.error_dict)
        about = errors.pop(NON_FIELD_ERRORS)
        raise ValidationError(errors | {beside: [*errors.get(beside, []), *about]}) from wrong
