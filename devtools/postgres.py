"""The embedded PostgreSQL of `make run` and `make test`: where it is, how to reach and end it.

- A *server* is one folder below the state folder: its data, its log, its locks, and `server.json`
  (port and passwords, readable by its maker only). `make run` and `make test` have one each.
- A supervisor (supervisor.py) starts `postgres`, restarts it when it dies, and ends it when nobody
  has used it for a while. It outlives whoever started it.
- Everybody who uses a server holds `users.lock`, shared. The lock ends with its holder, however
  that ends, so nothing has to be cleaned up after a `kill -9`.
- Ready means that a connection succeeded, never that a PID file exists.
- No folder's permissions are ever changed: what is made is made with the right ones.

The wheel's own `get_server()` is for notebooks: it loses servers that crash, and as root it opens
every folder above the data to the world.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

CLONE = Path(__file__).resolve().parent.parent
OWNER, APPLICATION = "vb_owner", "vb_app"
MEMORY = Path("/dev/shm")  # noqa: S108 - owner and mode of our folder there are checked
MEMORY_BYTES = 4_000_000_000
START_SECONDS = 180
MAX_LOG_BYTES = 5_000_000


class ServerError(Exception):
    """The embedded PostgreSQL could not be had; the message says what to do."""


def state_folder() -> Path:
    """Return the folder that holds servers and what else `make` keeps outside the clone.

    `VALUEBOARD_STATE` names it. Else it lies in the clone, or, where we are root and the clone
    may lie under a home folder that `nobody` can't enter, below /var/tmp.
    """
    if given := os.environ.get("VALUEBOARD_STATE"):
        return make_folder(Path(given).absolute())
    if os.getuid() != 0:
        return make_folder(CLONE / ".state")
    return _folder_below(Path("/var/tmp"))  # noqa: S108 - owner and mode are checked


def test_folder() -> Path:
    """Return the folder of the server of `make test`: in memory, where there is enough of that.

    Each test with real commits gets a database of its own, six hundred files: on a disk that is
    half a second, in memory a twentieth of it. What lies there goes with the server.
    """
    if os.environ.get("VALUEBOARD_STATE") or not os.access(MEMORY, os.W_OK):
        return state_folder()
    # All there is, and not what is free: the answer has to be the same each time.
    if shutil.disk_usage(MEMORY).total < MEMORY_BYTES:
        return state_folder()
    return _folder_below(MEMORY)


def _folder_below(place: Path) -> Path:
    """Return the folder of this clone in a place that everybody may write to."""
    clone = hashlib.sha256(os.fsencode(CLONE)).hexdigest()[:12]
    return make_folder(make_folder(place / f"valueboard-{os.getuid()}") / clone)


def make_folder(folder: Path) -> Path:
    """Make a folder that only we may write to; refuse one that somebody else could have made."""
    # 711 for root: `nobody` must pass through to the data folder, and needs to list nothing.
    mode = 0o711 if os.getuid() == 0 else 0o700
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(0o700)
            folder.chmod(mode)  # whatever our umask is
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        message = f"{folder} must be a folder of ours that nobody else can write to."
        raise ServerError(message)
    return folder


def open_private(path: Path) -> IO[str]:
    """Open a file to append to, readable by nobody else if it is new."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file exclusively; wait for it."""
    with open_private(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def try_lock(path: Path) -> IO[str] | None:
    """Take a lock file exclusively, or return None at once if somebody holds it."""
    file = open_private(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@dataclass(frozen=True)
class Server:
    """One PostgreSQL, named by its folder; knows how to reach, start and stop it."""

    folder: Path

    @property
    def users(self) -> Path:
        """The lock that everybody holds, shared, who uses the server."""
        return self.folder / "users.lock"

    @property
    def supervisor(self) -> Path:
        """The lock that the supervisor holds, with its process id inside."""
        return self.folder / "supervisor.lock"

    @property
    def is_in_memory(self) -> bool:
        """Whether it is a test server whose data take memory, and are to go when it stops."""
        return self.folder.name == "test" and self.folder.is_relative_to(MEMORY)

    @property
    def log(self) -> Path:
        """What the supervisor and PostgreSQL print."""
        return self.folder / "log"

    def url(self, role: str, database: str) -> str:
        """Return the address of a database, with the role's password."""
        known = read_known(self.folder)
        password = quote(str(known[role]))
        # Without require_auth, libpq would also talk to a stranger on our port who asks for none.
        return (
            f"postgresql://{role}:{password}@127.0.0.1:{known['port']}/{database}"
            "?require_auth=scram-sha-256"
        )

    def answers(self) -> bool:
        """Whether a connection succeeds."""
        try:
            psycopg.connect(self.url(OWNER, "postgres"), connect_timeout=2).close()
        except (psycopg.OperationalError, FileNotFoundError):
            return False
        return True

    def use(self) -> IO[str]:
        """Start the server if it doesn't answer; close what is returned when done with it."""
        make_folder(self.folder)
        # Waits while a supervisor that saw no users is about to end.
        user = open_private(self.users)
        fcntl.flock(user, fcntl.LOCK_SH)
        with locked(self.folder / "start.lock"):
            if not self.supervised():
                command = [sys.executable, "-m", "devtools.supervisor", str(self.folder)]
                if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
                    self.log.unlink()
                with open_private(self.log) as log:
                    subprocess.run(command, cwd=CLONE, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, check=False)  # fmt: skip
            give_up = time.monotonic() + START_SECONDS
            while not self.answers():
                if not self.supervised() or time.monotonic() > give_up:
                    user.close()
                    tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
                    message = f"PostgreSQL did not start; the end of {self.log}:\n{tail}"
                    raise ServerError(message)
                time.sleep(0.05)
        return user

    def supervised(self) -> bool:
        """Whether a supervisor is at work."""
        if (lock := try_lock(self.supervisor)) is None:
            return True
        lock.close()
        return False

    def stop(self, *, even_if_used: bool = False) -> bool:
        """End supervisor and server, unless somebody uses it; return whether it is down."""
        if not self.folder.exists():
            return True
        alone = try_lock(self.users)
        if alone is None and not even_if_used:
            return False
        with locked(self.folder / "start.lock"):
            if self.supervised():
                os.kill(int(self.supervisor.read_text()), signal.SIGTERM)
            while self.supervised():
                time.sleep(0.05)
            # A supervisor that was killed has left its server behind.
            for pid in processes(marker(self.folder)).postmasters:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            while processes(marker(self.folder)).all:
                time.sleep(0.05)
        if alone:
            alone.close()
        return True


def server(kind: str) -> Server:
    """Return the server of `make run` (kind "run") or of `make test` (kind "test")."""
    return Server((test_folder() if kind == "test" else state_folder()) / kind)


def read_known(folder: Path) -> dict[str, str | int]:
    """Read port and passwords."""
    known: dict[str, str | int] = json.loads((folder / "server.json").read_text())
    return known


def write_known(folder: Path, known: dict[str, str | int]) -> None:
    """Keep port and passwords, readable by ourselves only, in one step."""
    new = folder / "server.json.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file)
    new.rename(folder / "server.json")


# --- processes ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Processes:
    """The live processes of one server: all of them, and the one that started the others."""

    all: list[int]
    postmasters: list[int]


def marker(folder: Path) -> str:
    """Return what stands in the command line of every process of this server (cluster_name)."""
    return "valueboard-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def processes(mark: str) -> Processes:
    """Find the live processes of a server. Zombies have no command line and so don't count.

    Where there is no /proc, nothing is found, and PostgreSQL's own checks have to do.
    """
    parents: dict[int, int] = {}
    started: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if mark.encode() in line and folder.stat().st_uid == server_user().pw_uid:
                pid = int(folder.name)
                # After the program's name in parentheses: state, parent, …
                parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if f"cluster_name={mark}".encode() in line:
                    started.add(pid)
    # A backend looks like its postmaster until it has given itself a title.
    postmasters = [pid for pid in started if parents[pid] not in started]
    return Processes(list(parents), postmasters)


def server_user() -> pwd.struct_passwd:
    """Return the account that PostgreSQL runs under."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def main() -> None:
    """Answer `python -m devtools.postgres stop|url`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("stop", help="stop both servers, even if they are in use")
    url = commands.add_parser("url", help="print the address of a database that is up")
    url.add_argument("kind", choices=["run", "test"])
    url.add_argument("--role", choices=[OWNER, APPLICATION], default=APPLICATION)
    url.add_argument("--database", default="valueboard")
    given = parser.parse_args()
    if given.command == "stop":
        for kind in ("run", "test"):
            server(kind).stop(even_if_used=True)
    else:
        print(server(given.kind).url(given.role, given.database))


if __name__ == "__main__":
    try:
        main()
    except ServerError as error:
        sys.exit(str(error))
