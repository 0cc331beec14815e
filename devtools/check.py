"""`make check`: every static check, a line for each; what failed is shown in full at the end.

Arguments name the checks to run, e.g. `make check ARGS="mypy ruff"`; none means all.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from devtools import bootstrap

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
# No check connects; a port that refuses at once would show it if one tried.
NO_DATABASE = {"DATABASE_URL": "postgresql://vb_app:none@127.0.0.1:1/none"}
TEST = {**NO_DATABASE, "VALUEBOARD_ENVIRONMENT": "test"}
PRODUCTION = {
    **NO_DATABASE,
    "VALUEBOARD_ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "valueboard.example",
    "BASE_URL": "https://valueboard.example",
    "EMAIL_URL": "submission://user:password@mail.example:587",
}


@dataclass(frozen=True)
class Check:
    """A command that ends with 0 where all is well."""

    name: str
    command: Sequence[str | Path]
    environment: dict[str, str] = field(default_factory=dict)


def checks() -> list[Check]:
    """Return all checks, the slow ones first."""
    uv = bootstrap.find_uv()
    npm = bootstrap.find_npm(uv)
    templates = sorted((bootstrap.CLONE / "templates").rglob("*.html"))
    return [
        Check("mypy", [BIN / "mypy"], TEST),
        Check("deploy", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Check("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], TEST),
        Check("ruff", [BIN / "ruff", "check", "--quiet", "--output-format=concise"]),
        Check("format", [BIN / "ruff", "format", "--check", "--output-format=concise"]),
        Check("imports", [BIN / "lint-imports"]),
        Check("layers", [sys.executable, "-m", "devtools.layers", "--check"]),
        Check("djangofmt", [BIN / "djangofmt", "--check", "templates"]),
        Check("djade", [BIN / "djade", "--check", "--", *templates]),
        Check("uv.lock", [uv, "lock", "--check", "--offline", "--quiet"]),
        Check("package-lock", [*npm, "ls", "--package-lock-only", "--all", "--loglevel=error"]),
    ]


def run(check: Check) -> str | None:
    """Run one check, print its line, and return what it said if it failed."""
    start = time.monotonic()
    done = subprocess.run(
        check.command, cwd=bootstrap.CLONE, env={**os.environ, **check.environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    failed = done.returncode != 0
    print(f"{'✗' if failed else '✓'} {check.name:13} {time.monotonic() - start:4.1f} s", flush=True)
    return f"\n--- {check.name}\n{done.stdout.strip()}" if failed else None


def main() -> None:
    """Run the checks that the arguments name, or all of them."""
    wanted = sys.argv[1:]
    every = checks()
    if unknown := set(wanted) - {check.name for check in every}:
        sys.exit(f"No such check: {', '.join(sorted(unknown))}")
    chosen = [check for check in every if not wanted or check.name in wanted]
    with ThreadPoolExecutor(max_workers=2) as pool:
        failures = [failure for failure in pool.map(run, chosen) if failure]
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
