"""DuckDB, embedded: memory bounded, spilling to disk, UTC."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from cur_ingest.engines.protocol import Columns, File, quoted
from cur_ingest.scratch import scratch

MEMORY_LIMIT = "500MB"
BATCH_ROWS = 20_000


class DuckDB:
    """An `Engine` inside this process."""

    errors: tuple[type[Exception], ...] = (duckdb.Error,)

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Hold a database of its own, in memory, until the block ends."""
        with scratch() as spill:
            settings: dict[str, str | bool | int | float | list[str]] = {
                "memory_limit": MEMORY_LIMIT,
                # Each file is read once, and the cache would fill the limit.
                "enable_external_file_cache": False,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
            with duckdb.connect(config=settings) as connection:
                # Else timestamps with a time zone become days of this machine's own zone.
                connection.execute("SET TimeZone = 'UTC'")
                yield cls(connection)

    @staticmethod
    def reads_in_place() -> bool:
        """Whether files are read where they lie: no, DuckDB's S3 client comes by download."""
        return False

    def columns(self, file: File) -> Columns:
        """Return the columns of a file."""
        rows = self.rows(f"DESCRIBE FROM {self.files([file])}")
        return {str(row[0]): str(row[1]) for row in rows}

    def files(self, paths: Sequence[File]) -> str:
        """Return what stands after FROM to read files of one schema."""
        # Without hive_partitioning=false the folder names of a path become columns.
        names = ", ".join(quoted(str(path)) for path in paths)
        return f"read_parquet([{names}], hive_partitioning=false)"

    def define(self, name: str, query: str) -> None:
        """Give a query a name, as a view."""
        self._connection.execute(f"CREATE VIEW {name} AS {query}")

    def hold(self, name: str, query: ir.Table) -> None:
        """Compute a query and keep its rows under a name, instead of what the name held."""
        text = ibis.to_sql(query, dialect="duckdb")
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}")

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Return the few rows of a query."""
        return self._connection.execute(query).fetchall()

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Stream the many rows of a query."""
        yield from self._connection.sql(query).to_arrow_reader(BATCH_ROWS)
