"""The guards of the product, each with the tests that must miss it (red without it)."""

from tests.guards.claims import OF_CLAIMS
from tests.guards.database import IN_THE_DATABASE
from tests.guards.messages import OF_MESSAGES
from tests.guards.removal import Guard
from tests.guards.source import IN_THE_SOURCE

GUARDS = {
    guard.name: guard for guard in (*IN_THE_DATABASE, *IN_THE_SOURCE, *OF_MESSAGES, *OF_CLAIMS)
}
# `make test` tries one of each kind: a trigger of the database, a lock, a role.
SAMPLE = ("the database separates: no role", "lock of the request that is decided", "role: decider")


def guard_named(name: str) -> Guard | None:
    """Return a guard by its name, None for no name."""
    return GUARDS[name] if name else None
