"""Eight kinds of tampering with an exported history, each by a seed.

An owner of the database can do all of them there and export afterwards; doing them in the export
says the same to the verifier and takes milliseconds.
"""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from records import verifier
from records.signing import Signer

Row = dict[str, Any]
# What a finding must name: record, subject, and version (0: a checkpoint, of which there is none).
Named = tuple[str, str, int]


class History:
    """An export in memory, and the checkpoints that somebody kept."""

    def __init__(self, export: Path, kept: Path) -> None:
        self.export, self.kept = export, kept
        self.rows = {
            path.stem: [json.loads(line) for line in path.read_text().splitlines()]
            for path in sorted((export / "records").iterdir())
        }
        heads = (export / "heads.jsonl").read_text().splitlines()
        self.heads = {(head[0], head[1]): head for head in map(json.loads, heads)}
        self.files = {path.name: json.loads(path.read_text()) for path in kept.iterdir()}

    def write(self, folder: Path) -> None:
        """Write it as an export, `folder/export`, and the checkpoints, `folder/kept`."""
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "export" / "records").mkdir(parents=True)
        (folder / "export" / "checkpoints").mkdir()
        (folder / "kept").mkdir()
        shutil.copy(self.export / "manifest.json", folder / "export")
        for table, rows in self.rows.items():
            path = folder / "export" / "records" / f"{table}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        heads = "".join(json.dumps(head) + "\n" for head in self.heads.values())
        (folder / "export" / "heads.jsonl").write_text(heads)
        for name, file in self.files.items():
            (folder / "kept" / name).write_text(json.dumps(file))

    def pick(self, chance: random.Random, *, atleast: int = 1) -> tuple[str, str, list[Row]]:
        """Return a record, a subject and its rows, of which there are enough."""
        subjects = sorted(
            (table, subject)
            for (table, subject), head in self.heads.items()
            if int(head[2]) >= atleast and table != verifier.OWN
        )
        table, subject = chance.choice(subjects)
        return table, subject, [row for row in self.rows[table] if row["subject"] == subject]

    def keep_only(self, table: str, subject: str, versions: int) -> None:
        """Remove the tail of a subject, heads included, as whoever knows the tables would."""
        self.rows[table] = [
            row
            for row in self.rows[table]
            if row["subject"] != subject or int(row["version"]) <= versions
        ]
        if not versions:
            del self.heads[table, subject]
            return
        last = next(row for row in reversed(self.rows[table]) if row["subject"] == subject)
        self.heads[table, subject][2:] = [last["version"], last["hash"]]

    def rehash(self, table: str, subject: str) -> None:
        """Make the subject's chain right again, as far as that can be done."""
        previous = ""
        for row in self.rows[table]:
            if row["subject"] != subject:
                continue
            said = json.loads(row["text"]) | {"previous": previous}
            said["row"] = {name: row["columns"][name] for name in said["row"]}
            row["text"] = verifier.canonical(said)
            row["hash"] = previous = verifier.sha256(row["text"])
            if "clock" in said:
                row["columns"]["hash"] = previous
        self.heads[table, subject][2:] = [row_version(self.rows[table], subject), previous]


def row_version(rows: list[Row], subject: str) -> str:
    versions = (int(row["version"]) for row in rows if row["subject"] == subject)
    return str(max(versions))


def other(text: str, chance: random.Random) -> str:
    """Change one character."""
    place = chance.randrange(len(text))
    return text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]


def one_byte(history: History, chance: random.Random, signer: Signer) -> Named:
    table, subject, rows = history.pick(chance)
    row = chance.choice(rows)
    where = chance.choice(["columns", "text", "hash"])
    if where == "columns":
        names = sorted(name for name, value in row["columns"].items() if value not in {"", None})
        name = chance.choice(names)
        value = row["columns"][name]
        changed = not value if isinstance(value, bool) else other(value, chance)
        row["columns"][name] = changed
    else:
        row[where] = other(row[where], chance)
    return table, subject, int(row["version"])


