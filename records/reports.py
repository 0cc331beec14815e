"""How the database stands to the checkpoints that were written."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Subquery

from records.checkpoints import Difference, compare, last_checkpoint
from records.locations import Location, LocationError, location
from records.models import Checkpoint
from records.signing import signer
from records.verifier import Checkpoint as Written
from records.verifier import is_signed, read_checkpoint, sha256
from valueboard.lib.errors import RefusedError

ALARM = "records.alarm"
NO_DIFFERENCE = Difference()


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found at the location.

    `missing` says which setting is missing, `unreadable` why a file can't be read, `altered` which
    file isn't what was recorded; each is empty where all is well. `newer` are written checkpoints
    that the database doesn't know of, oldest first; `difference` is what it lacks of the latest.
    """

    last: Checkpoint | None
    missing: str = ""
    unreadable: str = ""
    altered: str = ""
    newer: tuple[Written, ...] = ()
    difference: Difference = NO_DIFFERENCE

    @property
    def is_tampered(self) -> bool:
        """Tell whether something was rewritten, which no restore explains."""
        return bool(self.difference.changed or self.altered)

    @property
    def is_short(self) -> bool:
        """Tell whether the chains are shorter than a checkpoint saw: a backup was restored."""
        return bool(self.difference.lost)

    @property
    def alarm(self) -> str:
        """Return what has to be said loudly; empty where all is well."""
        if self.difference.changed:
            record, subject, version = self.difference.changed[0]
            return (
                f"Records were rewritten: {len(self.difference.changed)} of them are not what a "
                f"signed checkpoint saw, such as {record}, subject {subject}, version {version}."
            )
        if self.altered:
            return self.altered
        if self.is_short:
            return (
                f"{len(self.difference.lost)} chains of records end earlier than checkpoint "
                f"{self.newest_number} saw them: this database was restored from a backup. "
                "What was recorded after it is lost."
            )
        return ""

    @property
    def newest_number(self) -> int:
        """Return the number of the latest checkpoint known, written or recorded; 0 for none."""
        if self.newer:
            return self.newer[-1].number
        return self.last.number if self.last else 0

    @property
    def newest_digest(self) -> str:
        """Return the digest of the latest checkpoint's statement; empty for none."""
        if self.newer:
            return sha256(self.newer[-1].statement)
        return self.last.digest if self.last else ""


def look() -> Standing:
    """Compare the database with the checkpoints at the location, and remember what was found."""
    last = last_checkpoint()
    try:
        signer()
        place = location()
    except RefusedError as refused:
        return Standing(last, missing=str(refused))
    try:
        standing = _compare(place, last)
    except LocationError as error:
        return Standing(last, unreadable=str(error))
    cache.set(ALARM, standing.alarm, None)
    return standing


def known_alarm() -> str:
    """Return what the last look found that has to be said loudly; one cheap query."""
    return str(cache.get(ALARM, ""))


def last_checkpoint_parts() -> dict[str, Subquery]:
    """Return expressions: what `last_checkpoint_words` needs, NULL where there is none."""
    latest = Checkpoint.objects.order_by("-number")
    return {
        name: Subquery(latest.values(name)[:1]) for name in ("number", "recorded_at", "statement")
    }


def last_checkpoint_words(
    number: int | None, recorded_at: datetime | None, statement: str | None
) -> str:
    """Say up to which checkpoint records are covered, with its date and digest, on paper."""
    if number is None or recorded_at is None or statement is None:
        return "No checkpoint covers these records yet."
    taken = f"{recorded_at:%Y-%m-%d %H:%M} UTC"
    return f"Records up to checkpoint {number} of {taken}, {sha256(statement)[:16]}…"


def _compare(place: Location, last: Checkpoint | None) -> Standing:
    number, altered, latest = 1, "", None
    if last:
        number = last.number + 1
        # One that was written elsewhere, before the location was changed, isn't looked for here.
        if last.location == place.name:
            latest, altered = _recorded(place, last)
    newer = []
    keys = set(Checkpoint.objects.values_list("public_key", flat=True)) | {signer().public_key}
    while (content := place.read(number)) is not None:
        written = _read(place, number, content)
        if written.public_key not in keys or not is_signed(written):
            altered = altered or f"Checkpoint {number} at {place.name} is signed by no key of ours."
            break
        newer.append(written)
        latest = written
        number += 1
    difference = compare(latest.heads, latest.said["taken_at"]) if latest else NO_DIFFERENCE
    return Standing(last, altered=altered, newer=tuple(newer), difference=difference)


def _recorded(place: Location, last: Checkpoint) -> tuple[Written | None, str]:
    """Return the file of the last checkpoint recorded, and what is wrong with it."""
    content = place.read(last.number)
    if content is None:
        return None, f"Checkpoint {last.number} is gone from {place.name}, or can't be read there."
    written = _read(place, last.number, content)
    if written.statement != last.statement:
        return None, f"Checkpoint {last.number} at {place.name} is not the one recorded here."
    return written, ""


def _read(place: Location, number: int, content: bytes) -> Written:
    try:
        written = read_checkpoint(content.decode())
    except ValueError as error:
        message = f"Checkpoint {number} at {place.name} can't be read: {error}"
        raise LocationError(message) from error
    if written.number != number or written.heads is None:
        message = f"Checkpoint {number} at {place.name} is not what its name says."
        raise LocationError(message)
    return written
