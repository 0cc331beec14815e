"""Test databases: a template migrated once by the owner, cloned for each test process.

Tests connect as the application role, as production does. The template is named by a hash of
everything that shapes the schema and is kept as long as its server; a clone takes 80 ms, so a test
with real commits gets a new one afterwards instead of a TRUNCATE, which frozen tables refuse even
to the owner.
"""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, connections
from psycopg import sql

from tests.guards.removal import Guard, Line

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_LOCK = 7_236_001
CLONE_LOCKS = 7_236_002
MAX_CLONES = 64
KEPT_TEMPLATES = 4
# Within the months that tests/cast.py funds, and far from the end of its day, month and year.
BEGINS = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When a test process begins by the clock of its database, on whatever day it is run."""


def url(variable: str, database: str) -> str:
    """Return the address in an environment variable, of another database."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


def connect_as_owner(database: str) -> psycopg.Connection:
    """Connect as the role that owns the tables; every statement commits."""
    return psycopg.connect(url("DATABASE_OWNER_URL", database), autocommit=True)


def refuse_at_commit(match: str) -> None:
    """Have the database look now at what it looks at when a transaction ends, and refuse it."""
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=match):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def template_name() -> str:
    """Return `vbt_` and a hash of the migrations, ours and those of the locked packages."""
    digest = hashlib.sha256(settings.DATABASE_APP_ROLE.encode())
    # Operations of migrations live in records/, so its code shapes the schema too.
    shaping = {*ROOT.glob("*/migrations/**/*.*"), *ROOT.glob("records/**/*.*"), ROOT / "uv.lock"}
    for path in sorted(shaping):
        if path.suffix in {".py", ".sql", ".lock"}:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"vbt_{digest.hexdigest()[:12]}"


class TestDatabase:
    """The database of one test process: a clone of the template, under a name of its own."""

    __test__ = False

    def __init__(self, without: Guard | None = None) -> None:
        """Make the template if it is missing, take a free name, and clone; less one guard."""
        self.without = without
        self.maintenance = connect_as_owner("postgres")
        self.template = self.find_template()
        self.name = self.take_name()
        # Once, and not for each clone: time goes on from test to test.
        query = "SELECT %s - clock_timestamp()"
        [self.ahead] = self.maintenance.execute(query, [BEGINS]).fetchone() or ()
        self.renew()

    def find_template(self) -> str:
        """Return the template's name; whoever comes first makes it, the others wait."""
        name = template_name()
        with connect_as_owner("postgres") as lock:
            lock.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
            if not self.exists(name):
                self.make_template(name)
        return name

    def exists(self, name: str) -> bool:
        """Whether a database of this name exists."""
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return self.maintenance.execute(query, [name]).fetchone() is not None

    def make_template(self, name: str) -> None:
        """Migrate a new database as the owner; it gets its name when it is complete."""
        self.drop("vbt_unfinished")
        self.maintenance.execute("CREATE DATABASE vbt_unfinished")
        environment = os.environ | {
            "VALUEBOARD_AS_OWNER": "1",
            "DATABASE_URL": url("DATABASE_URL", "vbt_unfinished"),
            "DATABASE_OWNER_URL": url("DATABASE_OWNER_URL", "vbt_unfinished"),
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        rename = sql.SQL("ALTER DATABASE vbt_unfinished RENAME TO {}")
        self.maintenance.execute(rename.format(sql.Identifier(name)))
        query = (
            "SELECT datname FROM pg_database WHERE datname ~ '^vbt_[0-9a-f]{12}$' ORDER BY oid DESC"
        )
        for (old,) in self.maintenance.execute(query).fetchall()[KEPT_TEMPLATES:]:
            self.drop(old)

    def take_name(self) -> str:
        """Return the first name that no other test process holds; ours until we disconnect."""
        for number in range(MAX_CLONES):
            query = "SELECT pg_try_advisory_lock(%s, %s)"
            if self.maintenance.execute(query, [CLONE_LOCKS, number]).fetchone() == (True,):
                return f"vbt_clone_{number}"
        message = f"{MAX_CLONES} test processes are at work on this server already."
        raise RuntimeError(message)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.maintenance.execute(drop.format(sql.Identifier(name)))

    def renew(self) -> None:
        """Replace the database by a new clone, and point Django at it in every thread."""
        connections.close_all()
        self.drop(self.name)
        # Two thirds of the work of writing the template, six hundred files, block by block to the
        # log; it is of use where a template is large.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.maintenance.execute(
            create.format(sql.Identifier(self.name), sql.Identifier(self.template))
        )
        # As deploy/roles.sh has it; a clone takes over no rights on the database.
        name, role = sql.Identifier(self.name), sql.Identifier(settings.DATABASE_APP_ROLE)
        self.maintenance.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        self.maintenance.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, role))
        with connect_as_owner(self.name) as owner:
            owner.execute("UPDATE records_clock SET ahead = %s", [self.ahead])
            if self.without and not isinstance(self.without.removal, Line):
                owner.execute(self.without.removal.statement.encode())
        connections.databases["default"]["NAME"] = self.name

    def close(self) -> None:
        """Drop the database and give its name back."""
        connections.close_all()
        self.drop(self.name)
        self.maintenance.close()
