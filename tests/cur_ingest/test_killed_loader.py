"""A loader that is killed, and a PostgreSQL that is stopped, leave a month of one delivery.

With a server of its own, under the supervisor: stopping it disturbs no other test.
"""

import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from devtools import postgres
from devtools.postgres import Server
from tests.cur_ingest.deliveries import deliver
from tests.devtools.test_supervisor import is_up_again, new_state, postmaster, until
from tests.soak import SOAK, rounds

# A server of their own is dear: one process has it.
pytestmark = pytest.mark.xdist_group("killed loader")
SEED = 20_261_121
ROWS = 4000
SECONDS = 180
READERS = 2
READS = 10_000
BEGUN = "SELECT coalesce(sum(tries), 0) FROM cur_ingest_load"
SHOWN = "SELECT unblended FROM cur_ingest_delivery ORDER BY version DESC LIMIT 1"
TWICE = "SELECT count(*) - count(DISTINCT fingerprint) FROM cur_ingest_delivery"
WRITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
# What a killed loader had sent is done or undone a little later than it dies.
LOADING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'manage.py'"
OF_LINES = "SELECT count(DISTINCT delivery_id), sum(unblended) FROM cur_ingest_dailyline"


@dataclass(frozen=True, slots=True)
class Place:
    """A server with a database, and a folder with an export."""

    server: Server
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process of the product finds."""
        return os.environ | {
            "DATABASE_URL": self.server.url(postgres.APPLICATION, "spend"),
            "DATABASE_OWNER_URL": self.server.url(postgres.OWNER, "spend"),
            # What a killed process leaves behind goes with the test.
            "TMPDIR": str(self.folder.parent),
        }

    @property
    def log(self) -> Path:
        """What its processes say of themselves."""
        return self.folder.parent / "log"

    def ask(self, statement: str) -> Any:
        """Return the row that a query finds."""
        with psycopg.connect(self.server.url(postgres.OWNER, "spend")) as connection:
            return connection.execute(statement.encode()).fetchone()

    @contextmanager
    def process(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run Python with these; killed at the end unless it ended."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=self.environment | {"PGAPPNAME": arguments[0]},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            try:
                yield process
            finally:
                process.kill()
                process.communicate()

    def load(self) -> Any:
        """Run the command that loads."""
        return self.process("manage.py", "load_cur", str(self.folder), "--json", "--skip-checks")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of its own with the product's tables."""
    with new_state() as state:
        server = Server(state / "spend")
        with server.use():
            url = server.url(postgres.OWNER, "postgres")
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE spend")
            place = Place(server, tmp_path_factory.mktemp("loads") / "export")
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
                cwd=settings.BASE_DIR,
                env=place.environment | {"VALUEBOARD_AS_OWNER": "1"},
                check=True,
            )
            yield place


def write(folder: Path, number: int) -> None:
    """Write the delivery of a number, in place of the one before; it adds up to `total_of`."""
    rows = [
        {
            "line_item_usage_account_id": f"{account:012}",
            "line_item_product_code": "AmazonBedrock" if account % 3 else "AmazonEC2",
            "line_item_unblended_cost": number / 4,
        }
        for account in range(ROWS)
    ]
    tax = {"line_item_line_item_type": "Tax", "line_item_unblended_cost": number + 0.1}
    deliver(folder, rows, [tax], execution=f"2026-09-05T{number:06}Z")


def total_of(number: int) -> Decimal:
    return number * Decimal(ROWS) / 4 + number + Decimal("0.1")


def acknowledged(printed: str) -> bool:
    """Whether the command said that the month is loaded."""
    try:
        (month,) = json.loads(printed)
    except ValueError:
        return False
    return month["outcome"] in {"loaded", "replaced", "unchanged"}


def delivered_in(text: str) -> Decimal:
    """Return what a month as it was sent adds up to, in every basis, in total and per export."""
    parts: dict[tuple[str, str], Decimal] = {}
    said = set()
    for row in csv.DictReader(text.splitlines()):
        amount = Decimal(row["amount"])
        if row["what"] == "proof" and row["name"] in {
            "Sum of the parts",
            "Total of the deliveries",
        }:
            said.add(amount)
        elif row["what"] == "proof":
            key = row["export"], row["basis"]
            parts[key] = parts.get(key, Decimal(0)) + amount
    assert said == set(parts.values())
    (total,) = said
    return total


