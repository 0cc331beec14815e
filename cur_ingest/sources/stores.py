"""Where an export lies: a local folder or a prefix in S3, behind the same few verbs.

A key is a path below the location, with forward slashes and without a leading one. A file's
etag is S3's ETag, or for a local file its time of modification in nanoseconds.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.response import StreamingBody

from cur_ingest.sources.errors import SourceError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CHUNK = 1024 * 1024
MANIFEST_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One file below a location: `key`, `etag` as the store gives it, `size` in bytes."""

    key: str
    etag: str
    size: int


class Store(Protocol):
    """What discovery and loading ask of a place that holds exports."""

    location: str
    copies: bool  # whether `place` copies, so that what was placed can't change any more

    def folders(self, prefix: str) -> list[str]:
        """Names (no path) of the folders directly below `prefix` ('' or ending in '/')."""
        ...

    def files(self, prefix: str) -> list[str]:
        """Names (no path) of the files directly below `prefix`."""
        ...

    def read(self, key: str) -> tuple[bytes, SourceFile]:
        """Read a small file, a manifest, and what it is, in one step."""
        ...

    def stat(self, key: str) -> SourceFile:
        """Describe a file as it is now; SourceError when it isn't there."""
        ...

    def place(self, file: SourceFile, target: Path) -> None:
        """Make exactly that file readable at `target`; SourceError when it changed."""
        ...


def open_store(location: str) -> Store:
    """Return the store of a location: `s3://bucket/prefix`, or the path of a local folder."""
    if not location.strip():
        # Path("") is the folder that one happens to be in.
        message = "Name a location: the folder or s3://bucket/prefix that holds the export."
        raise SourceError(message)
    if location.startswith("s3://"):
        return S3Store(location)
    if re.match(r"[a-z][a-z0-9+.-]+://", location, re.IGNORECASE):
        message = f"{location}: a location is a local folder or s3://bucket/prefix."
        raise SourceError(message)
    return LocalStore(location)


