"""Taking one guard of the product away, for a whole test process.

`VALUEBOARD_WITHOUT=<name of a guard>` has pytest run without it: a line of the source is read as
something else when its module is imported, or the owner changes each new test database. Nothing
on the disk is touched. No Django here: this is imported before it is set up.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "VALUEBOARD_WITHOUT"


@dataclass(frozen=True, slots=True)
class Line:
    """A guard in the source: `guard`, found once in an app, is read as `without`."""

    app: str
    guard: str
    without: str

    @property
    def path(self) -> Path:
        """Return the file that it stands in; raise `LookupError` where it isn't one."""
        sources = {
            path: path.read_text(encoding="utf-8") for path in (ROOT / self.app).rglob("*.py")
        }
        found = [path for path, source in sources.items() for _ in range(source.count(self.guard))]
        if len(found) != 1:
            message = f"{self.app}/ has {len(found)} times: {self.guard}"
            raise LookupError(message)
        return found[0]

    @property
    def module(self) -> str:
        """Return the name of the module that it stands in."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True, slots=True)
class Sql:
    """A guard in the database, and the owner's statement that removes it."""

    statement: str


@dataclass(frozen=True, slots=True)
class Function:
    """A guard inside a function of the database: `guard`, found there, becomes `without`."""

    name: str
    guard: str
    without: str

    @property
    def statement(self) -> str:
        """Return the owner's statement that replaces the function by a weaker one."""
        return f"""
            DO $outer$
            DECLARE
                whole text := pg_get_functiondef('{self.name}'::regproc);
            BEGIN
                IF strpos(whole, $old${self.guard}$old$) = 0 THEN
                    RAISE EXCEPTION 'no such text in {self.name}';
                END IF;
                EXECUTE replace(whole, $old${self.guard}$old$, $new${self.without}$new$);
            END $outer$
        """


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: its name, how it is removed, and the tests that must go red without it."""

    name: str
    removal: Line | Sql | Function
    red: tuple[str, ...]


class _Loader(SourceFileLoader):
    """Compiles a module without its guard, past any cached bytecode."""

    def __init__(self, fullname: str, path: str, line: Line) -> None:
        super().__init__(fullname, path)
        self.line = line

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - Python's signature
        """Return the code of the module without the guard."""
        source = Path(self.path).read_text(encoding="utf-8")
        without = source.replace(self.line.guard, self.line.without)
        code: CodeType = self.source_to_code(without, self.path)
        return code


class _Finder(MetaPathFinder):
    """Finds the one module whose guard is removed."""

    def __init__(self, line: Line) -> None:
        self.line, self.module = line, line.module

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how that module is loaded; leave all others to Python."""
        spec = PathFinder.find_spec(fullname, path) if fullname == self.module else None
        if spec and spec.origin:
            spec.loader = _Loader(fullname, spec.origin, self.line)
        return spec


def remove_from_source(guard: Guard | None) -> None:
    """Have the guard's module imported without it; do so before anything imports it."""
    if guard and isinstance(guard.removal, Line):
        if guard.removal.module in sys.modules:
            message = f"{guard.removal.module} is imported already, guard included."
            raise RuntimeError(message)
        sys.meta_path.insert(0, _Finder(guard.removal))


def asked_for() -> str:
    """Return the name of the guard that this process does without, empty for none."""
    return os.environ.get(VARIABLE, "")


def tests_in(path: str) -> Callable[..., tuple[str, ...]]:
    """Return what makes the ids of tests in a file under tests/ from their names."""
    return lambda *names: tuple(f"tests/{path}::{name}" for name in names)
