"""`make run`: database, migrations, demo organisation, web and worker, until Ctrl-C.

`make demo-reset` is `python -m devtools.run --reset-demo`: drop the demo database, make it again.

`--then MODULE …` runs a module with the address and what follows as its arguments, and ends with
it (`make screenshots`). `--manage COMMAND …` runs a command of manage.py on the database, whether
`make run` is up or not, and ends with it (`make manage`). `--drill` does the restore drill (`make
drill`).

DATABASE_URL and DATABASE_OWNER_URL in the environment point it at another PostgreSQL (16 or newer)
than the embedded one. PORT is the port wanted; another is taken where that is busy.
"""

import argparse
import base64
import contextlib
import ctypes
import hashlib
import http
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

import psycopg

from devtools import drill, postgres, supervisor

DATABASE = "valueboard"
OLDEST_SERVER = 16
WEB_SECONDS = 120
PORTS_TRIED = 20
STOP_SECONDS = 30
WORKER_STARTS = 5
PR_SET_PDEATHSIG = 1


class RunError(Exception):
    """`make run` can't go on; the message says why."""


def end_with_parent(signum: signal.Signals) -> None:
    """Have the kernel send this process a signal when its parent is gone, however that went."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)


def manage(*arguments: str, as_owner: bool = False) -> None:
    """Run a command of manage.py to its end."""
    environment = {**os.environ, "VALUEBOARD_AS_OWNER": "1"} if as_owner else None
    # Django's checks import every view (seconds: pandas, Ibis); `make check` runs them.
    command = [sys.executable, "manage.py", *arguments, "--skip-checks"]
    if subprocess.run(command, cwd=postgres.CLONE, env=environment, check=False).returncode:
        message = f"manage.py {arguments[0]} failed."
        raise RunError(message)


def mails() -> Path:
    """Return the folder that mails are written into unless EMAIL_URL sends them."""
    folder = postgres.state_folder() / "mail"
    folder.mkdir(0o700, exist_ok=True)
    return folder


def keep_checkpoints() -> Path:
    """Have checkpoints of the records signed and written, unless the environment says how.

    Each database has a folder of its own; the key is made once and stays on this machine.
    """
    state = postgres.state_folder()
    key = state / "checkpoint.key"
    with postgres.locked(state / "checkpoint.lock"), postgres.open_private(key) as file:
        if not file.tell():
            file.write(base64.b64encode(os.urandom(32)).decode())
    name = hashlib.sha256(os.environ.get("DATABASE_URL", "embedded").encode()).hexdigest()[:12]
    folder = state / f"checkpoints-{name}"
    os.environ.setdefault("CHECKPOINT_KEY", key.read_text())
    os.environ.setdefault("CHECKPOINT_LOCATION", str(folder))
    return folder


def keep_bill() -> Path:
    """Have a folder for the demo's bill, which stays as the database does, unless there is one."""
    name = hashlib.sha256(os.environ.get("DATABASE_URL", "embedded").encode()).hexdigest()[:12]
    folder = postgres.state_folder() / f"spend-{name}"
    os.environ.setdefault("SPEND_FOLDERS", str(folder))
    return folder


@contextlib.contextmanager
def embedded() -> Iterator[postgres.Server]:
    """Have the embedded PostgreSQL up as long as this lasts."""
    server = postgres.server("run")
    in_use = server.use()
    try:
        yield server
    finally:
        in_use.close()
        server.stop()


def use(server: postgres.Server, name: str) -> None:
    """Point everything that we start at a database."""
    os.environ["DATABASE_URL"] = server.url(postgres.APPLICATION, name)
    os.environ["DATABASE_OWNER_URL"] = server.url(postgres.OWNER, name)


def create(server: postgres.Server, name: str) -> None:
    """Make a database, instead of one that has the name, and point everything at it."""
    with connect(server) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {name}")
        # As deploy/roles.sh has it: no temporary tables for anybody else, above all.
        owner.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        owner.execute(f"GRANT CONNECT ON DATABASE {name} TO {postgres.APPLICATION}")
    use(server, name)


