"""The one error that everything about reading a delivery ends in."""

from valueboard.lib.errors import RefusedError


class SourceError(RefusedError):
    """A delivery can't be read; the message says what is wrong and how to mend it."""
