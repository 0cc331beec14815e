"""Where an export lies: a local folder or a prefix in S3, behind the same few verbs.

A key is a path below the location, with forward slashes and without a leading one.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cur_ingest.sources.credentials import Credentials
from cur_ingest.sources.errors import SourceError
from cur_ingest.sources.files import SourceFile
from cur_ingest.sources.local import LocalStore
from cur_ingest.sources.s3 import S3Store


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

    def place(self, file: SourceFile, target: Path, tell: Callable[[int], None]) -> None:
        """Make exactly that file readable at `target`; SourceError when it changed.

        `tell` hears of bytes as they come.
        """
        ...


def open_store(location: str, credentials: Credentials, *, quick: bool) -> Store:
    """Return the store of a location: `s3://bucket/prefix`, or the path of a local folder."""
    if not location.strip():
        # Path("") is the folder that one happens to be in.
        message = "Name a location: the folder or s3://bucket/prefix that holds the export."
        raise SourceError(message)
    if location.startswith("s3://"):
        return S3Store(location, credentials, quick=quick)
    if re.match(r"[a-z][a-z0-9+.-]+://", location, re.IGNORECASE):
        message = f"{location}: a location is a local folder or s3://bucket/prefix."
        raise SourceError(message)
    return LocalStore(location)