def connect(server: postgres.Server) -> psycopg.Connection:
    """Connect as the role that owns the databases; every statement commits."""
    return psycopg.connect(server.url(postgres.OWNER, "postgres"), autocommit=True)


def prepare_embedded(
    server: postgres.Server, checkpoints: Path, bill: Path, *, reset: bool
) -> None:
    """Have the demo database complete: it gets its name when the demo organisation is loaded.

    So a load that was killed leaves nothing behind that the next start would take for the demo.
    """
    unfinished = f"{DATABASE}_unfinished"
    with postgres.locked(server.folder / "demo.lock"), connect(server) as owner:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if not reset and owner.execute(query, [DATABASE]).fetchone():
            use(server, DATABASE)
            migrate()
            return
        create(server, unfinished)
        migrate()
        # What was there was of the demo before.
        shutil.rmtree(bill, ignore_errors=True)
        load_demo()
        if os.environ["CHECKPOINT_LOCATION"] == str(checkpoints):
            shutil.rmtree(checkpoints, ignore_errors=True)
            manage("checkpoint")
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        owner.execute(f"ALTER DATABASE {unfinished} RENAME TO {DATABASE}")
        use(server, DATABASE)


def refuse_unfit() -> None:
    """Raise where a database that the environment names can't serve."""
    if "DATABASE_OWNER_URL" not in os.environ:
        message = "DATABASE_OWNER_URL is missing: the role that owns the tables has to migrate."
        raise RunError(message)
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        try:
            with psycopg.connect(os.environ[variable], connect_timeout=10) as connection:
                version = connection.info.server_version // 10_000
        except psycopg.OperationalError as error:
            message = f"The database that {variable} names does not answer: {error}"
            raise RunError(message) from error
        if version < OLDEST_SERVER:
            message = f"That is PostgreSQL {version}; ValueBoard needs {OLDEST_SERVER} or newer."
            raise RunError(message)


@contextlib.contextmanager
def database(*, reset: bool) -> Iterator[None]:
    """Have a database that is migrated and holds the demo organisation, as long as this lasts.

    It is the one that the environment names, else the embedded one.
    """
    checkpoints, bill = keep_checkpoints(), keep_bill()
    if "DATABASE_URL" in os.environ:
        if reset:
            message = "demo-reset drops the embedded database only; DATABASE_URL names another."
            raise RunError(message)
        refuse_unfit()
        migrate()
        load_demo()
        yield
        return
    if reset and not postgres.server("run").stop():
        message = "The demo is in use. Stop `make run` first."
        raise RunError(message)
    with embedded() as server:
        prepare_embedded(server, checkpoints, bill, reset=reset)
        yield


def migrate() -> None:
    """Bring the tables up to date, as the role that owns them."""
    manage("migrate", "--verbosity=0", as_owner=True)


def load_demo() -> None:
    """Load the demo organisation, unless it is there."""
    manage("load_demo")


def start(*command: str, orphaned: signal.Signals) -> subprocess.Popen[bytes]:
    """Start a process that no Ctrl-C reaches, and that gets the signal `orphaned` when we die."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=postgres.CLONE,
        start_new_session=True,
        preexec_fn=partial(end_with_parent, orphaned),  # noqa: PLW1509 - this process has one thread
    )


def answers(port: int) -> bool:
    """Whether the application is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_web(port: int, web: subprocess.Popen[bytes]) -> None:
    """Return when the application answers."""
    give_up = time.monotonic() + WEB_SECONDS
    while not answers(port):
        if web.poll() is not None or time.monotonic() > give_up:
            message = "The web server did not start."
            raise RunError(message)
        time.sleep(0.1)


def start_worker() -> subprocess.Popen[bytes]:
    """Start the background worker."""
    # Not SIGTERM: with the database gone too, an orderly end would wait for it.
    return start("manage.py", "worker", "--skip-checks", orphaned=signal.SIGKILL)


