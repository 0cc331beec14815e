"""Errors that are an answer to a person, not a fault of the program."""


class RefusedError(Exception):
    """The product refuses what was asked; the message says why and what to do."""


class StaleError(RefusedError):
    """What the person saw has changed meanwhile; nothing was done."""