class Trial:
    """Deliveries of a month, one after the other, and what came of loading them."""

    def __init__(self, place: Place, chance: random.Random) -> None:
        """Load the first one undisturbed, and take the time."""
        self.place, self.chance = place, chance
        self.number = self.shown = 1
        self.said = self.unsaid = 0
        write(place.folder, 1)
        start = time.monotonic()
        with place.load() as loader:
            until(lambda: place.ask(BEGUN)[0] > 0)
            begun = time.monotonic()
            assert acknowledged(loader.communicate(timeout=SECONDS)[0])
        self.took, self.work = time.monotonic() - start, time.monotonic() - begun

    def disturb(self, act: Callable[[subprocess.Popen[str]], None]) -> None:
        """Load with something happening at a random moment, mostly while it is at work."""
        place, chance = self.place, self.chance
        if self.shown == self.number or chance.random() < 0.5:
            self.number += 1
            write(place.folder, self.number)
        before = place.ask(BEGUN)
        with place.load() as loader:
            if chance.random() < 0.8:
                while place.ask(BEGUN) == before and loader.poll() is None:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, self.work))
            else:
                time.sleep(chance.uniform(0, self.took))
            act(loader)
            done = acknowledged(loader.communicate(timeout=SECONDS)[0])
        until(lambda: place.ask(LOADING) == (0,))
        (total,) = place.ask(SHOWN)
        wanted = {total_of(self.number)} if done else {total_of(self.number), total_of(self.shown)}
        assert total in wanted
        assert place.ask(OF_LINES) == (1, total)
        self.said, self.unsaid = self.said + done, self.unsaid + (not done)
        if total == total_of(self.number):
            self.shown = self.number

    def kill(self, loader: subprocess.Popen[str]) -> None:
        """Kill the loader, unless it has ended."""
        loader.kill()

    def stop(self, _loader: subprocess.Popen[str]) -> None:
        """Stop PostgreSQL at once; its supervisor starts it again."""
        stopped = postmaster(self.place.server)
        os.kill(stopped, signal.SIGQUIT)
        until(lambda: is_up_again(self.place.server, stopped))

    def finish(self) -> None:
        """Load the last delivery undisturbed."""
        with self.place.load() as loader:
            assert acknowledged(loader.communicate(timeout=SECONDS)[0])
        assert self.place.ask(SHOWN) == (total_of(self.number),)


def test_no_month_is_mixed_and_nothing_acknowledged_is_lost(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same choices in every run
    trial = Trial(place, chance)
    kills, stops = rounds(3, 50), rounds(1, 10)
    acts = [trial.kill] * kills + [trial.stop] * stops
    chance.shuffle(acts)
    least = str(READS // READERS if SOAK else 1)
    with ExitStack() as held:
        readers = [
            held.enter_context(place.process("-m", "tests.cur_ingest.reader", least))
            for _ in range(READERS)
        ]
        for act in acts:
            trial.disturb(act)
        trial.finish()
        for reader in readers:
            reader.terminate()
        found = [json.loads(reader.communicate(timeout=10 * SECONDS)[0]) for reader in readers]
    reads, without = (sum(each[name] for each in found) for name in ("reads", "without"))
    (twice,) = place.ask(TWICE)
    numbers = {total_of(each): each for each in range(1, trial.number + 1)}
    for each in found:
        order = [numbers[delivered_in(text)] for text in each["seen"]]
        # Each month once: none comes back, and none looks different at another time.
        assert order == sorted(set(order))
        assert order[-1] == trial.number
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kills} kills and {stops} immediate stops of PostgreSQL over {trial.number} "
            f"deliveries: {trial.said} loads acknowledged all the same, 0 lost, {trial.unsaid} "
            f"not; {reads:,} reads ({without} without an answer), 0 of a mixed month; "
            f"{twice} deliveries twice\n"
        )
    assert reads >= (READS if SOAK else READERS)
    assert twice == 0
    assert "Traceback" not in place.log.read_text()


def test_a_loader_whose_database_stops_says_so_in_a_sentence(place: Place) -> None:
    number = 10_000
    write(place.folder, number)
    stopped = postmaster(place.server)
    url = place.server.url(postgres.OWNER, "spend")
    with closing(psycopg.connect(url)) as holding, place.load() as loader:
        # It reads the files, and waits before it writes.
        holding.execute("LOCK TABLE cur_ingest_dailyline IN EXCLUSIVE MODE")
        until(lambda: place.ask(WRITING)[0] > 0)
        before = place.log.stat().st_size
        os.kill(stopped, signal.SIGQUIT)
        printed = loader.communicate(timeout=SECONDS)[0]
    assert loader.returncode == 1
    assert json.loads(printed)[-1]["outcome"] == "lost"
    said = place.log.read_text()[before:]
    assert "Traceback" not in said
    assert re.search(r"The connection to the database was lost\..*run the same command again", said)
    until(lambda: is_up_again(place.server, stopped))
    with place.load() as loader:
        assert acknowledged(loader.communicate(timeout=SECONDS)[0])
    assert place.ask(SHOWN) == (total_of(number),)
