"""The one error that everything about reading a delivery ends in."""


class SourceError(Exception):
    """A delivery can't be read; the message says what is wrong and how to mend it."""
