"""Whatever the owner of the database does to the records, the verifier finds, and names the row.

It runs as it is handed out: one file, in a process of its own, with an export and the checkpoints
that somebody kept.
"""

import base64
import json
import random
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.test import override_settings

from records import verifier
from records.actions import say_restored, take_checkpoint
from records.export import export_records
from records.models import ChainHead, Checkpoint, ThresholdVersion
from records.reports import look
from records.signing import Signer, new_key, signer
from tests.cast import Cast, added, proposal
from tests.records.altered import KINDS, History
from tests.records.owner import Tamper
from tests.soak import rounds

PROBE = "records_thresholdversion"


def add(key: str, value: int = 1) -> ThresholdVersion:
    return ThresholdVersion.objects.create(
        key=key, value=Decimal(value), effective_from=date(2026, 1, 1), reason="Because “so” \n ü."
    )


def take() -> Checkpoint:
    return take_checkpoint(actor=None, kind=Checkpoint.Kind.ON_DEMAND)


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the program that an export brings along."""
    command = [sys.executable, "-I", str(folder / "verify.py"), str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_tampering_is_found_and_its_row_is_named(
    busy: Cast, live: None, location: Path, tmp_path: Path
) -> None:
    for round_ in range(3):
        for key in ("a", "b", f"c{round_}"):
            add(key, round_)
        added(busy, proposal(busy, name=f"Workload {round_}"))
        take()
    export = tmp_path / "export"
    export_records(export)
    public_key = signer().public_key
    stranger = Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(new_key())))
    assert verifier.verify(export, location, [public_key]).findings == []
    missed = []
    for kind in KINDS:
        for seed in range(rounds(10, 200)):
            history = History(export, location)
            named = kind(history, random.Random(f"{kind.__name__} {seed}"), stranger)  # noqa: S311 - seeds
            history.write(tmp_path / "altered")
            altered = tmp_path / "altered"
            found = verifier.verify(altered / "export", altered / "kept", [public_key]).findings
            if named not in {finding[:3] for finding in found}:
                missed.append((kind.__name__, seed, named, found))
            # What is named is about this row, a version after it, or the row it was swapped with.
            elif kind.__name__ not in {"two_swapped", "checkpoint_altered"}:
                strangers = [f for f in found if f[:2] != named[:2] and "checkpoint" not in f.what]
                missed += [(kind.__name__, seed, named, strangers)] if strangers else []
    assert missed == []


@pytest.mark.django_db(transaction=True)
def test_tampering_in_the_database_itself_is_found(
    live: None, tamper: Tamper, owner_cursor: psycopg.Cursor, location: Path, tmp_path: Path
) -> None:
    """All kinds at once, each with a subject of its own, in one export."""
    seeds = range(rounds(4, 200))
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - a seed
        for kind in ("byte", "gone", "swap", "tail", "subject", "rehash", "clock"):
            for version in range(chance.randint(3, 6)):
                add(f"{kind}-{seed}", version)
    take()
    take()
    expected = set()
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - a seed
        version = chance.randint(1, 2)
        row = f"SELECT id FROM {PROBE} WHERE version = {version} AND key ="
        tamper(
            f"UPDATE {PROBE} SET reason = reason || '.' WHERE id = ({row} 'byte-{seed}')",
            f"DELETE FROM {PROBE} WHERE id = ({row} 'gone-{seed}')",
            f"UPDATE {PROBE} SET value = 3 - value WHERE key = 'swap-{seed}' AND value IN (1, 2)",
            f"DELETE FROM {PROBE} WHERE key = 'tail-{seed}' AND version > {version}",
            f"DELETE FROM records_entry WHERE subject = 'tail-{seed}' AND version > {version}",
            f"UPDATE records_head SET version = {version}, hash = (SELECT hash FROM records_entry "
            f"WHERE subject = 'tail-{seed}' AND version = {version}) "
            f"WHERE subject = 'tail-{seed}'",
            f"DELETE FROM {PROBE} WHERE key = 'subject-{seed}'",
            f"DELETE FROM records_entry WHERE subject = 'subject-{seed}'",
            f"DELETE FROM records_head WHERE subject = 'subject-{seed}'",
        )
        rehash(owner_cursor, tamper, f"rehash-{seed}", version)
        expected |= {
            (f"byte-{seed}", version),
            (f"gone-{seed}", version),
            (f"swap-{seed}", 2),
            (f"swap-{seed}", 3),
            (f"tail-{seed}", version + 1),
            (f"subject-{seed}", 1),
            (f"rehash-{seed}", ChainHead.objects.get(subject=f"rehash-{seed}").version),
        }
    # The machine's clock is set back, and put right again.
    owner_cursor.execute("SELECT pg_get_functiondef('vb_clock'::regproc)")
    (clock,) = owner_cursor.fetchone() or ("",)
    owner_cursor.execute(
        "CREATE OR REPLACE FUNCTION vb_clock() RETURNS timestamptz LANGUAGE sql VOLATILE "
        "AS $$ SELECT clock_timestamp() - interval '2 hours' $$"
    )
    for seed in seeds:
        expected |= {(f"clock-{seed}", add(f"clock-{seed}").version)}
        expected |= {(f"backdated-{seed}", add(f"backdated-{seed}").version)}
    owner_cursor.execute(clock)
    export_records(tmp_path / "export")
    (location / "checkpoint-000001.json").write_text(
        (location / "checkpoint-000001.json").read_text().replace("ValueBoard", "Valueboard")
    )
    status, out = run(tmp_path / "export", "--checkpoints", str(location))
    assert status == verifier.SOMETHING_DOES_NOT
    named = set(re.findall(rf"bad: {PROBE}, subject (\S+), version (\d+): ", out))
    assert named == {(subject, str(version)) for subject, version in expected}
    assert "bad: checkpoint 1: its signature is not of its statement" in out
    assert set(re.findall(r"bad: ([a-z_]+(?: \d+)?)[,:]", out)) == {
        PROBE,
        "checkpoint 1",
        "checkpoint 2",  # names the statement of checkpoint 1 as it was
    }


def rehash(owner: psycopg.Cursor, tamper: Tamper, subject: str, since: int) -> None:
    """Change a row and make its chain right again, in the database, with all that belongs to it."""
    owner.execute(
        "SELECT version, text FROM records_entry WHERE subject = %s ORDER BY version", [subject]
    )
    statements, previous, last = [], "", 0
    for version, text in owner.fetchall():
        said = json.loads(text)
        if version == since:
            said["row"]["value"] = "9.0000"
        said["previous"] = previous
        made = verifier.canonical(said)
        previous, last = verifier.sha256(made), version
        quoted = made.replace("'", "''")
        value = said["row"]["value"]
        statements += [
            (
                f"UPDATE records_entry SET text = '{quoted}', hash = '{previous}' "
                f"WHERE subject = '{subject}' AND version = {version}"
            ),
            (
                f"UPDATE {PROBE} SET hash = '{previous}', value = {value} "
                f"WHERE key = '{subject}' AND version = {version}"
            ),
        ]
    statements += [
        (
            f"UPDATE records_head SET hash = '{previous}' "
            f"WHERE subject = '{subject}' AND version = {last}"
        )
    ]
    tamper(*statements)


@pytest.mark.django_db(transaction=True)
def test_clean_histories_raise_no_alarm(
    live: None, cast: Cast, location: Path, tmp_path: Path
) -> None:
    """Checkpoints, new keys, restores, crashes between file and record: none is tampering."""
    for seed in range(rounds(6, 1_000)):
        chance = random.Random(seed)  # noqa: S311 - a seed
        folder = tmp_path / str(seed)
        # Settings changed by the fixture lie one upon the other: a thousand are too deep.
        with (
            override_settings(CHECKPOINT_LOCATION=str(folder / "kept")),
            ExitStack() as keys,
            transaction.atomic(),
        ):
            for _ in range(chance.randint(1, 8)):
                step(chance, cast, keys)
            export_records(folder / "export")
            report = verifier.verify(folder / "export", folder / "kept" if look().last else None)
            transaction.set_rollback(True)
        assert report.findings == [], seed


def step(chance: random.Random, cast: Cast, keys: ExitStack) -> None:
    """Do something that happens; a new key counts until `keys` are given back."""
    what = chance.choice(["add", "add", "workload", "take", "take", "key", "restore", "crash"])
    if what == "add":
        for _ in range(chance.randint(1, 5)):
            add(chance.choice("abcdef"), chance.randint(0, 9))
    elif what == "workload":
        added(cast, proposal(cast, name=f"Workload {chance.random()}"))
    elif what == "take":
        take()
    elif what == "key":
        take()
        keys.enter_context(override_settings(CHECKPOINT_KEY=new_key()))
        take()
    elif what == "crash":
        with transaction.atomic():
            take()
            transaction.set_rollback(True)
    else:
        take()
        with transaction.atomic():
            for _ in range(chance.randint(1, 3)):
                add(chance.choice("abcdefgh"))
                take()
            transaction.set_rollback(True)
        if chance.random() < 0.5:
            add(chance.choice("abcdefgh"))
        if look().is_short:
            say_restored(actor=cast.adam, reason="The disk broke.")


def test_the_program_says_what_it_could_not_check(db: None, location: Path, tmp_path: Path) -> None:
    export_records(tmp_path / "none")
    status, out = run(tmp_path / "none")
    assert status == verifier.EVERYTHING_HOLDS
    assert "There is no checkpoint" in out
    assert "made for demonstration or tests" in out
    take()
    export_records(tmp_path / "one")
    status, out = run(tmp_path / "one", "--public-key", str(tmp_path / "one" / "public-keys.txt"))
    assert status == verifier.EVERYTHING_HOLDS
    assert "Only ones that you kept yourself" in out
    program = (tmp_path / "one" / "verify.py").read_text()
    (tmp_path / "one" / "verify.py").write_text(
        program.replace("from cryptography", "from there_is_no_cryptography")
    )
    status, out = run(tmp_path / "one")
    assert status == verifier.NOT_CHECKED
    assert "SIGNATURES WERE NOT CHECKED" in out
    assert run(tmp_path / "one", "--without-signatures")[0] == verifier.EVERYTHING_HOLDS
    (tmp_path / "one" / "heads.jsonl").unlink()
    assert run(tmp_path / "one")[0] == verifier.NOT_CHECKED


def test_an_export_is_never_mixed_with_another(db: None, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    with pytest.raises(Exception, match="is not empty"):
        export_records(tmp_path)
