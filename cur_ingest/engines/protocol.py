"""What reading a delivery needs of an engine.

Queries are written once, in DuckDB's dialect of SQL or as an Ibis expression; an engine of another
dialect translates them. Types are named in DuckDB's words too.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

# On this machine, or an address such as s3://bucket/key.
File = Path | str
Columns = Mapping[str, str]  # name as written -> DuckDB type, of one file


class Engine(Protocol):
    """One delivery's worth of an engine: what it defines and holds ends with its block."""

    # What it raises when files or values aren't as the query takes them.
    errors: tuple[type[Exception], ...]

    @staticmethod
    def reads_in_place() -> bool:
        """Whether it is given files where they lie, and not copies on this machine."""
        ...

    def columns(self, file: File) -> Columns:
        """Return the columns of a file."""
        ...

    def files(self, paths: Sequence[File]) -> str:
        """Return what stands after FROM to read files of one schema."""
        ...

    def define(self, name: str, query: str) -> None:
        """Give a query a name, as a view."""
        ...

    def hold(self, name: str, query: ir.Table) -> None:
        """Compute a query and keep its rows under a name, instead of what the name held."""
        ...

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Return the few rows of a query."""
        ...

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Stream the many rows of a query."""
        ...


def named(column: str) -> str:
    """Return the name of a column as SQL has it, whatever signs it holds."""
    return '"' + column.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Return text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
