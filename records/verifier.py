#!/usr/bin/env python3
"""Verify an export of ValueBoard's records, without ValueBoard and without trusting who made it.

    python3 verify.py EXPORT [--checkpoints DIR] [--public-key KEY]...

EXPORT is what `manage.py export_records` wrote. DIR holds checkpoint files that you kept yourself:
only they can show that something was rewritten or removed by whoever owns the database. KEY is the
organisation's public key as you were told it (base64, or a file with one per line); without it,
the keys that signed what is in DIR are believed.

Needs Python 3.11 or newer and nothing else. With the package `cryptography` the signatures of
checkpoints are checked too; without it this program says so and ends with 2, unless
--without-signatures.

Ends with 0: everything holds. 1: something does not; the first bad row and all others are named.
2: it could not be checked.

What is checked: each text has the SHA-256 that stands beside it; each names the hash of its
subject's text before it; versions run 1, 2, 3, ... without a gap; times do not run backwards; the
columns of each row say what its text says; every checkpoint is signed, names the one before it, and
what it saw is still there.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    CAN_CHECK_SIGNATURES = False
else:
    CAN_CHECK_SIGNATURES = True

CHECKPOINTS = "checkpoints"
FILES = "checkpoint-*.json"
# The kinds of record whose chain no checkpoint lists: checkpoints are chained by their statements.
OWN = "records_checkpoint"
# A machine's clock is corrected by its time service; a step of less than this is no finding.
CLOCK_STEP = timedelta(minutes=1)
EVERYTHING_HOLDS, SOMETHING_DOES_NOT, NOT_CHECKED = 0, 1, 2
# What reading something can raise that ValueBoard did not write.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RuntimeError)
Json = Any  # what json.loads returns


class Finding(NamedTuple):
    """Something that does not hold, and of which row. Version 0: of no one row."""

    record: str
    subject: str
    version: int
    what: str

    def __str__(self) -> str:
        """Return it as a line."""
        where = f"{self.record}, subject {self.subject}, version {self.version}"
        return f"{where if self.version else self.record}: {self.what}"


class Entry(NamedTuple):
    """What is known of one row after its check."""

    hash: str
    recorded_at: str


def sha256(text: str) -> str:
    """Return the SHA-256 of a text as UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Json) -> str:
    """Return JSON in one form: keys in order, no blanks, UTF-8 as it is.

    Fractions stand in texts and statements as text: Python would write a float in its own way.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def heads_digest(heads: Iterable[Json]) -> str:
    """Return the SHA-256 over heads (record, subject, version, hash), a line of JSON each."""
    digest = hashlib.sha256()
    for head in heads:
        digest.update(canonical(head).encode() + b"\n")
    return digest.hexdigest()


def key_id(public_key: str) -> str:
    """Return the first 16 digits of the SHA-256 of a public key (base64)."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def checkpoint_name(number: int) -> str:
    """Return the name of a checkpoint's file; names sort as numbers do."""
    return f"checkpoint-{number:06}.json"


def earlier(moment: str, step: timedelta) -> str:
    """Return the time (as in texts) a step before."""
    found = datetime.fromisoformat(moment) - step
    return found.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)


