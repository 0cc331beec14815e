"""One file of an export, wherever it lies."""

from dataclasses import dataclass, field

MANIFEST_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One file below a location: `key`, `etag` as the store gives it, `size` in bytes.

    `modified` is when it was last written, in seconds since 1970.
    """

    key: str
    etag: str
    size: int
    modified: int = field(default=0, compare=False)
