"""Every change to exports: configured by Administrators, found by loads."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import Role, User
from cur_ingest.formats import FOCUS, fold, format_of
from cur_ingest.loading import FORMATS
from cur_ingest.models import Export
from cur_ingest.sources import (
    Credentials,
    Manifest,
    PassingError,
    Source,
    SourceError,
    open_source,
)
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.history import keep

# Whoever tries an export waits no longer than this for the files of one more month.
TRY_SECONDS = 10
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """What an export is called, where it lies, who asks for it, and whether the worker looks."""

    name: str
    location: str
    role_arn: str = ""
    external_id: str = ""
    profile: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A month that is there: its files and their size, or why it can't be read."""

    period: date
    files: int | None = None
    size: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at a place, without loading any of it: the latest month first."""

    home: str
    kind: str
    periods: tuple[FoundPeriod, ...]


@transaction.atomic
def add_export(*, actor: User, terms: ExportTerms, reason: str = "") -> Export:
    """Configure an export; nothing is read from it yet."""
    _must_administrate(actor)
    export = Export(
        name=terms.name.strip(),
        location=_permitted(terms.location),
        role_arn=terms.role_arn.strip(),
        external_id=terms.external_id.strip(),
        profile=terms.profile.strip(),
        active=terms.active,
    )
    keep(export, actor=actor, reason=reason, beside="name")
    return export


@transaction.atomic
def change_export(
    *, actor: User, export: Export, seen: str, terms: ExportTerms, reason: str = ""
) -> None:
    """Change how an export is read; what was loaded from it stays.

    `seen` is the export's as the page showed it; raise `StaleError` if somebody was faster.
    """
    _must_administrate(actor)
    locked = Export.objects.select_for_update().get(pk=export.pk)
    if locked.seen != seen:
        message = f"{locked} was changed since you opened this page. Nothing was overwritten."
        raise StaleError(message)
    if terms.location.strip() != locked.location:
        # What the command line was given may lie anywhere, and stay there.
        locked.location = _permitted(terms.location)
    locked.name = terms.name.strip()
    locked.role_arn, locked.external_id = terms.role_arn.strip(), terms.external_id.strip()
    locked.profile, locked.active = terms.profile.strip(), terms.active
    keep(locked, actor=actor, reason=reason, beside="name")


def try_export(*, actor: User, terms: ExportTerms, known: str = "") -> Found:
    """Look at what there is, and load nothing; SourceError where that can't be.

    `known` is the location that an export has already.
    """
    _must_administrate(actor)
    location = terms.location.strip()
    if location != known:
        location = _permitted(location)
    credentials = Credentials(
        terms.role_arn.strip(), terms.external_id.strip(), terms.profile.strip()
    )
    source = open_source(location, credentials, quick=True)
    deadline = time.monotonic() + TRY_SECONDS
    periods: list[FoundPeriod] = []
    kind = Export.Format(FORMATS[source.layout])
    for period in reversed(source.periods):
        if time.monotonic() > deadline:
            periods.append(FoundPeriod(period))
            continue
        try:
            manifest = source.manifest(period)
        except SourceError as error:
            periods.append(FoundPeriod(period, error=str(error)))
        else:
            kind = _kind_of(manifest) or kind
            sizes = [file.size for file in manifest.data_files]
            periods.append(FoundPeriod(period, len(sizes), sum(sizes)))
    return Found(source.home, str(kind.label), tuple(periods))


def _kind_of(manifest: Manifest) -> Export.Format | None:
    """Return the format that a manifest's columns are of; FOCUS shares its layout with CUR 2.0."""
    columns = [fold(name) for name in manifest.columns]
    return Export.Format.FOCUS if format_of(columns) is FOCUS else None


def _permitted(location: str) -> str:
    """Return a location in one spelling; ValidationError for a folder that no page may read."""
    text = location.strip().rstrip("/")
    if text.startswith("s3://") and len(text) > len("s3://"):
        return text
    if "://" in text or not text.startswith("/"):
        message = "A location is s3://bucket/prefix, or a folder from / on."
        raise ValidationError({"location": message})
    folder = Path(text).resolve()
    allowed = [Path(name).resolve() for name in settings.SPEND_FOLDERS]
    if not any(folder.is_relative_to(root) for root in allowed):
        there = ", ".join(str(root) for root in allowed) or "none"
        message = (
            "Folders are read only below those that the setting SPEND_FOLDERS of this installation "
            f"names: {there}."
        )
        raise ValidationError({"location": message})
    return str(folder)


def _must_administrate(actor: User) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        message = "Only an Administrator configures exports."
        raise PermissionDenied(message)


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


@transaction.atomic
def settle(*, export: Export, source: Source) -> None:
    """Keep where an export was found: its own folder, where one above it was named.

    Raise SourceError if that is where another one lies: its bill would count twice. And if it is
    somewhere else than what an Administrator named: a folder that is a link by now, say.
    """
    if export.location == source.home:
        return
    if export.location != source.location:
        message = (
            f"{export.location} leads to {source.location}, which nobody named. Nothing was "
            "loaded; give the place itself as the export's location."
        )
        raise SourceError(message)
    other = Export.objects.filter(location=source.home).exclude(pk=export.pk).first()
    if other is not None:
        message = (
            f"What lies at {export.location} is read as the export {other} already. Nothing was "
            "loaded, so that no bill counts twice; change the location of one."
        )
        raise SourceError(message)
    # Read again: what was changed of it meanwhile stays.
    current = Export.objects.select_for_update().get(pk=export.pk)
    if current.location != export.location:
        message = f"The location of {current} was changed meanwhile. It is looked at again."
        raise PassingError(message)
    current.location = export.location = source.home
    keep(current, actor=None, reason="Found there by a load.")


def _free_name(name: str) -> str:
    name = name[:180] or "Export"
    taken = {other.lower() for other in Export.objects.values_list("name", flat=True)}
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each.lower() not in taken)
