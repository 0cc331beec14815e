"""What the verifier answers to what ValueBoard never wrote, and whom it believes."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from records import verifier
from records.export import export_records
from records.signing import Signer, new_key
from tests.records.test_tampering import PROBE, add, run, take

DEEP = "[" * 100_000


def in_line(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(export: Path) -> None:
        path = export / "records" / f"{PROBE}.jsonl"
        row = json.loads(path.read_text().splitlines()[0])
        change(row)
        path.write_text(json.dumps(row) + "\n")

    return edit


def in_statement(**changes: object) -> Callable[[Path], None]:
    def edit(export: Path) -> None:
        (path,) = (export / "checkpoints").iterdir()
        file = json.loads(path.read_text())
        file["statement"] = verifier.canonical(json.loads(file["statement"]) | changes)
        path.write_text(json.dumps(file))

    return edit


def written(name: str, text: str) -> Callable[[Path], None]:
    def edit(export: Path) -> None:
        (export / name).write_text(text)

    return edit


GARBAGE: list[Callable[[Path], None]] = [
    in_line(lambda row: row.update(text=7)),
    in_line(lambda row: row.update(version=-1)),
    in_line(lambda row: row.update(text="\ud800")),
    in_line(lambda row: row.update(text=DEEP)),
    in_line(lambda row: row.update(subject=["a"])),
    in_line(lambda row: row.update(version="x")),
    in_line(lambda row: row.clear()),
    written(f"records/{PROBE}.jsonl", DEEP),
    written("heads.jsonl", "[1, 2]\n"),
    written("heads.jsonl", DEEP),
    written("manifest.json", "[]"),
    written("manifest.json", "{}"),
    written("manifest.json", '{"database": "live", "records": {"' + PROBE + '": 1}}'),
    written("checkpoints/checkpoint-000002.json", DEEP),
    in_statement(counts=[]),
    in_statement(missing=7),
    in_statement(taken_at=7),
    in_statement(complete_until="yesterday"),
    in_statement(complete_until="0001-01-01T00:00:00.000000Z"),
]


@pytest.mark.parametrize("spoil", GARBAGE)
def test_garbage_never_holds_and_never_breaks_the_program(
    live: None, location: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    add("a")
    take()
    export_records(tmp_path / "export")
    spoil(tmp_path / "export")
    status, out = run(tmp_path / "export")
    assert status in {verifier.SOMETHING_DOES_NOT, verifier.NOT_CHECKED}
    assert ("Could not be checked" in out) == (status == verifier.NOT_CHECKED)


def test_a_row_that_cannot_be_read_is_named(db: None, tmp_path: Path) -> None:
    add("a")
    export_records(tmp_path / "export")
    path = tmp_path / "export" / "records" / f"{PROBE}.jsonl"
    rows = path.read_text()
    path.write_text(rows + "garbage\n")
    status, out = run(tmp_path / "export")
    assert status == verifier.NOT_CHECKED
    assert f"line {len(rows.splitlines()) + 1} of {PROBE}.jsonl is no row" in out


def test_a_restore_signed_by_a_stranger_excuses_nothing(
    live: None, location: Path, tmp_path: Path
) -> None:
    """Who owns the database has not the key: a "restored" of their own would excuse what they cut.

    Not even to somebody who named no key, if they kept a checkpoint.
    """
    add("a")
    add("a")
    take()
    export = tmp_path / "export"
    export_records(export)
    kept = tmp_path / "kept"
    location.rename(kept)
    path = export / "records" / f"{PROBE}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    first, cut = (row for row in rows if row["subject"] == "a")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row != cut))
    hashes = [first["hash"], cut["hash"]]
    heads = export / "heads.jsonl"
    heads.write_text(heads.read_text().replace(f'"2","{hashes[1]}"', f'"1","{hashes[0]}"'))
    held = verifier.read_checkpoint((kept / "checkpoint-000001.json").read_text())
    stranger = Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(new_key())))
    left = [[*head[:2], "1", hashes[0]] if head[3] == hashes[1] else head for head in held.heads]
    count = str(int(held.said["counts"][PROBE]) - 1)
    said = held.said | {
        "heads_digest": verifier.heads_digest(left),
        "counts": held.said["counts"] | {PROBE: count},
        "key": stranger.key_id,
        "kind": "restored",
        "missing": [[PROBE, "a", "1", "2"]],
        "number": "2",
        "previous": verifier.sha256(held.statement),
        "reason": "The disk broke.",
    }
    statement = verifier.canonical(said)
    forged = {
        "heads": left,
        "public_key": stranger.public_key,
        "signature": stranger.sign(statement),
        "statement": statement,
    }
    (export / "checkpoints" / "checkpoint-000002.json").write_text(json.dumps(forged))
    status, out = run(export, "--checkpoints", str(kept))
    assert status == verifier.SOMETHING_DOES_NOT
    assert f"checkpoint 2: is signed by key {stranger.key_id}" in out


def test_a_kept_statement_takes_no_list_of_heads_away(
    live: None, location: Path, tmp_path: Path
) -> None:
    """Of older checkpoints an export holds the statement alone; keeping that must not blind."""
    add("a")
    take()
    export, kept = tmp_path / "export", tmp_path / "kept"
    export_records(export)
    kept.mkdir()
    name = "checkpoint-000001.json"
    file = json.loads((export / "checkpoints" / name).read_text())
    del file["heads"]
    (kept / name).write_text(json.dumps(file))
    report = verifier.verify(export, kept)
    assert report.findings == []
    assert report.checkpoints[0].heads


def test_names_are_said_where_the_terminal_lacks_their_letters(db: None, tmp_path: Path) -> None:
    add("Größe")
    export_records(tmp_path / "export")
    path = tmp_path / "export" / "records" / f"{PROBE}.jsonl"
    path.write_text(path.read_text().replace('"value": "1', '"value": "7'))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "export" / "verify.py"), str(tmp_path / "export")],
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (verifier.SOMETHING_DOES_NOT, "")
    assert "Gr\\xf6\\xdfe" in done.stdout


def test_a_folder_without_checkpoints_is_not_taken_for_one_that_was_kept(
    db: None, tmp_path: Path
) -> None:
    add("a")
    export_records(tmp_path / "export")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit) as ended:
        verifier.main([str(tmp_path / "export"), "--checkpoints", str(tmp_path / "empty")])
    assert ended.value.code == verifier.NOT_CHECKED
