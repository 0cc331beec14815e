"""Every change of a mutable thing leaves one row that says who and why; none goes past it."""

import ast
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

import accounts.actions
import spaces.actions
from accounts.models import Role, RoleGrant, User
from cur_ingest.models import Export
from spaces.models import Membership, Space, Workload, WorkloadState
from spaces.reports import readers_of_move
from tests.cast import PASSWORD, Cast, added
from valueboard.lib.errors import StaleError
from valueboard.lib.history import AS_FOUND

KEPT: list[Any] = [User, RoleGrant, Space, Membership, Workload, Export]
ROOT = Path(settings.BASE_DIR)
APPS = ["accounts", "spaces", "cur_ingest", "business_cases", "approvals", "allocation_gaps"]
APPS += ["maturity", "notices", "records", "idempotency", "demo", "valueboard"]


def first_administrator(cast: Cast) -> None:
    """Of an empty database: nobody stands in its history but these two rows."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM spaces_membership")
        cursor.execute("DELETE FROM accounts_rolegrant")
        cursor.execute("DELETE FROM accounts_user")
    accounts.actions.create_first_administrator(email="a@example.com", name="A", password=PASSWORD)


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


# What each action does to the named cast, and which rows of which history come of it.
ACTIONS: dict[str, tuple[Callable[[Cast], object], list[str]]] = {
    "create_first_administrator": (first_administrator, ["+User", "+RoleGrant"]),
    "create_person": (
        lambda c: accounts.actions.create_person(
            actor=c.adam, email="n@example.com", name="N", password=PASSWORD, reason="New."
        ),
        ["+User"],
    ),
    "change_person": (
        lambda c: accounts.actions.change_person(
            actor=c.adam,
            user=c.felix,
            seen=c.felix.seen,
            name="Felicitas",
            roles=frozenset({Role.EXECUTIVE}),
            active=False,
            reason="Moved.",
        ),
        ["~User", "+RoleGrant", "-RoleGrant", "~User"],
    ),
    "grant_role": (
        lambda c: accounts.actions.grant_role(
            actor=c.adam, user=c.sam, role=Role.FINANCE, reason="Joined finance."
        ),
        ["+RoleGrant"],
    ),
    "revoke_role": (
        lambda c: accounts.actions.revoke_role(
            actor=c.adam, user=c.felix, role=Role.FINANCE, reason="Left finance."
        ),
        ["-RoleGrant"],
    ),
    "set_active": (
        lambda c: accounts.actions.set_active(
            actor=c.adam, user=c.sam, active=False, reason="Left."
        ),
        ["~User"],
    ),
    "create_space": (
        lambda c: spaces.actions.create_space(
            actor=c.adam, name="Legal", parent=c.commerce, reason="New department."
        ),
        ["+Space"],
    ),
    "change_space": (
        lambda c: spaces.actions.change_space(
            actor=c.adam,
            space=c.search,
            seen=c.search.seen,
            name="Finding",
            parent=c.support,
            explained=readers_of_move(c.search, c.support).seen,
            reason="Reorganised.",
        ),
        ["~Space"],
    ),
    "add_member": (
        lambda c: spaces.actions.add_member(
            actor=c.adam, space=c.support, user=c.sam, role="member", reason="Helps out."
        ),
        ["+Membership"],
    ),
    "change_role": (
        lambda c: spaces.actions.change_role(
            actor=c.adam,
            membership=membership_of(c.mona),
            seen=membership_of(c.mona).seen,
            role="product_owner",
            reason="Follows Olivia.",
        ),
        ["~Membership"],
    ),
    "remove_member": (
        lambda c: spaces.actions.remove_member(
            actor=c.adam, membership=membership_of(c.mona), reason="Moved."
        ),
        ["-Membership"],
    ),
    "create_workload": (
        lambda c: spaces.actions.create_workload(
            actor=c.adam,
            name="Search",
            purpose="Finds.",
            space=c.search,
            owner=c.olivia,
            state=WorkloadState.PROPOSED,
            reason="Asked for.",
        ),
        ["+Workload"],
    ),
    "describe_workload": (
        lambda c: spaces.actions.describe_workload(
            actor=c.adam,
            workload=Workload.objects.get(),
            name="Renamed",
            purpose="",
            space=c.search,
            owner=c.mona,
            reason="Another owner.",
        ),
        ["~Workload"],
    ),
    "claim_workload": (
        lambda c: spaces.actions.claim_workload(
            actor=c.adam, workload=proposed(c), reason="Spends."
        ),
        ["+Workload", "~Workload"],
    ),
    "stop_workload": (
        lambda c: spaces.actions.stop_workload(
            actor=c.adam,
            workload=Workload.objects.get(),
            seen=Workload.objects.get().seen,
            reason="It did not pay.",
        ),
        ["~Workload"],
    ),
}


def proposed(cast: Cast) -> Workload:
    return spaces.actions.create_workload(
        actor=cast.adam,
        name="Proposed",
        purpose="",
        space=cast.search,
        owner=cast.olivia,
        state=WorkloadState.PROPOSED,
        reason="Asked for.",
    )


def rows() -> list[Any]:
    """Every history row, in the order in which it was written within its table."""
    return [row for model in KEPT for row in model.history.order_by("history_id")]


def named(row: Any) -> str:
    return f"{row.history_type}{row.instance_type.__name__}"


def public(module: ModuleType) -> set[str]:
    return {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and "actor" in inspect.signature(function).parameters
        and not name.startswith("_")
    }


# How pages look to oneself: nobody asks later who set it and why.
ONES_OWN = {"choose_display", "dismiss_checklist"}


def test_every_action_is_tried() -> None:
    assert public(accounts.actions) | public(spaces.actions) == ONES_OWN | set(ACTIONS) - {
        "create_first_administrator"
    }


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_says_who_and_why(cast: Cast, name: str) -> None:
    if name in {"describe_workload", "stop_workload"}:
        added(cast)
    act, expected = ACTIONS[name]
    before = {(row.instance_type, row.history_id) for row in rows()}
    act(cast)
    written = [row for row in rows() if (row.instance_type, row.history_id) not in before]
    assert sorted(map(named, written)) == sorted(expected)
    by = None if name == "create_first_administrator" else cast.adam
    for row in written:
        assert row.history_user == by
        assert row.history_change_reason.strip()


def test_what_the_system_does_names_nobody(cast: Cast) -> None:
    spaces.actions.claim_workload(actor=None, workload=proposed(cast), reason="First spend.")
    latest = Workload.history.latest("history_id")
    assert (latest.history_user, latest.history_change_reason) == (None, "First spend.")
    assert not spaces.actions.claim_workload(
        actor=None, workload=Workload.objects.get(), reason="Twice."
    )
    assert Workload.history.count() == 2


def test_the_time_is_the_databases(cast: Cast, travel: Callable[[datetime], None]) -> None:
    travel(datetime(2026, 3, 1, tzinfo=UTC))
    made = spaces.actions.create_space(actor=cast.adam, name="Legal")
    assert f"{made.history.get().history_date:%Y-%m-%d}" == "2026-03-01"


def test_signing_in_and_a_new_password_are_no_change(client: Client, cast: Cast) -> None:
    before = len(rows())
    assert client.login(username=cast.sam.email, password=PASSWORD) or authenticate(
        email=cast.sam.email, password=PASSWORD
    )
    client.force_login(cast.sam)
    sam = User.objects.get(pk=cast.sam.pk)
    assert sam.last_login
    sam.set_password("another long password")
    sam.save()
    assert len(rows()) == before
    assert not {"password", "last_login"} & {f.name for f in User.history.model._meta.fields}


def test_a_signature_is_for_one_change(cast: Cast) -> None:
    """What is saved again without one doesn't wear the last one's."""
    made = spaces.actions.create_space(actor=cast.adam, name="Legal", reason="New.")
    made.name = "Law"
    made.save()
    latest = made.history.latest("history_id")
    assert (latest.history_user, latest.history_change_reason) == (None, None)


PAST_IT = {
    "update",
    "bulk_create",
    "bulk_update",
    "create",
    "get_or_create",
    "update_or_create",
    "delete",
    "raw",
}


def past_history(source: str) -> list[int]:
    """Return the lines of calls that write a kept model by its manager, unsigned."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in PAST_IT
        and root_of(node.func.value) in {model.__name__ for model in KEPT}
    ]