class Chains:
    """The chains of an export, taken in row by row; each row is checked as it comes."""

    def __init__(self, *, live: bool = True) -> None:
        """Begin with nothing. The clock of a demo or test database may go anywhere."""
        self.live = live
        self.findings: list[Finding] = []
        self.entries: dict[tuple[str, str], dict[int, Entry]] = {}
        self.counts: dict[str, int] = {}
        self._last: dict[tuple[str, str], tuple[int, Entry]] = {}
        # Columns that were added to a table later: their one value in the rows before.
        self._later: dict[tuple[str, str], Json] = {}

    def take(self, record: str, row: Json) -> None:
        """Check a row: `subject`, `version`, its `columns`, and the ledger's `text` and `hash`."""
        subject, version = row["subject"], int(row["version"])
        key = (record, subject)
        last_version, last = self._last.get(key, (0, Entry("", "")))
        bad = list(self._version(version, last_version))
        if bad and version > last_version:
            self._find(record, subject, last_version + 1, *bad)
            bad = []
        text, columns, found = row["text"], row["columns"], row["hash"]
        if text is None:
            self._find(record, subject, version, *bad, "is not in the ledger")
            return
        entry = Entry(found, last.recorded_at)
        try:
            said = json.loads(text)
            bad += self._entry(said, row, record, last)
            entry = Entry(found, said["row"]["recorded_at"])
            if version == last_version + 1 and said["previous"] != last.hash:
                bad.append("does not name the hash of the version before it")
            if columns is None:
                bad.append("is gone; the ledger still has its text")
            else:
                bad += self._columns(said, columns, found, record)
        except UNREADABLE:
            bad.append("has a text in no form that is known")
        if sha256(text) != found:
            bad.insert(0, "has a text that is not what its hash is of")
        self._find(record, subject, version, *bad)
        self.entries.setdefault(key, {})[version] = entry
        self.counts[record] = self.counts.get(record, 0) + 1
        self._last[key] = (max(version, last_version), entry)

    def take_up(self, record: str, subject: str, version: int, found: str, time: str) -> None:
        """Go on after a version that is taken for granted; for who looks at a part of a chain."""
        self._last[record, subject] = (version, Entry(found, time))

    def _find(self, record: str, subject: str, version: int, *whats: str) -> None:
        self.findings += [Finding(record, subject, version, what) for what in whats]

    @staticmethod
    def _version(version: int, last: int) -> Iterator[str]:
        if version == last + 2:
            yield "is missing"
        elif version > last + 1:
            yield f"is missing, and so are all up to version {version - 1}"
        elif version <= last:
            yield "is there twice, or out of order"

    def _entry(self, said: Json, row: Json, record: str, last: Entry) -> Iterator[str]:
        named = (said["scheme"], said["record"], said["subject"], said["version"])
        if named != ("1", record, row["subject"], str(row["version"])):
            yield "has a text about something else"
        clock = said.get("clock")
        if clock is None or not self.live:  # from before the ledger, or no clock to hold to
            return
        recorded_at = said["row"]["recorded_at"]
        if recorded_at < last.recorded_at:
            yield f"says {recorded_at}, before the version before it ({last.recorded_at})"
        elif recorded_at != max(clock, last.recorded_at):
            yield f"says {recorded_at}, and its clock said {clock}"
        if clock < last.recorded_at and clock < earlier(last.recorded_at, CLOCK_STEP):
            yield f"was recorded while the clock was set back to {clock}"

    def _columns(self, said: Json, columns: Json, found: str, record: str) -> Iterator[str]:
        row = said["row"]
        if "clock" in said:
            row = {**row, "hash": found}
        if row == columns:
            return
        for name in sorted(row.keys() | columns.keys()):
            if name not in columns:
                yield f"has no column {name}; its text says {row[name]!r}"
            elif name not in row:
                first = self._later.setdefault((record, name), columns[name])
                if first != columns[name]:
                    yield f"has {columns[name]!r} as {name}, which its text does not say"
            elif row[name] != columns[name]:
                yield f"has {columns[name]!r} as {name}; its text says {row[name]!r}"

    def take_heads(self, heads: Iterable[Json]) -> None:
        """Check the heads of the database against the last entries."""
        heads = list(heads)
        known = {(record, subject) for record, subject, _, _ in heads}
        for record, subject, version, found in heads:
            last_version, last = self._last.get((record, subject), (0, Entry("", "")))
            if int(version) > last_version:
                what = f"is missing: the subject's head is version {version}"
                self._find(record, subject, last_version + 1, what)
            elif (int(version), found) != (last_version, last.hash):
                self._find(record, subject, last_version, "is not what the subject's head says")
        for record, subject in self._last.keys() - known:
            self._find(record, subject, 1, "has no head: the subject's was removed")


class Checkpoint(NamedTuple):
    """A checkpoint file; `heads` is None where only the statement is there."""

    number: int
    said: Json
    statement: str
    signature: str
    public_key: str
    heads: Json

    @property
    def name(self) -> str:
        """Return how it is called in findings."""
        return f"checkpoint {self.number}"


