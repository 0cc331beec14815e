"""Frozen records: what was recorded stays, for everybody including the application's own account.

A frozen table is a subclass of `FrozenRecord` and one `Freeze` operation in a migration. The
database then sets version, time and hash, writes the ledger's entry, and refuses UPDATE, DELETE
and TRUNCATE; the application's role has SELECT and INSERT there and nothing else.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.verifier import key_id, sha256
from valueboard.lib.clock import DatabaseNow


class ChainHead(models.Model):
    """The latest version of each subject of each frozen table; its row is the subject's lock.

    `record` is the name of the table, `hash` that of the latest version's entry. Written by the
    trigger `records_append` alone; the application may only read it.
    """

    record = models.CharField(max_length=63)
    subject = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, default="")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        """One head per subject."""

        db_table = "records_head"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "subject"], name="head_of_one_subject")
        ]

    def __str__(self) -> str:
        """Return record and subject."""
        return f"{self.record} {self.subject}"


class ChainEntry(models.Model):
    """What one frozen row says, as a text that needs nothing but a hash function to be checked.

    `text` is one line of JSON (records/migrations/0003_ledger.py says how it is written): the
    row's columns, its record, subject and version, and `previous`, the hash of the subject's
    entry before it. `hash` is the SHA-256 of the text, in hexadecimal. Written by the trigger
    `records_append` alone; the application may only read it, and nobody changes it.
    """

    record = models.CharField(max_length=63)
    subject = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        """One entry per frozen row."""

        db_table = "records_entry"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record", "subject", "version"], name="entry_once_per_version"
            )
        ]

    def __str__(self) -> str:
        """Return record, subject and version."""
        return f"{self.record} {self.subject} v{self.version}"


class FrozenRecord(models.Model):
    """A row that is inserted once and never changed.

    `version` counts from 1 within the record's subject, `recorded_at` is the database's time and
    `hash` the hash of the ledger's entry; all three are set by the database, whatever the
    application asks for. `recorded_by` is empty for what the system did by itself.

    `workload_path` says how the workload that a record is about is found: the lookup from the
    record, such as `case__workload`, or "" for what is about the organisation.
    """

    workload_path: ClassVar[str]

    version = models.PositiveIntegerField(db_default=0, editable=False)
    recorded_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    hash = models.CharField(max_length=64, db_default="", editable=False)

    class Meta:
        """Subclasses are the tables."""

        abstract = True


class ThresholdVersion(FrozenRecord):
    """One value of a threshold, in force from a date on (METHOD: thresholds are versioned data).

    Subject: `key`, such as `estimate.revision_percent`.
    """

    workload_path = ""

    key = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    effective_from = models.DateField()
    reason = models.TextField()

    class Meta:
        """A threshold is given once per version."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "version"], name="threshold_version_once")
        ]

    def __str__(self) -> str:
        """Return key and value."""
        return f"{self.key} = {self.value.normalize():f}"


class Checkpoint(FrozenRecord):
    """What all chains came to at one moment, signed. Subject: `scope`, the organisation.

    `statement` is a line of JSON about all heads and counts (records/checkpoints.py); it names the
    digest of the statement before it. The file that was written to `location` holds the statement,
    its signature and the list of heads. `number` counts files; after a restore from a backup it
    is more than `version`, which counts rows.
    """

    class Kind(models.TextChoices):
        """Why it was taken."""

        DAILY = "daily", "Daily"
        ON_DEMAND = "on_demand", "On demand"
        RESTORED = "restored", "Restored from a backup"

    workload_path = ""

    scope = models.CharField(max_length=20, default="organisation", editable=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    statement = models.TextField()
    signature = models.CharField(max_length=100)
    public_key = models.CharField(max_length=50)
    location = models.CharField(max_length=500)
    note = models.TextField(blank=True)

    class Meta:
        """A number is given once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "number"], name="checkpoint_number_once"),
            models.UniqueConstraint(fields=["scope", "version"], name="checkpoint_version_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["daily", "on_demand", "restored"]),
                name="checkpoint_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return f"Checkpoint {self.number}"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the statement, which the next one names."""
        return sha256(self.statement)

    @property
    def key_id(self) -> str:
        """Return what the signing key is called."""
        return key_id(self.public_key)
