"""What reading a delivery ends in when it can't be read, or must not be taken.

The kind decides what becomes of the load: what may pass by itself is tried again, up to three
times; everything else ends at once, with the month as it was.
"""

from collections.abc import Sequence

from valueboard.lib.errors import RefusedError


class SourceError(RefusedError):
    """A delivery can't be read; the message says what is wrong and how to mend it. It lasts."""


class PassingError(SourceError):
    """It may pass by itself: a server in trouble, a broken connection, a delivery on its way."""


class NotTakenError(SourceError):
    """The delivery was understood and is not taken: it is older, empty, or of another month."""


class NeedsRateError(SourceError):
    """The delivery waits for the rates of `currencies`, which finance records."""

    def __init__(self, message: str, currencies: Sequence[str] = ()) -> None:
        """Say why; without currencies it is a recorded rate that can't be right."""
        super().__init__(message)
        self.currencies = tuple(currencies)


def changed(key: str, location: str) -> PassingError:
    """Return the error for a file that changed between discovery and reading."""
    return PassingError(
        f"{key} in {location} changed while it was read: a new delivery is on its way. "
        "Nothing was loaded; it is read again when that is complete."
    )