def read_checkpoint(content: str) -> Checkpoint:
    """Read a checkpoint file; ValueError where it is none."""
    try:
        file = json.loads(content)
        said = json.loads(file["statement"])
        return Checkpoint(
            int(said["number"]),
            said,
            file["statement"],
            file["signature"],
            file["public_key"],
            file.get("heads"),
        )
    except (KeyError, TypeError) as error:
        message = f"no checkpoint: {error!r}"
        raise ValueError(message) from error


def is_signed(checkpoint: Checkpoint) -> bool:
    """Tell whether the statement is signed by the key beside it; needs `cryptography`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(checkpoint.public_key))
        key.verify(base64.b64decode(checkpoint.signature), checkpoint.statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def check_itself(checkpoint: Checkpoint) -> Iterator[str]:
    """Yield what of a checkpoint contradicts itself."""
    said, heads = checkpoint.said, checkpoint.heads
    if said["key"] != key_id(checkpoint.public_key):
        yield "names another key than the one beside it"
    if CAN_CHECK_SIGNATURES and not is_signed(checkpoint):
        yield "its signature is not of its statement"
    if heads is None:
        return
    counts: dict[str, int] = {}
    for record, _, version, _ in heads:
        counts[record] = counts.get(record, 0) + int(version)
    if heads_digest(heads) != said["heads_digest"] or counts != {
        record: int(count) for record, count in said["counts"].items()
    }:
        yield "its list of heads is not the one that was signed"


def check_checkpoints(
    chains: Chains, checkpoints: list[Checkpoint], keys: list[str]
) -> Iterator[Finding]:
    """Yield what the checkpoints say against the records, and against each other."""
    before: Checkpoint | None = None
    for checkpoint in checkpoints:
        for what in check_itself(checkpoint):
            yield Finding(checkpoint.name, "", 0, what)
        if keys and checkpoint.public_key not in keys:
            what = f"is signed by key {key_id(checkpoint.public_key)}, which you did not name"
            yield Finding(checkpoint.name, "", 0, what)
        if before and before.number == checkpoint.number - 1:
            if checkpoint.said["previous"] != sha256(before.statement):
                what = f"does not name the statement of {before.name}"
                yield Finding(checkpoint.name, "", 0, what)
            if checkpoint.said["taken_at"] < before.said["taken_at"]:
                what = f"was taken before {before.name}: a clock was set back"
                yield Finding(checkpoint.name, "", 0, what)
        before = checkpoint
    excused = _Restores(checkpoints)
    good: dict[tuple[str, str], int] = {}
    bad: set[tuple[str, str]] = set()
    for checkpoint in checkpoints:
        for finding in _what_it_saw(chains, checkpoint, excused, good):
            if (finding.record, finding.subject) not in bad or not finding.version:
                yield finding
            bad.add((finding.record, finding.subject))


class _Restores:
    """What `restored` checkpoints say is lost, each with the versions that were kept."""

    def __init__(self, checkpoints: list[Checkpoint]) -> None:
        self._lost: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        for checkpoint in checkpoints:
            for record, subject, kept, lost in checkpoint.said.get("missing", []):
                found = self._lost.setdefault((record, subject), [])
                found.append((checkpoint.number, int(kept), int(lost)))

    def any_after(self, checkpoint: Checkpoint) -> bool:
        """Tell whether something that a checkpoint saw may be lost, and is named somewhere."""
        return any(
            checkpoint.number < number for rows in self._lost.values() for number, _, _ in rows
        )

    def excuse(self, number: int, record: str, subject: str, version: int) -> bool:
        """Tell whether a checkpoint after `number` says that this version is lost."""
        return any(
            number < said and kept < version <= lost
            for said, kept, lost in self._lost.get((record, subject), ())
        )


def _what_it_saw(
    chains: Chains,
    checkpoint: Checkpoint,
    restores: _Restores,
    good: dict[tuple[str, str], int],
) -> Iterator[Finding]:
    """Compare heads and counts; `good` is the last version of each subject that was seen whole."""
    if checkpoint.heads is None:
        for record, count in checkpoint.said["counts"].items():
            if chains.counts.get(record, 0) < int(count) and not restores.any_after(checkpoint):
                what = f"{record} had {count} rows at {checkpoint.name}, and has fewer now"
                yield Finding(checkpoint.name, "", 0, what)
        return
    seen: dict[tuple[str, str], int] = {}
    for record, subject, version_text, found in checkpoint.heads:
        version, key = int(version_text), (record, subject)
        seen[key] = version
        entries = chains.entries.get(key, {})
        entry = entries.get(version)
        if entry and entry.hash == found:
            good[key] = max(version, good.get(key, 0))
        elif restores.excuse(checkpoint.number, record, subject, version):
            seen[key] = max(entries, default=0)
        elif entry is None:
            first = next(n for n in range(1, version + 1) if n not in entries)
            what = f"is gone; {checkpoint.name} saw the subject up to version {version}"
            yield Finding(record, subject, first, what if entries else f"{what}, all of it")
        else:
            since = good.get(key, 0) + 1
            what = f"is not what {checkpoint.name} saw: rewritten from version {since} on, or later"
            yield Finding(record, subject, version, what)
    if chains.live:
        yield from _what_it_should_have_seen(chains, checkpoint, seen)


def _what_it_should_have_seen(
    chains: Chains, checkpoint: Checkpoint, seen: dict[tuple[str, str], int]
) -> Iterator[Finding]:
    """Yield rows that say they are older than a checkpoint that did not see them."""
    until = earlier(checkpoint.said["complete_until"], CLOCK_STEP)
    for (record, subject), entries in chains.entries.items():
        first = seen.get((record, subject), 0) + 1
        if record != OWN and first in entries and entries[first].recorded_at < until:
            what = f"says {entries[first].recorded_at}, and {checkpoint.name}, taken later, "
            yield Finding(record, subject, first, f"{what}did not see it: the clock was set back")


def read_checkpoints(folder: Path) -> tuple[list[Checkpoint], list[Finding]]:
    """Read the checkpoint files of a folder, in order."""
    found, bad = [], []
    for path in sorted(folder.glob(FILES)):
        try:
            checkpoint = read_checkpoint(path.read_text(encoding="utf-8"))
        except ValueError:
            bad.append(Finding(path.name, "", 0, "is no checkpoint that can be read"))
            continue
        if checkpoint_name(checkpoint.number) != path.name:
            bad.append(Finding(path.name, "", 0, f"holds {checkpoint.name}"))
        found.append(checkpoint)
    return found, bad


class Report(NamedTuple):
    """What came of a verification."""

    findings: list[Finding]
    notes: list[str]
    rows: int
    checkpoints: list[Checkpoint]


def verify(export: Path, kept: Path | None = None, keys: Iterable[str] = ()) -> Report:
    """Verify an export, with checkpoints that somebody kept; OSError, UNREADABLE: it can't be."""
    keys = list(keys)
    believed = keys
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    chains = Chains(live=manifest["database"] == "live")
    for record in manifest["records"]:
        name = f"{record}.jsonl"
        with (export / "records" / name).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    chains.take(record, json.loads(line))
                except UNREADABLE as error:
                    message = f"line {number} of {name} is no row: {error!r}"
                    raise ValueError(message) from error
    with (export / "heads.jsonl").open(encoding="utf-8") as lines:
        chains.take_heads(json.loads(line) for line in lines)
    found, bad = read_checkpoints(export / CHECKPOINTS)
    by_number = {checkpoint.number: checkpoint for checkpoint in found}
    if kept:
        held, unreadable = read_checkpoints(kept)
        bad += unreadable
        for checkpoint in held:
            other = by_number.get(checkpoint.number)
            if other and other.statement != checkpoint.statement:
                what = "says something else in the export than the one you kept"
                bad.append(Finding(checkpoint.name, "", 0, what))
            elif other and checkpoint.heads is None:
                continue  # the export may have its list of heads, and nothing else
            by_number[checkpoint.number] = checkpoint
        # Who names no key trusts those that signed what was kept: whoever made the export could
        # sign a "restored" of their own with any other.
        believed = keys or [checkpoint.public_key for checkpoint in held]
    checkpoints = [by_number[number] for number in sorted(by_number)]
    bad += check_checkpoints(chains, checkpoints, believed)
    kinds = {checkpoint.said["database"] for checkpoint in checkpoints} - {manifest["database"]}
    bad += [Finding("manifest.json", "", 0, f"the database was signed as {k}") for k in kinds]
    notes = list(_notes(chains, checkpoints, kept, keys))
    return Report([*chains.findings, *bad], notes, sum(chains.counts.values()), checkpoints)


