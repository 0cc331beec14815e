"""An export in a folder of this machine."""

import os
from collections.abc import Callable
from pathlib import Path

from cur_ingest.sources.errors import SourceError, changed
from cur_ingest.sources.files import MANIFEST_LIMIT, SourceFile


class LocalStore:
    """A folder of this machine. A file's etag is its time of modification in nanoseconds."""

    copies = False

    def __init__(self, location: str) -> None:
        """Open the folder; SourceError unless it is one."""
        self.root = Path(location).resolve()
        # In full, so that one folder is one export, from wherever it is named.
        self.location = str(self.root)
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
        etag = f"mtime-{status.st_mtime_ns}"
        return SourceFile(key, etag, status.st_size, int(status.st_mtime))

    def place(self, file: SourceFile, target: Path, tell: Callable[[int], None]) -> None:
        """Link to the file: nothing is copied."""
        if self.stat(file.key) != file:
            raise changed(file.key, self.location)
        target.symlink_to(self._path(file.key))
        tell(file.size)

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        # A link inside the folder may point anywhere; what is read has to lie inside it.
        if not path.is_relative_to(self.root):
            message = f"{key} leads out of {self.location}; only files inside it are read."
            raise SourceError(message)
        return path