def root_of(node: ast.AST) -> str:
    """Return the name at the beginning of a chain such as `Space.objects.filter(…)`."""
    while not isinstance(node, ast.Name):
        inner = getattr(node, "value", None) or getattr(node, "func", None)
        if not isinstance(inner, ast.AST):
            return ""
        node = inner
    return node.id


def test_nothing_writes_past_the_history() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
        for line in past_history(path.read_text())
    ]
    assert not found


@pytest.mark.parametrize(
    "past",
    [
        "Space.objects.filter(pk=1).update(name='x')",
        "Workload.objects.bulk_create([])",
        "RoleGrant.objects.filter(\n    user=user\n).delete()",
    ],
)
def test_the_walk_finds_what_goes_past(past: str) -> None:
    assert past_history(past) == [1]


def test_what_takes_something_away_needs_a_reason(cast: Cast) -> None:
    mona = membership_of(cast.olivia)
    for act in (
        lambda: accounts.actions.revoke_role(
            actor=cast.adam, user=cast.felix, role=Role.FINANCE, reason=" \n"
        ),
        lambda: accounts.actions.set_active(
            actor=cast.adam, user=cast.felix, active=False, reason=""
        ),
        lambda: spaces.actions.remove_member(actor=cast.adam, membership=mona, reason=" "),
        lambda: spaces.actions.change_role(
            actor=cast.adam, membership=mona, seen=mona.seen, role="member", reason=""
        ),
    ):
        before = len(rows())
        with pytest.raises(ValidationError, match="Say why"):
            act()  # type: ignore[no-untyped-call]
        assert len(rows()) == before