def stay_up(up: dict[str, subprocess.Popen[bytes]]) -> NoReturn:
    """Start the worker anew when it ended, as a platform would; raise when that is no use.

    It ends with its connection to PostgreSQL, whose supervisor has that up again at once.
    """
    starts = 1
    while up["web"].poll() is None:
        if up["worker"].poll() is not None:
            if starts == WORKER_STARTS:
                message = f"The worker ended, {WORKER_STARTS} times now."
                raise RunError(message)
            print("The worker ended; another one starts.", flush=True)
            up["worker"] = start_worker()
            starts += 1
        time.sleep(0.2)
    message = "The web server ended."
    raise RunError(message)


def serve(then: list[str] | None) -> None:
    """Run web and worker until one of them ends, or we are told to stop, or `then` is done."""
    wanted = int(os.environ.get("PORT", "8000"))
    # The next free one where the wanted port is busy; any free one after a few.
    ports = range(wanted, wanted + PORTS_TRIED)
    port = next(filter(supervisor.is_free, ports), None) or supervisor.free_port()
    if port != wanted:
        print(f"Port {wanted} is busy.")
    address = f"http://127.0.0.1:{port}"
    os.environ.setdefault("BASE_URL", address)
    bind = f"--bind=127.0.0.1:{port}"
    web = start("-m", "gunicorn", "--config=deploy/gunicorn.py", bind, orphaned=signal.SIGTERM)
    up = {"web": web, "worker": start_worker()}
    try:
        if then:
            wait_for_web(port, web)
            module, *arguments = then
            command = [sys.executable, "-m", module, address, *arguments]
            subprocess.run(command, cwd=postgres.CLONE, check=True)
            return
        manage("demo_people")
        wait_for_web(port, web)
        print(f"\nValueBoard runs at {address}   (Ctrl-C stops it)", flush=True)
        if os.environ["EMAIL_URL"].endswith(str(mails())):
            print(f"Mails are written into {mails()}", flush=True)
        stay_up(up)
    finally:
        for process in up.values():
            process.terminate()
        for process in up.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description="Run ValueBoard with the demo organisation.")
    parser.add_argument("--reset-demo", action="store_true", help="make the demo anew, and end")
    parser.add_argument(
        "--then", metavar="MODULE", nargs=argparse.REMAINDER, help="run a module on it, and end"
    )
    parser.add_argument(
        "--manage",
        metavar="COMMAND",
        nargs=argparse.REMAINDER,
        help="run it on the database, and end",
    )
    parser.add_argument("--drill", action="store_true", help="back up or restore, and compare")
    given = parser.parse_args()
    if given.drill and "DATABASE_URL" in os.environ:
        message = "The drill is for the embedded database only; DATABASE_URL names another."
        raise RunError(message)
    if os.environ.get("MAKELEVEL"):
        end_with_parent(signal.SIGTERM)  # make's death is ours too
    # Ctrl-C and SIGTERM end the same way, through every `finally`; a script that starts us in the
    # background has told its children to ignore the first.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.default_int_handler)
    os.environ.setdefault("VALUEBOARD_ENVIRONMENT", "development")
    os.environ.setdefault("VALUEBOARD_DATABASE_KIND", "demo")
    os.environ.setdefault("ORGANISATION_NAME", "Demo organisation")
    # Warnings tell of every form that was refused and every page that was forbidden.
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    # One process with its threads: a second one would double the time of the start.
    os.environ.setdefault("WEB_CONCURRENCY", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valueboard.settings")
    if "EMAIL_URL" not in os.environ:
        # Into files: on the console the first mails would bury who can sign in.
        os.environ["EMAIL_URL"] = f"file:///{mails()}"
    with database(reset=given.reset_demo):
        if given.manage is not None:
            manage(*given.manage)
        elif given.drill:
            drill.drill(DATABASE)
        elif not given.reset_demo:
            serve(given.then)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nstopped")
    except (RunError, postgres.ServerError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
