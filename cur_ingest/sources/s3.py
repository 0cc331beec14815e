"""An export below a prefix in S3: every GET on condition, every answer checked."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from cur_ingest.sources.credentials import Credentials, bounded
from cur_ingest.sources.errors import PassingError, SourceError, changed
from cur_ingest.sources.files import MANIFEST_LIMIT, SourceFile
from valueboard.lib import formats

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CHUNK = 1024 * 1024
# An object has this long to come as a whole, and a second more for each of so many bytes.
PATIENCE_SECONDS = 120
SLOWEST = 128 * 1024


class S3Store:
    """A prefix in a bucket. Objects are fetched: what was placed can't change any more."""

    copies = True

    def __init__(self, location: str, credentials: Credentials, *, quick: bool) -> None:
        """Open `s3://bucket/prefix`."""
        parts = urlsplit(location)
        self.bucket = parts.netloc
        self.prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        self.location = f"s3://{self.bucket}/{self.prefix}".rstrip("/")
        if not self.bucket:
            message = f"{location} names no bucket; the form is s3://bucket/prefix."
            raise SourceError(message)
        own_endpoint = "AWS_ENDPOINT_URL_S3" in os.environ
        # Other S3 servers rarely answer under bucket.host.
        config = bounded(quick=quick, s3={"addressing_style": "path" if own_endpoint else "auto"})
        with _explained(credentials.role_arn or self.location):
            self.client: S3Client = credentials.session().client("s3", config=config)

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
                if page.get("Name") != self.bucket:
                    # An error, or anything else, under the status 200: no empty folder.
                    raise _something_else(self.location)
                found = (entry.get("Prefix", "") for entry in page.get("CommonPrefixes", []))
                folders += [name[len(start) :].rstrip("/") for name in found]
                keys = (entry.get("Key", "") for entry in page.get("Contents", []))
                files += [key[len(start) :] for key in keys if key != start]
        return sorted(folders), sorted(files)

    def read(self, key: str) -> tuple[bytes, SourceFile]:
        """Read a manifest, the one that was there when it was asked for."""
        file = self.stat(key)
        if file.size > MANIFEST_LIMIT:
            message = f"{key} in {self.location} is too large for a manifest."
            raise SourceError(message)
        return b"".join(self._get(file)), file

    def stat(self, key: str) -> SourceFile:
        """Describe the object by its ETag, size and time."""
        missing = SourceError(f"{key} is missing from {self.location}.")
        with _explained(f"{self.location}/{key}", missing=missing):
            answer: Any = self.client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        if not answer.get("ETag"):
            what = f"{self.location}/{key}"
            raise _something_else(what)
        modified = int(answer["LastModified"].timestamp()) if "LastModified" in answer else 0
        return SourceFile(key, answer["ETag"], answer["ContentLength"], modified)

    def place(self, file: SourceFile, target: Path, tell: Callable[[int], None]) -> None:
        """Fetch the object, if it is still the one that `file` describes, whole or not at all."""
        with target.open("wb") as out:
            for chunk in self._get(file):
                out.write(chunk)
                tell(len(chunk))

    def _get(self, file: SourceFile) -> Iterator[bytes]:
        """Yield the object's bytes; PassingError unless they are all there, and its own."""
        what = f"{self.location}/{file.key}"
        came = 0
        with _explained(what, missing=changed(file.key, self.location)):
            answer: Any = self.client.get_object(
                Bucket=self.bucket, Key=self.prefix + file.key, IfMatch=file.etag
            )
            body: StreamingBody = answer["Body"]
            with body as raw, _in_time(raw, file, what):
                if answer.get("ETag") != file.etag or answer.get("ContentLength") != file.size:
                    # Among them an error under the status 200, and a server without If-Match.
                    raise _something_else(what)
                for chunk in body.iter_chunks(CHUNK):
                    came += len(chunk)
                    yield chunk
        if came != file.size:
            part = f"{formats.number(came)} of {formats.number(file.size)} bytes"
            message = f"{what} came incompletely, {part}. Load it again."
            raise PassingError(message)


@contextmanager
def _in_time(raw: Any, file: SourceFile, what: str) -> Iterator[None]:
    """Hang up on a body that takes too long as a whole, in the middle of a read if need be.

    A server that sends a byte now and then never runs into the limit of a single wait. `raw` is
    urllib3's response.
    """
    seconds = PATIENCE_SECONDS + file.size / SLOWEST
    late = Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError, RuntimeError, ValueError):  # it came to its end just now
            raw.shutdown()

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BROKEN as error:
        if not late.is_set():
            raise
        size, limit = formats.number(file.size), formats.number(int(seconds))
        said = f"{size} bytes took more than {limit} seconds. Load it again."
        message = f"{what} came too slowly: {said}"
        raise PassingError(message) from error
    finally:
        timer.cancel()


DENIED = {"AccessDenied", "403", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
}
BUSY = {
    "SlowDown",
    "RequestTimeout",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "InternalError",
    "ServiceUnavailable",
}


# What came isn't an answer, or not all of one.
BROKEN = (
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    FlexibleChecksumError,
    ResponseParserError,
    CredentialRetrievalError,
    HTTPError,  # urllib3's own, where botocore passes on what breaks in a body: TLS, say
)


@contextmanager
def _explained(what: str, *, missing: SourceError | None = None) -> Iterator[None]:
    """Turn what boto3 raises into a SourceError that says what to do, and whether it may pass."""
    try:
        yield
    except ClientError as error:
        raise _answered(what, error, missing) from error
    except BROKEN as error:
        reason = str(error).rstrip(".")
        message = f"{what}: {reason}. If that stays so, check the network and AWS_ENDPOINT_URL_S3."
        raise PassingError(message) from error
    except BotoCoreError as error:
        message = (
            f"{what}: {str(error).rstrip('.')}. Check credentials, region and AWS_ENDPOINT_URL_S3."
        )
        raise SourceError(message) from error


def _answered(what: str, error: ClientError, missing: SourceError | None) -> SourceError:
    """Return what an answer with an error means."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in {"404", "NoSuchKey", "412", "PreconditionFailed"} and missing:
        return missing
    kind, said = SourceError, f"the server answered {code or error}. Check the location."
    if code == "NoSuchBucket":
        said = "there is no such bucket. Check the name."
    elif code in EXPIRED:
        kind = PassingError
        said = f"the credentials have expired ({code}). If that stays so, renew them."
    elif code == "400" and error.operation_name == "HeadObject":
        # Without a body nobody says why: S3 answers so to credentials that have expired.
        kind = PassingError
        said = "refused (400), as with credentials that have expired. If that stays so, renew them."
    elif code in DENIED and error.operation_name == "AssumeRole":
        said = (
            f"the role can't be assumed ({code}). Its trust policy has to name the identity that "
            "ValueBoard runs as, and the external id."
        )
    elif code in DENIED:
        said = f"access denied ({code}). The credentials need s3:ListBucket and s3:GetObject there."
    elif code in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = PassingError
        said = f"the server is busy or in trouble ({code or status}). Load it again later."
    return kind(f"{what}: {said}")


def _something_else(what: str) -> PassingError:
    return PassingError(
        f"{what}: the server answered with something else than was asked for. If that stays so, "
        "check what lies between, and AWS_ENDPOINT_URL_S3."
    )