def test_the_actions_themselves_ask_for_the_role(cast: Cast) -> None:
    mona = membership_of(cast.mona)
    for name in ("priya", "olivia", "mona", "sam"):
        actor = getattr(cast, name)
        for act in (
            lambda a: spaces.actions.create_space(actor=a, name="Mine"),
            lambda a: spaces.actions.add_member(
                actor=a, space=cast.support, user=a, role="product_owner"
            ),
            lambda a: spaces.actions.change_role(
                actor=a, membership=mona, seen=mona.seen, role="product_owner"
            ),
            lambda a: spaces.actions.remove_member(actor=a, membership=mona, reason="x"),
            lambda a: accounts.actions.change_person(
                actor=a,
                user=a,
                seen=a.seen,
                name=a.name,
                roles=frozenset({Role.FINANCE}),
                active=True,
                reason="x",
            ),
        ):
            with pytest.raises(PermissionDenied):
                act(actor)


def test_a_person_seen_before_a_change_is_not_overwritten(cast: Cast) -> None:
    seen = cast.felix.seen
    accounts.actions.grant_role(actor=cast.adam, user=cast.felix, role=Role.EXECUTIVE)
    with pytest.raises(StaleError, match="Nothing was overwritten"):
        accounts.actions.change_person(
            actor=cast.adam,
            user=cast.felix,
            seen=seen,
            name="Felix",
            roles=frozenset(),
            active=True,
            reason="x",
        )


@pytest.mark.django_db
def test_rows_that_were_there_begin_their_history_as_found() -> None:
    """The migration's own statements, on a row that has no history yet."""
    for app in ("accounts", "spaces"):
        text = (ROOT / app / "migrations" / "0002_history.py").read_text()
        statements = text.split('AS_FOUND = """')[1].split('"""')[0]
        with connection.cursor() as cursor:
            if app == "accounts":
                cursor.execute(
                    "INSERT INTO accounts_user (password, is_superuser, email, name, is_active, "
                    "date_joined) VALUES ('', false, 'old@example.com', 'Old', true, now())"
                )
            cursor.execute(statements)
    found = User.history.get()
    assert (found.name, found.history_user, found.history_change_reason) == ("Old", None, AS_FOUND)
    assert found.history_type == "+"
