"""Where checkpoints are written: a folder or a place in S3, of which we want as little as can be.

Both read and write files by their number and do nothing else: they list nothing, overwrite nothing
and remove nothing.
"""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from records.clock import now
from records.verifier import checkpoint_name
from valueboard.lib.errors import RefusedError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

ABSENT = {"404", "NoSuchKey", "NotFound"}
DENIED = {"403", "AccessDenied"}
TAKEN = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}
# What S3 answers where the bucket has no Object Lock.
NO_LOCK = {"InvalidRequest", "ObjectLockConfigurationNotFoundError", "InvalidArgument"}


class LocationError(RefusedError):
    """The location can't be read or written; the message says why."""


class Location(Protocol):
    """A place for checkpoint files."""

    @property
    def name(self) -> str:
        """What the setting calls it."""

    def read(self, number: int) -> bytes | None:
        """Return the content of a checkpoint's file, or None where there is none."""

    def write(self, number: int, content: bytes) -> str:
        """Write a file that isn't there; return what is to be said of how it is kept.

        LocationError where another content is there already; the same content is no error.
        """


def location() -> Location:
    """Return the place that CHECKPOINT_LOCATION names; RefusedError where it names none."""
    name: str = settings.CHECKPOINT_LOCATION
    if not name:
        message = "There is nowhere to write to: set CHECKPOINT_LOCATION (a folder or s3://…)."
        raise RefusedError(message)
    if name.startswith("s3://"):
        bucket, _, prefix = name.removeprefix("s3://").partition("/")
        return Bucket(name, bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else "")
    return Folder(name)


def _taken(name: str, number: int) -> LocationError:
    message = (
        f"{name} holds a {checkpoint_name(number)} that says something else. Nothing was "
        "overwritten. Does another installation write there?"
    )
    return LocationError(message)


@dataclass(frozen=True)
class Folder:
    """A folder; files appear in it whole, in one step, and only under a name that is free."""

    name: str

    def read(self, number: int) -> bytes | None:
        """Return the content of a checkpoint's file, or None where there is none."""
        try:
            return (Path(self.name) / checkpoint_name(number)).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"{self.name} can't be read: {error.strerror}."
            raise LocationError(message) from error

    def write(self, number: int, content: bytes) -> str:
        """Write a file that isn't there."""
        folder = Path(self.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                # A link, not a rename: it fails where the name is taken.
                os.link(unfinished, folder / checkpoint_name(number))
                entry = os.open(folder, os.O_RDONLY)
                os.fsync(entry)
                os.close(entry)
            finally:
                Path(unfinished).unlink()
        except FileExistsError:
            if self.read(number) != content:
                raise _taken(self.name, number) from None
        except OSError as error:
            message = f"{self.name} can't be written: {error.strerror}."
            raise LocationError(message) from error
        return "In a folder: as safe from its owner as the folder is."


@dataclass(frozen=True)
class Bucket:
    """A prefix of an S3 bucket. Needs s3:GetObject and s3:PutObject there, nothing else.

    With Object Lock and CHECKPOINT_LOCK_DAYS it also needs s3:PutObjectRetention.
    """

    name: str
    bucket: str
    prefix: str

    @property
    def _client(self) -> "S3Client":
        own_endpoint = bool(os.environ.get("AWS_ENDPOINT_URL_S3"))
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            # Other S3 servers rarely answer under bucket.host.
            s3={"addressing_style": "path" if own_endpoint else "auto"},
        )
        return boto3.client("s3", config=config)

    def read(self, number: int) -> bytes | None:
        """Return the content of a checkpoint's file, or None where there is none."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=self._key(number))
            return answer["Body"].read()
        except ClientError as error:
            # Without s3:ListBucket, S3 says of what isn't there that it is forbidden. The last
            # checkpoint that we know of is read too, so that a true refusal doesn't pass for this.
            if error.response["Error"]["Code"] in ABSENT | DENIED:
                return None
            raise self._failed(error, "read") from error
        except BotoCoreError as error:
            raise self._failed(error, "read") from error

    def write(self, number: int, content: bytes) -> str:
        """Write a file that isn't there, under Object Lock where the bucket has it."""
        days = settings.CHECKPOINT_LOCK_DAYS
        try:
            if days:
                with suppress(_NoLockError):
                    self._put(number, content, days)
                    return f"Under S3 Object Lock for {days} days."
            self._put(number, content, 0)
        except BotoCoreError as error:
            raise self._failed(error, "written") from error
        return "In S3, without Object Lock."

    def _put(self, number: int, content: bytes, days: int) -> None:
        try:
            # Conditional: what is there is never overwritten.
            if days:
                self._client.put_object(
                    Bucket=self.bucket, Key=self._key(number), Body=content, IfNoneMatch="*",
                    ObjectLockMode="COMPLIANCE",
                    ObjectLockRetainUntilDate=now() + timedelta(days=days),
                )  # fmt: skip
            else:
                self._client.put_object(
                    Bucket=self.bucket, Key=self._key(number), Body=content, IfNoneMatch="*"
                )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            # The answer to a first try may have been lost on the way, and the file be ours.
            if code in TAKEN and self.read(number) == content:
                return
            if code in TAKEN:
                raise _taken(self.name, number) from error
            if days and code in NO_LOCK:
                raise _NoLockError from error
            raise self._failed(error, "written") from error

    def _key(self, number: int) -> str:
        return f"{self.prefix}{checkpoint_name(number)}"

    def _failed(self, error: Exception, what: str) -> LocationError:
        message = f"{self.name} can't be {what}: {error}"
        return LocationError(message)


class _NoLockError(Exception):
    """The bucket has no Object Lock."""