class LocalStore:
    """A folder on this machine."""

    copies = False

    def __init__(self, location: str) -> None:
        """Open the folder; SourceError unless it is one."""
        self.location = location
        self.root = Path(location).resolve()
        if not self.root.is_dir():
            message = f"{location} is not a folder. Give the folder that holds the export."
            raise SourceError(message)

    def folders(self, prefix: str) -> list[str]:
        """Names of the folders directly below."""
        return self._names(prefix, os.DirEntry.is_dir)

    def files(self, prefix: str) -> list[str]:
        """Names of the files directly below."""
        return self._names(prefix, os.DirEntry.is_file)

    def _names(self, prefix: str, wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
        folder = self._path(prefix)
        try:
            with os.scandir(folder) as entries:
                return sorted(entry.name for entry in entries if wanted(entry))
        except OSError as error:
            message = f"{folder} can't be read: {error.strerror}."
            raise SourceError(message) from error

    def read(self, key: str) -> tuple[bytes, SourceFile]:
        """Read a manifest."""
        file = self.stat(key)
        if file.size > MANIFEST_LIMIT:
            message = f"{key} in {self.location} is too large for a manifest."
            raise SourceError(message)
        try:
            return self._path(key).read_bytes(), file
        except OSError as error:
            message = f"{key} in {self.location} can't be read: {error.strerror}."
            raise SourceError(message) from error

    def stat(self, key: str) -> SourceFile:
        """Describe the file by its size and time of modification."""
        path = self._path(key)
        if not path.is_file():
            message = f"{key} is missing from {self.location}."
            raise SourceError(message)
        status = path.stat()
        return SourceFile(key=key, etag=f"mtime-{status.st_mtime_ns}", size=status.st_size)

    def place(self, file: SourceFile, target: Path) -> None:
        """Link to the file: nothing is copied."""
        if self.stat(file.key) != file:
            raise changed(file.key, self.location)
        target.symlink_to(self._path(file.key))

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        # A link inside the folder may point anywhere; what is read has to lie inside it.
        if not path.is_relative_to(self.root):
            message = f"{key} leads out of {self.location}; only files inside it are read."
            raise SourceError(message)
        return path


class S3Store:
    """A prefix of a bucket. The endpoint comes from AWS_ENDPOINT_URL_S3 alone, never from data."""

    copies = True

    def __init__(self, location: str) -> None:
        """Open `s3://bucket/prefix` with credentials of AWS's default chain."""
        parts = urlsplit(location)
        self.bucket = parts.netloc
        self.prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        self.location = f"s3://{self.bucket}/{self.prefix}".rstrip("/")
        if not self.bucket:
            message = f"{location} names no bucket; the form is s3://bucket/prefix."
            raise SourceError(message)
        own_endpoint = "AWS_ENDPOINT_URL_S3" in os.environ
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=10,
            read_timeout=60,
            # Other S3 servers rarely answer under bucket.host.
            s3={"addressing_style": "path" if own_endpoint else "auto"},
        )
        with _explained(self.location):
            self.client: S3Client = boto3.client(
                "s3",
                config=config,
                region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
            )

    def folders(self, prefix: str) -> list[str]:
        """Names of the common prefixes directly below."""
        return self._list(prefix)[0]

    def files(self, prefix: str) -> list[str]:
        """Names of the objects directly below."""
        return self._list(prefix)[1]

    def _list(self, prefix: str) -> tuple[list[str], list[str]]:
        start = self.prefix + prefix
        folders: list[str] = []
        files: list[str] = []
        with _explained(self.location):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=start, Delimiter="/"
            )
            for page in pages:
                found = (entry.get("Prefix", "") for entry in page.get("CommonPrefixes", []))
                folders += [name[len(start) :].rstrip("/") for name in found]
                keys = (entry.get("Key", "") for entry in page.get("Contents", []))
                files += [key[len(start) :] for key in keys if key != start]
        return sorted(folders), sorted(files)

    def read(self, key: str) -> tuple[bytes, SourceFile]:
        """Read a manifest with the ETag of what was read."""
        with _explained(f"{self.location}/{key}"):
            answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            if answer["ContentLength"] > MANIFEST_LIMIT:
                message = f"{key} in {self.location} is too large for a manifest."
                raise SourceError(message)
            body = answer["Body"].read()
        return body, SourceFile(key=key, etag=answer["ETag"], size=len(body))

    def stat(self, key: str) -> SourceFile:
        """Describe the object by its ETag and size."""
        with _explained(
            f"{self.location}/{key}", missing=f"{key} is missing from {self.location}."
        ):
            answer = self.client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        return SourceFile(key=key, etag=answer["ETag"], size=answer["ContentLength"])

    def place(self, file: SourceFile, target: Path) -> None:
        """Fetch the object on condition that it still has that ETag."""
        with _explained(
            f"{self.location}/{file.key}", missing=str(changed(file.key, self.location))
        ):
            answer = self.client.get_object(
                Bucket=self.bucket, Key=self.prefix + file.key, IfMatch=file.etag
            )
            body: StreamingBody = answer["Body"]
            with target.open("wb") as out:
                for chunk in body.iter_chunks(CHUNK):
                    out.write(chunk)
        if target.stat().st_size != file.size:
            message = f"{file.key} in {self.location} came incompletely. Load it again."
            raise SourceError(message)


def changed(key: str, location: str) -> SourceError:
    """Return the error for a file that changed between discovery and reading."""
    return SourceError(
        f"{key} in {location} changed while it was read: a new delivery is on its way. "
        "Nothing was loaded; load again when it is complete."
    )


REFUSED = {
    "AccessDenied",
    "403",
    "AllAccessDisabled",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
}
EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
}


@contextmanager
def _explained(what: str, *, missing: str = "") -> Iterator[None]:
    """Turn what boto3 raises into a SourceError that says what to do."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "NoSuchBucket":
            message = f"{what}: there is no such bucket. Check the name."
        elif code in {"404", "NoSuchKey", "412", "PreconditionFailed"} and missing:
            message = missing
        elif code in REFUSED:
            message = (
                f"{what}: access denied ({code}). The credentials need s3:ListBucket and "
                "s3:GetObject there."
            )
        elif code in EXPIRED:
            message = f"{what}: the credentials have expired ({code}). Renew them and load again."
        else:
            message = f"{what}: S3 answered {code or error}. Load again later."
        raise SourceError(message) from error
    except (BotoCoreError, HTTPClientError) as error:
        message = (
            f"{what}: {str(error).rstrip('.')}. Check credentials, region and AWS_ENDPOINT_URL_S3."
        )
        raise SourceError(message) from error
