"""Every trigger and constraint is a guard that was taken away, and its tests are there."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps

from tests.database import TestDatabase, connect_as_owner
from tests.guards.removal import ROOT, Line
from tests.guards.table import GUARDS

# What the catalogue has of triggers, rules, named constraints and unique indexes, by its name.
CATALOGUE = """
SELECT t.tgname || ' on ' || c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relname !~ '^procrastinate_'
UNION ALL
SELECT conname || ' on ' || c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE contype IN ('c', 'u') AND c.relname ~ '^({apps})_'
UNION ALL
SELECT i.relname || ' on ' || c.relname FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE x.indisunique AND NOT x.indisprimary AND c.relname ~ '^({apps})_'
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid)
UNION ALL
SELECT rulename || ' on ' || tablename FROM pg_rules WHERE schemaname = 'public'
"""
OURS = (
    "accounts|allocation_gaps|approvals|business_cases|cur_ingest|maturity|notices|packs|positions"
    "|records|reviews|spaces"
)
# Not taken away alone, and why.
REASONS = {
    "_version_once on": "behind the trigger that counts versions, a guard of its own",
    "gap_action_once on": "as above",
    "gap_resolved_once on": "behind the trigger that keeps acts off gaps that are resolved",
    "_once_per_version on": "as above, of the ledger",
    "head_of_one_subject on": "the lock of the head needs it: without it nothing can be recorded",
    "_check on": "what Django adds to a type of number: never below 0",
    "records_clock": "one row, made by the migration; nobody but the owner writes there",
    "_slug_key on": "an address; two of the same would be an error, no promise broken",
    "accounts_user_email_key on": "user_email_once is stricter",
    "accounts_user_groups": "Django's own, not used",
    "accounts_user_user_permi": "Django's own, not used",
    "decision_has_decider on": "the trigger that separates duties refuses nobody first",
    "request_state_is_known on": "the trigger of the legal steps knows no other state",
    "approvals_decision_completes_id_key on": "behind request_finally_decided_once",
    "confirmation_basis_is_known on": "the trigger on confirmations knows no other basis",
}


def named(owner: psycopg.Connection) -> set[str]:
    return {name for (name,) in owner.execute(CATALOGUE.format(apps=OURS).encode()).fetchall()}


@pytest.fixture
def owner(test_database: TestDatabase, db: None) -> Iterator[psycopg.Connection]:
    """A connection of the owner."""
    with connect_as_owner(test_database.name) as connection:
        yield connection


def test_every_test_that_a_guard_names_is_there_and_is_one(request: pytest.FixtureRequest) -> None:
    """A name without its parameters would collect several tests and match the report of none."""
    here = {name_of(item) for item in request.session.items}
    # Where the whole suite runs, none is left to be looked for.
    left = {test for guard in GUARDS.values() for test in guard.red} - here
    if not left:
        return
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *sorted(left)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    collected = {line for line in done.stdout.splitlines() if "::" in line}
    assert collected == left, done.stderr


def name_of(item: pytest.Item) -> str:
    """Return the id of a test, without the name of its group that pytest-xdist writes behind it."""
    group = item.get_closest_marker("xdist_group")
    return item.nodeid.removesuffix(f"@{group.args[0]}") if group else item.nodeid


def test_no_trigger_and_no_constraint_is_forgotten(owner: psycopg.Connection) -> None:
    """What a removal takes from the catalogue is seen, not said; it is rolled back each time."""
    assert set(OURS.split("|")) <= {config.label for config in apps.get_app_configs()}
    everything, taken = named(owner), set()
    for guard in GUARDS.values():
        if not isinstance(guard.removal, Line):
            with owner.transaction(force_rollback=True):
                owner.execute(guard.removal.statement.encode())
                taken |= everything - named(owner)
    left = everything - taken
    forgotten = {name for name in left if not any(part in name for part in REASONS)}
    assert not sorted(forgotten), "give each a guard in tests/guards/, or a reason here"
    needless = {part for part in REASONS if not any(part in name for name in left)}
    assert not needless