def _notes(
    chains: Chains, checkpoints: list[Checkpoint], kept: Path | None, keys: list[str]
) -> Iterator[str]:
    if not chains.live:
        yield "This database was made for demonstration or tests: its times mean nothing."
    if not checkpoints:
        yield "There is no checkpoint: nobody can tell whether something was removed or rewritten."
    elif not kept:
        yield (
            "The checkpoints came with the export. Only ones that you kept yourself "
            "(--checkpoints) show what whoever owns the database has rewritten."
        )
    for checkpoint in checkpoints:
        if checkpoint.said["kind"] == "restored":
            yield (
                f"RESTORED FROM A BACKUP, says {checkpoint.name} of "
                f"{checkpoint.said['taken_at']}: {checkpoint.said['reason']} Lost are versions of "
                f"{len(checkpoint.said['missing'])} subjects, which it names."
            )
    if checkpoints and not keys:
        ids = sorted({key_id(checkpoint.public_key) for checkpoint in checkpoints})
        yield f"Compare the key with what you were told: {', '.join(ids)} (--public-key does it)."
    if checkpoints and not CAN_CHECK_SIGNATURES:
        yield (
            "SIGNATURES WERE NOT CHECKED: Python's package `cryptography` is not here. Run this "
            "where it is (pip install cryptography), or check each file's signature over its "
            "statement with any Ed25519 tool."
        )


