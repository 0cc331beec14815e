"""Make what is missing: uv, the locked Python environment, the front-end build.

Runs under any Python from 3.11, with nothing installed; every step that is up to date is skipped,
so that a second start takes a second. What it makes lies in .bootstrap/, .venv/, node_modules/ and
static/dist/, all git-ignored.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
OWN = CLONE / ".bootstrap"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
SPARK = ["--extra", "spark"]


class BootstrapError(Exception):
    """Something can't be made; the message says what to install."""


def say(message: str) -> None:
    """Tell what is being made; silent where nothing is."""
    print(f"· {message}", flush=True)


def run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    """Run a command in the clone."""
    subprocess.run(command, cwd=CLONE, env={**os.environ, **(environment or {})}, check=True)


def find_uv() -> Path:
    """Return uv from PATH, else from an environment of our own, made now if need be."""
    if found := shutil.which("uv"):
        return Path(found)
    uv = OWN / "venv/bin/uv"
    if not uv.exists():
        say("uv, into .bootstrap/")
        make_environment(OWN / "venv")
        run(OWN / "venv/bin/python", "-m", "pip", "install", "--quiet", "uv")
    return uv


def make_environment(folder: Path) -> None:
    """Make a virtual environment with pip; stock Debian lacks what that takes, so install it."""
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.getuid() != 0 or not shutil.which("apt-get"):
        message = (
            "This Python has no venv module with pip. Install it (on Debian and Ubuntu: "
            f"apt-get install {package}) or put uv on PATH, then try again."
        )
        raise BootstrapError(message)
    say(f"{package}, by apt-get")
    install_debian_package(package)
    run(*command)


def install_debian_package(*packages: str) -> None:
    """Install packages with apt-get; we are root."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", environment=quiet)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, environment=quiet)


def sync(uv: Path, environment: Path, *options: str) -> None:
    """Make a Python environment as uv.lock says; on this very Python if there is none yet."""
    python = environment / "bin/python"
    if not python.exists():
        say(f"Python environment, into {environment.relative_to(CLONE)}/")
        python = Path(getattr(sys, "_base_executable", sys.executable))
    settings = {
        "UV_PROJECT_ENVIRONMENT": str(environment),
        "UV_PYTHON": str(python),
        # A Python that the machine has, never a download behind the developer's back.
        "UV_PYTHON_DOWNLOADS": "never",
    }
    run(uv, "sync", "--locked", "--quiet", *options, environment=settings)


def add_spark() -> None:
    """Have Spark in the environment, for the tests; it stays there from now on."""
    if not spark():
        say("Spark, into .venv/")
        sync(find_uv(), CLONE / ".venv", *SPARK)


def spark() -> list[str]:
    """Return the option that keeps Spark, 450 MB, where the environment has it already."""
    there = (CLONE / ".venv").glob("lib/python3*/site-packages/pyspark")
    return SPARK if any(there) else []


def front_end_stamp() -> tuple[str, str]:
    """Return hashes of the packages, and of our sources, that the front end is built from."""
    packages = [CLONE / "package.json", CLONE / "package-lock.json", CLONE / ".npmrc"]
    sources = [*(CLONE / "frontend").rglob("*"), *(CLONE / "static/css").rglob("*")]
    return _hash(packages), _hash(sources)


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            digest.update(str(path.relative_to(CLONE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def find_npm(uv: Path) -> list[str | Path]:
    """Return the command for npm: with Node from PATH, else with the one in a Python wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = version.stdout.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= OLDEST_NODE:
            return [npm]
    say("Node from a wheel, since PATH has none (or one that is too old)")
    # An environment of its own: `uv sync` would take the wheel out of .venv again.
    sync(uv, OWN / "node", "--only-group", "node")
    os.environ["PATH"] = f"{OWN / 'node/bin'}{os.pathsep}{os.environ['PATH']}"
    return [OWN / "node/bin/npm"]


def build_front_end(uv: Path) -> None:
    """Install the locked packages and build static/dist/, unless that was done already."""
    if not (CLONE / "package.json").exists():
        return
    stamp_file, built = OWN / "front-end.stamp", CLONE / "static/dist/valueboard.css"
    packages, sources = front_end_stamp()
    last = stamp_file.read_text().split() if stamp_file.exists() else []
    if built.exists() and last == [packages, sources]:
        return
    npm = find_npm(uv)
    if packages not in last or not (CLONE / "node_modules").exists():
        say("packages of the front end, into node_modules/")
        run(*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    say("front end, into static/dist/")
    run(*npm, "run", "--silent", "build")
    stamp_file.write_text(f"{packages}\n{sources}\n")


def main() -> None:
    """Make everything that is missing, one process at a time."""
    if sys.version_info < OLDEST_PYTHON:
        message = f"Python {sys.version.split()[0]} is too old; ValueBoard needs 3.11 or newer."
        raise BootstrapError(message)
    OWN.mkdir(exist_ok=True)
    with (OWN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        uv = find_uv()
        sync(uv, CLONE / ".venv", *spark())
        build_front_end(uv)


if __name__ == "__main__":
    try:
        main()
    except BootstrapError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
