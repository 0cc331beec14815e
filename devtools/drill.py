"""The restore drill of docs/trust.md on the demo, in two goes of `make drill`.

The first backs the demo up. The second restores that backup into a database beside the demo, has it
compared with the demo's checkpoints, which names what is lost, and drops it again.
"""

import os
import subprocess
import sys

import psycopg

from devtools import postgres, supervisor

RESTORED = "valueboard_restored"


def drill(database: str) -> None:
    """Do the next go with the demo's `database`; the environment names it, for both roles."""
    state = postgres.state_folder()
    backup, programs = state / "drill.backup", supervisor.binaries(state)
    owner, application = (os.environ[name] for name in ("DATABASE_OWNER_URL", "DATABASE_URL"))
    if not backup.exists():
        unfinished = backup.with_suffix(".unfinished")
        command = [str(programs / "pg_dump"), "--format=custom", f"--file={unfinished}", owner]
        subprocess.run(command, check=True)
        unfinished.rename(backup)
        print("The demo was backed up. Record something in it, take a checkpoint (Records, as\n"
              "Felix), then run `make drill` again: it restores the backup beside the demo and\n"
              "says what is lost.")  # fmt: skip
        return
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {RESTORED} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {RESTORED}")
        try:
            there = owner.replace(f"/{database}?", f"/{RESTORED}?")
            command = [
                str(programs / "pg_restore"),
                "--exit-on-error",
                f"--dbname={there}",
                str(backup),
            ]
            subprocess.run(command, check=True)
            print(
                "The backup was restored beside the demo. Compared with its checkpoints:",
                flush=True,
            )
            subprocess.run(
                [sys.executable, "manage.py", "checkpoint", "--check", "--skip-checks"],
                cwd=postgres.CLONE,
                env={
                    **os.environ,
                    "DATABASE_URL": application.replace(f"/{database}?", f"/{RESTORED}?"),
                    "DATABASE_OWNER_URL": there,
                },
                check=False,  # that something is lost is what the drill shows
            )
        finally:
            connection.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")
    backup.unlink()
