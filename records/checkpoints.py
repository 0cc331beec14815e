"""What a checkpoint says, and whether the database still holds what one saw.

A statement is one line of canonical JSON: every chain's head by a digest, the number of rows of
each kind, the digest of the statement before, who signed and when. `complete_until` is a time that
every record with an earlier `recorded_at` is covered: no transaction that could still bring one was
open then. The chain of the checkpoints themselves is in no statement; each names the one before.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from records.clock import database_kind
from records.models import ChainHead, Checkpoint
from records.plain import time
from records.signing import Signer
from records.verifier import OWN, canonical, heads_digest

Head = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """Versions of a subject that a checkpoint saw and the database doesn't hold (any more)."""

    record: str
    subject: str
    kept: int
    lost: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What the database doesn't hold of what a checkpoint saw.

    `lost` is what a restore from a backup would do: versions gone, or others in their place that
    were recorded after the checkpoint. `changed` is what it would not: another text under the same
    version, from before the checkpoint.
    """

    lost: tuple[Lost, ...] = ()
    changed: tuple[tuple[str, str, int], ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.lost or self.changed)


def read_heads() -> list[Head]:
    """Return every chain's head, in order; one query, and so of one moment."""
    rows = ChainHead.objects.exclude(record=OWN).values_list("record", "subject", "version", "hash")
    return sorted(
        (record, subject, str(version), found) for record, subject, version, found in rows
    )


def times() -> tuple[datetime, datetime]:
    """Return the database's time, and the time until which everything recorded is committed.

    The latter is the begin of the oldest open transaction of this role, ours left out. All that
    record are connections of one role, and each sees the others of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT vb_clock(), vb_clock() - (clock_timestamp() - coalesce(("
            "SELECT min(xact_start) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()), clock_timestamp()))"
        )
        moment, complete = cursor.fetchone()
    return moment, complete


def state(  # noqa: PLR0917 - the parts of a statement
    number: int, kind: str, previous: str, signer: Signer, reason: str, lost: Iterable[Lost]
) -> tuple[str, list[Head]]:
    """Return a statement about the database as it is, and the heads that it is over."""
    moment, complete = times()  # before the heads: what is complete by then is in them
    heads = read_heads()
    counts: dict[str, int] = {}
    for record, _, version, _ in heads:
        counts[record] = counts.get(record, 0) + int(version)
    said = {
        "complete_until": time(complete),
        "counts": {record: str(count) for record, count in counts.items()},
        "database": database_kind(),
        "heads": str(len(heads)),
        "heads_digest": heads_digest(heads),
        "key": signer.key_id,
        "kind": kind,
        "missing": [[row.record, row.subject, str(row.kept), str(row.lost)] for row in lost],
        "number": str(number),
        "organisation": settings.ORGANISATION_NAME,
        "previous": previous,
        "reason": reason,
        "scheme": "1",
        "taken_at": time(moment),
    }
    return canonical(said), heads


def write_file(statement: str, signature: str, public_key: str, heads: Iterable[Head]) -> bytes:
    """Return the content of a checkpoint's file; a head per line, for who reads it."""
    fields = {"public_key": public_key, "signature": signature, "statement": statement}
    start = json.dumps(fields, ensure_ascii=False, indent=0, sort_keys=True).removesuffix("\n}")
    lines = ",\n".join(canonical(head) for head in heads)
    return f'{start},\n"heads": [\n{lines}\n]\n}}\n'.encode()


def compare(heads: Iterable[Head], taken_at: str) -> Difference:
    """Return what the database doesn't hold of what a checkpoint saw at `taken_at`; one query."""
    listed = list(heads)
    if not listed:
        return Difference()
    records, subjects, versions, hashes = zip(*listed, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.record, s.subject, s.version, e.hash IS NOT NULL
                AND substring(e.text FROM '"recorded_at":"([^"]+)"') <= %s,
                coalesce((
                    SELECT max(k.version) FROM records_entry k
                    WHERE k.record = s.record AND k.subject = s.subject
                        AND k.version < s.version
                        AND substring(k.text FROM '"recorded_at":"([^"]+)"') <= %s), 0)
            FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[])
                AS s (record, subject, version, hash)
            LEFT JOIN records_entry e
                ON (e.record, e.subject, e.version) = (s.record, s.subject, s.version)
            WHERE e.hash IS DISTINCT FROM s.hash
            ORDER BY s.record, s.subject
            """,
            [taken_at, taken_at, list(records), list(subjects), list(map(int, versions)),
             list(hashes)],
        )  # fmt: skip
        rows = cursor.fetchall()
    return Difference(
        tuple(Lost(row[0], row[1], row[4], row[2]) for row in rows if not row[3]),
        tuple((row[0], row[1], row[2]) for row in rows if row[3]),
    )


def last_checkpoint() -> Checkpoint | None:
    """Return the last one that the database knows of."""
    return Checkpoint.objects.order_by("-number").first()
