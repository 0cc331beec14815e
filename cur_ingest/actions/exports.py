"""Every change to exports: configured by Administrators, found by loads."""

from django.core.exceptions import ValidationError

from accounts.models import User
from cur_ingest.models import Export
from cur_ingest.sources import Source, SourceError
from valueboard.lib.errors import RefusedError
from valueboard.lib.history import keep

ATTEMPTS = 5


def export_at(*, actor: User | None, source: Source) -> Export:
    """Return the export that lies there; one that nobody configured is kept, and never polled."""
    taken: ValidationError | None = None
    for _ in range(ATTEMPTS):
        if (found := _known(source)) is not None:
            return found
        export = Export(location=source.home, name=_free_name(source.name))
        try:
            keep(export, actor=actor, reason="Loaded by the command line for the first time.")
        except ValidationError as wrong:
            taken = wrong  # two at once, of one place or of one name; or it can't be kept at all
        else:
            return export
    raise SourceError("; ".join(taken.messages if taken else ())) from taken


def export_called(name: str) -> Export:
    """Return the export of a name; RefusedError, with those that there are, if it is none."""
    export = Export.objects.filter(name__iexact=name.strip()).first()
    if export is None:
        there = ", ".join(Export.objects.values_list("name", flat=True)) or "none"
        message = f"There is no export {name}. There are: {there}."
        raise RefusedError(message)
    return export


def _known(source: Source) -> Export | None:
    """Return the export that lies there, by its own folder or by the place that somebody named."""
    places = (source.home, source.location)
    found = {export.location: export for export in Export.objects.filter(location__in=places)}
    return next((found[place] for place in places if place in found), None)


def settle(*, export: Export, source: Source) -> None:
    """Keep where an export was found: its own folder, where one above it was named.

    Raise SourceError if that is where another one lies: its bill would count twice.
    """
    if export.location == source.home:
        return
    other = Export.objects.filter(location=source.home).exclude(pk=export.pk).first()
    if other is not None:
        message = (
            f"What lies at {export.location} is read as the export {other} already. Nothing was "
            "loaded, so that no bill counts twice; change the location of one."
        )
        raise SourceError(message)
    export.location = source.home
    keep(export, actor=None, reason="Found there by a load.")


def _free_name(name: str) -> str:
    name = name[:180] or "Export"
    taken = {other.lower() for other in Export.objects.values_list("name", flat=True)}
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each.lower() not in taken)
