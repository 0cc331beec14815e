"""Checkpoints: what they say, where they are written, and what a crash between leaves."""

import json
import os
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.fixtures import Settings

from records import actions, verifier
from records.actions import say_restored, take_checkpoint
from records.clock import database_kind
from records.export import export_records
from records.locations import location as place
from records.models import ChainHead, Checkpoint, ThresholdVersion
from records.reports import known_alarm, look
from records.signing import new_key
from records.tasks import watch
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server, s3, s3_server
from tests.records.owner import Tamper
from valueboard.lib.errors import RefusedError

__all__ = ["s3", "s3_server"]  # fixtures

ON_DEMAND, DAILY = Checkpoint.Kind.ON_DEMAND, Checkpoint.Kind.DAILY


def add_threshold(key: str = "probe") -> ThresholdVersion:
    return ThresholdVersion.objects.create(
        key=key, value=Decimal(1), effective_from=date(2026, 1, 1), reason="x"
    )


def take() -> Checkpoint:
    return take_checkpoint(actor=None, kind=ON_DEMAND)


def verified(folder: Path, kept: Path | None = None) -> list[str]:
    """Export and verify; what was found, as lines."""
    export_records(folder)
    return [str(finding) for finding in verifier.verify(folder, kept).findings]


def test_a_checkpoint_is_signed_chained_and_written(
    db: None, location: Path, tmp_path: Path
) -> None:
    first = take()
    add_threshold()
    second = take()
    assert [file.name for file in sorted(location.iterdir())] == [
        "checkpoint-000001.json",
        "checkpoint-000002.json",
    ]
    written = verifier.read_checkpoint((location / "checkpoint-000002.json").read_text())
    assert written.statement == second.statement
    assert verifier.is_signed(written)
    said = json.loads(second.statement)
    assert said["previous"] == first.digest
    assert (said["number"], said["kind"], said["key"]) == ("2", "on_demand", second.key_id)
    heads = ChainHead.objects.exclude(record="records_checkpoint")
    assert sorted(map(tuple, written.heads)) == sorted(
        (head.record, head.subject, str(head.version), head.hash) for head in heads
    )
    assert int(said["counts"]["records_thresholdversion"]) == ThresholdVersion.objects.count()
    assert verified(tmp_path / "export", location) == []
    assert second.note.startswith("In a folder")


def test_who_takes_a_checkpoint(cast: Cast, location: Path) -> None:
    for person in (cast.adam, cast.felix):
        assert take_checkpoint(actor=person, kind=ON_DEMAND).recorded_by == person
    for person in (cast.priya, cast.erin, cast.olivia, cast.sam):
        with pytest.raises(PermissionDenied):
            take_checkpoint(actor=person, kind=ON_DEMAND)
    assert Checkpoint.objects.count() == 2


@pytest.mark.parametrize("missing", ["CHECKPOINT_KEY", "CHECKPOINT_LOCATION"])
def test_without_key_or_place_nothing_pretends(
    db: None, location: Path, settings: Settings, missing: str
) -> None:
    setattr(settings, missing, "")
    with pytest.raises(RefusedError, match=missing):
        take()
    assert missing in look().missing
    watch(0)
    assert not Checkpoint.objects.exists()
    assert not location.exists()


def test_a_broken_key_is_named(db: None, location: Path, settings: Settings) -> None:
    settings.CHECKPOINT_KEY = "c2hvcnQ="
    with pytest.raises(RefusedError, match="32 bytes"):
        take()