def row_gone(history: History, chance: random.Random, signer: Signer) -> Named:
    table, subject, rows = history.pick(chance)
    row = chance.choice(rows)
    if chance.random() < 0.5:
        history.rows[table].remove(row)
    else:
        row["columns"] = None
    return table, subject, int(row["version"])


def two_swapped(history: History, chance: random.Random, signer: Signer) -> Named:
    while True:
        table, _, _ = history.pick(chance)
        if len(history.rows[table]) > 1:
            break
    one, two = chance.sample(history.rows[table], 2)
    for name in chance.choice([["columns"], ["text", "hash"], ["columns", "text", "hash"]]):
        one[name], two[name] = two[name], one[name]
    return table, one["subject"], int(one["version"])


def tail_gone(history: History, chance: random.Random, signer: Signer) -> Named:
    table, subject, rows = history.pick(chance, atleast=2)
    kept = chance.randrange(1, len(rows))
    history.keep_only(table, subject, kept)
    return table, subject, kept + 1


def subject_gone(history: History, chance: random.Random, signer: Signer) -> Named:
    table, subject, _ = history.pick(chance)
    history.keep_only(table, subject, 0)
    return table, subject, 1


def tail_rehashed(history: History, chance: random.Random, signer: Signer) -> Named:
    """The verifier names the version that the checkpoint saw, and since when it may be so."""
    table, subject, rows = history.pick(chance)
    row = chance.choice(rows)
    row["columns"]["recorded_by_id"] = "4711"
    history.rehash(table, subject)
    seen = [
        int(head[2])
        for _, file in sorted(history.files.items())
        for head in file["heads"]
        if head[:2] == [table, subject] and int(head[2]) >= int(row["version"])
    ]
    return table, subject, seen[0]


def checkpoint_altered(history: History, chance: random.Random, signer: Signer) -> Named:
    name = chance.choice(sorted(history.files))
    file = history.files[name]
    number = json.loads(file["statement"])["number"]
    how = chance.choice(["statement", "heads", "signature", "key", "all"])
    said = json.loads(file["statement"])
    if how == "heads":
        head = chance.choice(file["heads"])
        head[3] = other(head[3], chance)
    elif how == "signature":
        file["signature"] = file["signature"].translate(str.maketrans("ABCabc", "BCAbca"))
    elif how == "key":
        file["public_key"] = signer.public_key
    else:
        said["taken_at"] = "2026-01-01T00:00:00.000000Z"
        if how == "all":  # made anew, with a key of their own
            said["key"] = signer.key_id
            file["public_key"] = signer.public_key
        file["statement"] = verifier.canonical(said)
        if how == "all":
            file["signature"] = signer.sign(file["statement"])
    return f"checkpoint {number}", "", 0


def clock_set_back(history: History, chance: random.Random, signer: Signer) -> Named:
    """Rows that came after the last checkpoint, while the clock said something else."""
    table, subject, rows = history.pick(chance)
    while "clock" not in json.loads(rows[-1]["text"]):
        table, subject, rows = history.pick(chance)
    row = json.loads(json.dumps(rows[-1]))
    said = json.loads(row["text"])
    earlier = "2024-02-29T12:00:00.000000Z"
    if chance.random() < 0.5:
        subject, version = "backdated", "1"
        said |= {"subject": subject, "previous": ""}
        said["row"]["recorded_at"] = earlier
    else:
        version = str(int(rows[-1]["version"]) + 1)
        said |= {"previous": rows[-1]["hash"]}
        if chance.random() < 0.5:
            said["row"]["recorded_at"] = earlier
    said["clock"] = earlier
    said["version"] = said["row"]["version"] = version
    text = verifier.canonical(said)
    made = verifier.sha256(text)
    history.rows[table].append(
        {
            "subject": subject,
            "version": version,
            "text": text,
            "hash": made,
            "columns": said["row"] | {"hash": made},
        }
    )
    history.heads[table, subject] = [table, subject, version, made]
    return table, subject, int(version)


KINDS: list[Callable[[History, random.Random, Signer], Named]] = [
    one_byte,
    row_gone,
    two_swapped,
    tail_gone,
    subject_gone,
    tail_rehashed,
    checkpoint_altered,
    clock_set_back,
]
