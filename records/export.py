"""Writing everything that was recorded into a folder that needs no ValueBoard to be verified."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from records import verifier
from records.chain import frozen_models, read_rows, subject_columns
from records.clock import database_kind, now
from records.locations import location
from records.models import ChainHead, Checkpoint
from records.plain import time
from valueboard.lib.errors import RefusedError
from valueboard.lib.moment import one_moment

README = """What is here, and how to verify it
==================================

records/       every frozen record, a table per file and a row per line: its columns, and the text
               of the ledger with its SHA-256
heads.jsonl    the end of every chain: record, subject, version, hash
checkpoints/   signed statements about all chains at one moment; the latest with the list of heads
public-keys.txt  the keys that signed them
verify.py      checks all of it, with Python 3.11 or newer and nothing else:

    python3 verify.py .
    python3 verify.py . --checkpoints FOLDER --public-key KEY

FOLDER holds checkpoint files that you kept yourself, KEY is the key that you were told. Without
them this export can only be compared with itself.
"""


def export_records(folder: Path) -> int:
    """Write all records into an empty folder, as of one moment; return how many there are.

    RefusedError where something lies in the folder already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is not empty. Name a new folder, so that nothing old is mixed in."
        raise RefusedError(message)
    (folder / "records").mkdir(parents=True)
    (folder / verifier.CHECKPOINTS).mkdir()
    with one_moment():
        counts = {}
        subjects = subject_columns()
        for model in frozen_models():
            table = model._meta.db_table
            counts[table] = _write_table(folder, table, subjects[table])
        heads = ChainHead.objects.order_by("record", "subject").values_list(
            "record", "subject", "version", "hash"
        )
        with (folder / "heads.jsonl").open("w", encoding="utf-8") as file:
            for record, subject, version, found in heads.iterator():
                file.write(verifier.canonical([record, subject, str(version), found]) + "\n")
        checkpoints = list(Checkpoint.objects.order_by("number"))
        manifest = {
            "database": database_kind(),
            "exported_at": time(now()),
            "organisation": settings.ORGANISATION_NAME,
            "records": counts,
            "scheme": "1",
        }
    _write_checkpoints(folder, checkpoints)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    (folder / "README.txt").write_text(README)
    shutil.copyfile(verifier.__file__, folder / "verify.py")
    return sum(counts.values())


def _write_table(folder: Path, table: str, subject: list[str]) -> int:
    count = 0
    with (folder / "records" / f"{table}.jsonl").open("w", encoding="utf-8") as file:
        for row in read_rows(table, subject):
            file.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")
            count += 1
    return count


def _write_checkpoints(folder: Path, checkpoints: list[Checkpoint]) -> None:
    """Write each from what the database holds of it; the latest as it lies at the location."""
    for checkpoint in checkpoints:
        is_latest = checkpoint == checkpoints[-1]
        path = folder / verifier.CHECKPOINTS / verifier.checkpoint_name(checkpoint.number)
        path.write_bytes(written_file(checkpoint) if is_latest else _statement_file(checkpoint))
    keys = dict.fromkeys(checkpoint.public_key for checkpoint in checkpoints)
    lines = [f"{key}  {verifier.key_id(key)}\n" for key in keys]
    (folder / "public-keys.txt").write_text("".join(lines))


def written_file(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint's file as it lies at the location; else without its heads."""
    content = None
    with suppress(RefusedError):
        place = location()
        if place.name == checkpoint.location:
            content = place.read(checkpoint.number)
    return content or _statement_file(checkpoint)


def _statement_file(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint's file without the list of heads, which the database doesn't keep."""
    fields = {
        "public_key": checkpoint.public_key,
        "signature": checkpoint.signature,
        "statement": checkpoint.statement,
    }
    return (json.dumps(fields, ensure_ascii=False, indent=0, sort_keys=True) + "\n").encode()