def test_a_crash_after_writing_loses_no_checkpoint_and_doubles_none(
    db: None, location: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take()
    add_threshold()

    def crash(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_record", crash)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            take()
    written = (location / "checkpoint-000002.json").read_bytes()
    assert Checkpoint.objects.count() == 1
    assert not look().alarm
    add_threshold()
    third = take()
    assert (location / "checkpoint-000002.json").read_bytes() == written
    assert [c.number for c in Checkpoint.objects.order_by("number")] == [1, 2, 3]
    assert json.loads(third.statement)["previous"] == Checkpoint.objects.get(number=2).digest
    assert verified(tmp_path / "export", location) == []


def test_a_crash_while_writing_leaves_no_file_of_that_name(
    db: None, location: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RefusedError, match="No space left"):
            take()
    assert list(location.iterdir()) == []
    take()


def test_what_is_there_is_never_overwritten(db: None, location: Path) -> None:
    location.mkdir()
    (location / "checkpoint-000001.json").write_text("{}")
    with pytest.raises(RefusedError, match="can't be read"):
        take()
    assert (location / "checkpoint-000001.json").read_text() == "{}"


def test_a_checkpoint_of_another_key_is_no_leftover_of_ours(
    db: None, location: Path, settings: Settings
) -> None:
    ours = settings.CHECKPOINT_KEY
    settings.CHECKPOINT_KEY = new_key()
    with transaction.atomic():
        take()
        transaction.set_rollback(True)
    settings.CHECKPOINT_KEY = ours
    assert "signed by no key of ours" in look().alarm
    with pytest.raises(RefusedError):
        take()


def test_a_new_key_goes_on_with_the_chain(
    db: None, location: Path, settings: Settings, tmp_path: Path
) -> None:
    first = take()
    settings.CHECKPOINT_KEY = new_key()
    second = take()
    assert first.public_key != second.public_key
    assert verified(tmp_path / "export", location) == []
    keys = [first.public_key, second.public_key]
    assert verifier.verify(tmp_path / "export", location, keys).findings == []
    (finding,) = verifier.verify(tmp_path / "export", location, keys[:1]).findings
    assert finding.record == "checkpoint 2"
    assert "which you did not name" in finding.what


def test_the_worker_takes_one_a_day(db: None, location: Path) -> None:
    watch(0)
    watch(0)
    (made,) = Checkpoint.objects.all()
    assert made.kind == DAILY


def test_commands_make_a_key_take_and_check(db: None, location: Path, settings: Settings) -> None:
    out = StringIO()
    call_command("checkpoint_key", stdout=out)
    key = out.getvalue().splitlines()[0].removeprefix("CHECKPOINT_KEY=")
    settings.CHECKPOINT_KEY = key
    call_command("checkpoint", "--check", stdout=out)
    call_command("checkpoint", stdout=out)
    call_command("checkpoint", "--check", stdout=out)
    assert "There is no checkpoint yet." in out.getvalue()
    assert "holds all that checkpoint 1 saw" in out.getvalue()
    assert Checkpoint.objects.get().public_key in out.getvalue()
    settings.CHECKPOINT_LOCATION = ""
    with pytest.raises(CommandError, match="CHECKPOINT_LOCATION"):
        call_command("checkpoint", "--check")


# --- after a restore from a backup ----------------------------------------------------------------


def restore(location: Path) -> None:
    """Leave the database as a backup from before the last checkpoint would."""
    add_threshold("kept")
    take()
    with transaction.atomic():
        add_threshold("kept")
        add_threshold("lost")
        take()
        add_threshold("lost")
        take()
        transaction.set_rollback(True)


def test_a_restore_is_said_loudly_and_stops_ordinary_checkpoints(
    cast: Cast, location: Path
) -> None:
    restore(location)
    standing = look()
    assert {(lost.subject, lost.kept, lost.lost) for lost in standing.difference.lost} == {
        ("kept", 1, 2),
        ("lost", 0, 2),
    }
    assert "restored from a backup" in known_alarm()
    with pytest.raises(RefusedError, match="restored from a backup"):
        take()
    with pytest.raises(CommandError, match=r"lost: records_thresholdversion lost v1 to v2"):
        call_command("checkpoint", "--check")


def test_an_administrator_says_restored_and_checkpoints_go_on(
    cast: Cast, location: Path, tmp_path: Path
) -> None:
    restore(location)
    add_threshold("lost")  # people went on, and took a version that was given before
    for person in (cast.felix, cast.priya):
        with pytest.raises(PermissionDenied):
            say_restored(actor=person, reason="Disk broke.")
    with pytest.raises(ValidationError):
        say_restored(actor=cast.adam, reason="  ")
    made = say_restored(actor=cast.adam, reason="Disk broke; backup of 02:00.")
    assert (made.number, made.version, made.kind) == (4, 2, "restored")
    said = json.loads(made.statement)
    assert sorted(said["missing"]) == [
        ["records_thresholdversion", "kept", "1", "2"],
        ["records_thresholdversion", "lost", "0", "2"],
    ]
    assert "Disk broke" in said["reason"]
    assert cast.adam.email in said["reason"]
    assert not look().alarm
    with pytest.raises(RefusedError, match="Nothing is missing"):
        say_restored(actor=cast.adam, reason="Again.")
    assert take().number == 5
    assert verified(tmp_path / "export", location) == []
    report = verifier.verify(tmp_path / "export", location)
    assert any("RESTORED FROM A BACKUP" in note for note in report.notes)
    assert [checkpoint.number for checkpoint in report.checkpoints] == [1, 2, 3, 4, 5]


def test_without_the_said_restore_the_verifier_finds_what_is_lost(
    cast: Cast, location: Path, tmp_path: Path
) -> None:
    restore(location)
    found = verified(tmp_path / "export", location)
    assert any("subject kept, version 2: is gone" in line for line in found)
    assert any("subject lost, version 1: is gone" in line for line in found)


@pytest.mark.django_db(transaction=True)
def test_rewriting_is_no_restore(
    owner_cursor: psycopg.Cursor, tamper: Tamper, cast: Cast, location: Path
) -> None:
    add_threshold()
    take()
    tamper(
        "UPDATE records_entry SET hash = repeat('a', 64) WHERE subject = 'probe'",
        "UPDATE records_head SET hash = repeat('a', 64) WHERE subject = 'probe'",
    )
    standing = look()
    assert standing.difference.changed == (("records_thresholdversion", "probe", 1),)
    assert "were rewritten" in standing.alarm
    for attempt in (take, lambda: say_restored(actor=cast.adam, reason="It broke.")):
        with pytest.raises(RefusedError, match="were rewritten"):
            attempt()


def test_a_checkpoint_that_is_gone_or_altered_is_said(db: None, location: Path) -> None:
    take()
    file = location / "checkpoint-000001.json"
    kept = file.read_text()
    file.write_text(kept.replace('\\"number\\":\\"1\\"', '\\"number\\": \\"1\\"'))
    assert "is not the one recorded here" in look().alarm
    file.unlink()
    assert "is gone from" in look().alarm
    file.write_text(kept)
    assert look().alarm == ""


# --- S3 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 30])
@pytest.mark.parametrize("locked", [False, True])
def test_checkpoints_in_s3(
    db: None, location: Path, s3: S3Server, settings: Settings, days: int, *, locked: bool
) -> None:
    bucket = f"kept-{days}-{locked}".lower()
    s3.client().create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locked)
    settings.CHECKPOINT_LOCATION = f"s3://{bucket}/value/board"
    settings.CHECKPOINT_LOCK_DAYS = days
    made = take()
    assert ("Under S3 Object Lock" in made.note) == bool(locked and days)
    found = s3.client().get_object(Bucket=bucket, Key="value/board/checkpoint-000001.json")
    assert ("ObjectLockRetainUntilDate" in found) == bool(locked and days)
    assert not look().alarm
    # Another installation that writes to the same place overwrites nothing.
    with pytest.raises(RefusedError, match="says something else"):
        place().write(1, b"{}")
    assert place().write(1, found["Body"].read()).startswith(("Under", "In S3"))
    assert take().number == 2


def test_the_kind_of_database_is_signed(db: None, location: Path) -> None:
    assert json.loads(take().statement)["database"] == database_kind()
