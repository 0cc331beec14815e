"""What the ledger costs: appending and verifying. `python -m bench --records`.

Appends are counted per second over eight connections that wait for nobody but the database: into a
table of the same columns without the trigger, into the frozen table spread over many subjects, and
into one subject, where all wait for each other. Through the action, one process revises estimates
of one workload, as a person does; the same number of plain INSERTs stands beside it.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from devtools import postgres, run

DATABASE = "valueboard_bench"
CONNECTIONS = 8
SECONDS = 5.0
VERIFIED = 100_000
INSERT = (
    "INSERT INTO {table} (key, value, effective_from, reason) VALUES (%s, 1, '2026-01-01', 'x')"
)
PLAIN = """
CREATE TABLE plain (LIKE records_thresholdversion INCLUDING DEFAULTS);
CREATE SEQUENCE plain_id OWNED BY plain.id;
ALTER TABLE plain ALTER COLUMN id SET DEFAULT nextval('plain_id'), ADD PRIMARY KEY (id);
GRANT ALL ON plain TO vb_app;
GRANT ALL ON SEQUENCE plain_id TO vb_app;
"""
# In a process of Django's: revise one workload's estimate, and print how many a second.
ACTION = """
import sys, time
from dataclasses import replace
from decimal import Decimal
import django
django.setup()
from accounts.models import User
from business_cases.actions import revise_estimate
from business_cases.models import EstimateSnapshot
from business_cases.projection import Terms
from business_cases.reports import standing_of
from records.clock import now, today
from spaces.models import Membership, Space, Workload
from business_cases.actions import Proposal, add_workload
from valueboard.lib.months import month_of
user = User.objects.create_user("o@example.com", "O")
space = Space.objects.create(name="S", slug="s")
Membership.objects.create(space=space, user=user, role="product_owner")
month = month_of(today())
terms = Terms(Decimal(1000), Decimal(0), month, 12, month)
asked = Proposal(name="W", purpose="", space=space, owner=user, estimate=terms, case=None)
workload = add_workload(actor=user, proposal=asked)
begin, made = time.monotonic(), 0
while time.monotonic() - begin < float(sys.argv[1]):
    made += 1
    terms = replace(terms, monthly=Decimal(1000 + made))
    revise_estimate(actor=user, workload=workload, seen=made, terms=terms, reason="x")
print(made / (time.monotonic() - begin))
"""


def per_second(address: str, table: str, key: Callable[[int, int], str]) -> float:
    """Insert as fast as it goes; `key` names the subject by connection and row."""
    counts = [0] * CONNECTIONS
    end = time.monotonic() + SECONDS

    def insert(number: int) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while time.monotonic() < end:
                statement = INSERT.format(table=table)
                connection.execute(statement, [key(number, counts[number])], prepare=True)
                counts[number] += 1

    threads = [threading.Thread(target=insert, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def through_the_action() -> float:
    """Revise an estimate again and again in one process."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "valueboard.settings"}
    command = [sys.executable, "-c", ACTION, str(SECONDS)]
    done = subprocess.run(
        command, cwd=postgres.CLONE, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def verify() -> tuple[float, str]:
    """Export all records and run the verifier on them; return its seconds and its last line."""
    with tempfile.TemporaryDirectory() as folder:
        export = str(Path(folder) / "export")
        manage = [sys.executable, "manage.py", "export_records", export]
        subprocess.run(manage, cwd=postgres.CLONE, stdout=subprocess.DEVNULL, check=True)
        begin = time.monotonic()
        command = [sys.executable, f"{export}/verify.py", export]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return time.monotonic() - begin, done.stdout.splitlines()[-1]


def measure() -> None:
    """Print what appending and verifying come to."""
    with run.embedded() as server:
        run.create(server, DATABASE)
        run.migrate()
        address = os.environ["DATABASE_URL"]
        with psycopg.connect(server.url(postgres.OWNER, DATABASE), autocommit=True) as owner:
            owner.execute(PLAIN)
        frozen = "records_thresholdversion"
        plain = per_second(address, "plain", lambda c, n: f"{c}-{n % 500}")
        spread = per_second(address, frozen, lambda c, n: f"{c}-{n % 500}")
        single = per_second(address, frozen, lambda _c, _n: "one")
        print(f"{'plain INSERT':<44} {plain:>8,.0f} a second")
        for name, rate in (("frozen, spread over 4,000 subjects", spread),
                           ("frozen, all on one subject", single)):  # fmt: skip
            print(f"{name:<44} {rate:>8,.0f} a second   {rate / plain:.2f} of plain")
        action = through_the_action()
        print(f"{'through the action, one process':<44} {action:>8,.0f} a second")
        with psycopg.connect(address, autocommit=True) as connection:
            row = connection.execute("SELECT count(*) FROM records_entry").fetchone()
            more = VERIFIED - (row[0] if row else 0)
            for _ in range(max(0, -(-more // 10_000))):
                connection.execute(
                    f"INSERT INTO {frozen} (key, value, effective_from, reason) "  # noqa: S608 - a constant
                    "SELECT 'more-' || n % 1000, 1, '2026-01-01', 'x' "
                    "FROM generate_series(1, 10000) n"
                )
        seconds, said = verify()
        print(f"{'verifier':<44} {seconds:>8.1f} s   {said}", flush=True)
