"""The guards of the product, each with the tests that must miss it (red without it).

A module beside this one that has `GUARDS` of its own is found; it needs no line here.
"""

from importlib import import_module
from pathlib import Path

from tests.guards.access import AT_THE_DOOR
from tests.guards.claims import OF_CLAIMS
from tests.guards.constraints import CONSTRAINTS
from tests.guards.deciding import OF_DECISIONS
from tests.guards.loads import OF_LOADS
from tests.guards.messages import OF_MESSAGES
from tests.guards.records import OF_RECORDS
from tests.guards.removal import Guard
from tests.guards.requests import OF_REQUESTS
from tests.guards.spend import OF_SPEND

OF_PARTS = [
    guard
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))
    if "\nGUARDS = (" in path.read_text()
    for guard in import_module(f"tests.guards.{path.stem}").GUARDS
]
GUARDS = {
    guard.name: guard
    for guard in (
        *OF_RECORDS,
        *CONSTRAINTS,
        *OF_DECISIONS,
        *OF_REQUESTS,
        *OF_CLAIMS,
        *OF_MESSAGES,
        *AT_THE_DOOR,
        *OF_LOADS,
        *OF_SPEND,
        *OF_PARTS,
    )
}
# `make test` tries one of each kind: a trigger of the database, a lock, a role.
SAMPLE = ("the database separates: no role", "lock of the rules", "role: decider")


def guard_named(name: str) -> Guard | None:
    """Return a guard by its name, None for no name."""
    return GUARDS[name] if name else None