def read_keys(given: Iterable[str]) -> Iterator[str]:
    """Yield public keys from what was given: base64, or a file with one per line."""
    for text in given:
        path = Path(text)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else [text]
        yield from (line.split()[0] for line in lines if line.strip() and line[0] != "#")


def say(text: str) -> None:
    """Write to where it is read, also where that has fewer letters than people's names."""
    letters = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(letters, "backslashreplace").decode(letters))


def main(arguments: list[str] | None = None) -> int:
    """Verify what the arguments name, and say so."""
    parser = argparse.ArgumentParser(description="Verify an export of ValueBoard's records.")
    parser.add_argument("export", type=Path, help="folder that export_records wrote")
    parser.add_argument("--checkpoints", type=Path, help="folder with checkpoints that you kept")
    parser.add_argument("--public-key", action="append", default=[], help="key that you were told")
    parser.add_argument("--without-signatures", action="store_true", help="don't ask for them")
    given = parser.parse_args(arguments)
    if given.checkpoints and not given.checkpoints.is_dir():
        parser.error(f"{given.checkpoints} is no folder")
    if given.checkpoints and not any(given.checkpoints.glob(FILES)):
        parser.error(f"{given.checkpoints} holds no file called {FILES}: nothing that you kept")
    try:
        report = verify(given.export, given.checkpoints, read_keys(given.public_key))
    except (OSError, *UNREADABLE) as error:
        say(f"Could not be checked: {str(error) or type(error).__name__}\n")
        return NOT_CHECKED
    for note in report.notes:
        say(f"Note: {note}\n")
    if report.findings:
        say(f"First bad: {report.findings[0]}\n")
        for finding in report.findings[1:]:
            say(f"      bad: {finding}\n")
        say(f"SOMETHING DOES NOT HOLD: {len(report.findings)} findings in {report.rows} rows.\n")
        return SOMETHING_DOES_NOT
    say(f"{report.rows} rows and {len(report.checkpoints)} checkpoints hold.\n")
    if report.checkpoints and not CAN_CHECK_SIGNATURES and not given.without_signatures:
        say("But signatures were not checked (see above).\n")
        return NOT_CHECKED
    return EVERYTHING_HOLDS


if __name__ == "__main__":
    sys.exit(main())
